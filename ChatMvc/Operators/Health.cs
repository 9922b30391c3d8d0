using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators;

/// <summary>What a proxy or a monitor asks.</summary>
public static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n")).AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).AllowAnonymous();
    }

    // Ready is who can write: an empty transaction through the gate that every send passes.
    private static async Task<IResult> ReadyAsync(ChatDb db, JobQueue jobs, CancellationToken aborted)
    {
        if (!jobs.IsOpen) return NotReady("the job store is not open");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(Patience);
        try
        {
            await db.WriteAsync(() => db.Database.ExecuteSqlRawAsync("PRAGMA user_version", limit.Token), limit.Token);
            return Results.Text("ready\n");
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            return NotReady("the database cannot be written to");
        }
    }

    private static IResult NotReady(string why) => Results.Text(why + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
