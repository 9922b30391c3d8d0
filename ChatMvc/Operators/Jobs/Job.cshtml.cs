using ChatMvc.Accounts;
using ChatMvc.Jobs;
using ChatMvc.Operators.Audit;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Operators.Jobs;

/// <summary>All that is stored and remembered about one id of one kind, and what can be done with it.</summary>
public sealed class JobModel(JobBoard board, AuditLog audit, CurrentUser me, SiteSettings site) : OpsPage
{
    private const int Shown = 50;
    private const int MaxName = 150; // characters, Quartz's

    public string Kind { get; private set; } = "";
    /// <summary>What the job is about.</summary>
    public string Id { get; private set; } = "";
    public IReadOnlyList<JobLine> Lines { get; private set; } = [];
    /// <summary>The page of older runs; null on the last.</summary>
    public string? Next { get; private set; }
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);

    public async Task<IActionResult> OnGetAsync(string? kind, string? id, string? before, CancellationToken cancellation)
    {
        if (kind is not { Length: > 0 and <= JobRow.MaxKind } || id is not { Length: > 0 and <= MaxName }) return NotFound();
        await ShowAsync(kind, id, JobMark.TryParse(before), cancellation);
        return Lines.Count == 0 && ViewData["Error"] is null ? NotFound() : Page();
    }

    public Task<IActionResult> OnPostRetryAsync(string? kind, string? name, CancellationToken cancellation) =>
        DoAsync(kind, name, board.RetryAsync, new Deed("retry job", About(kind, name)),
            "The job was rung again.", "Nothing here runs jobs of that kind any more.", cancellation);

    public Task<IActionResult> OnPostCancelAsync(string? kind, string? name, CancellationToken cancellation) =>
        DoAsync(kind, name, board.CancelAsync, new Deed("cancel job", About(kind, name)),
            "The run was told to end. An answer keeps what was written; other work may be rung again by a sweep, unless its kind is paused.", "That job does not run now.", cancellation);

    public Task<IActionResult> OnPostDeleteAsync(string? kind, string? name, CancellationToken cancellation) =>
        DoAsync(kind, name, board.DeleteAsync, new Deed("delete job", About(kind, name)),
            "The job was deleted.", "That job has begun or is gone.", cancellation);

    private async Task<IActionResult> DoAsync(
        string? kind, string? name, Func<string, string, CancellationToken, Task<bool>> deed, Deed note, string done, string refused, CancellationToken cancellation)
    {
        if (kind is not { Length: > 0 and <= JobRow.MaxKind } || name is not { Length: > 0 and <= MaxName }) return NotFound();
        try
        {
            if (await deed(kind, name, cancellation))
            {
                await audit.NoteAsync(note, CancellationToken.None);
                return Done("/ops/jobs", done);
            }
        }
        catch (JobsUnavailableException)
        {
            refused = JobWords.Unusable;
        }
        await ShowAsync(kind, JobLine.IdOf(name), null, cancellation);
        Refuse(refused);
        return Page();
    }

    private async Task ShowAsync(string kind, string id, JobMark? behind, CancellationToken cancellation)
    {
        (Kind, Id) = (kind, id);
        try
        {
            var page = await board.FindAsync(kind, id, behind, Shown, cancellation);
            Lines = page.Lines;
            if (page.Next is { } next) Next = JobRow.UrlOf(kind, id) + "&before=" + Uri.EscapeDataString(next.ToString());
        }
        catch (JobsUnavailableException)
        {
            Refuse(JobWords.Unusable);
        }
    }

    private static string About(string? kind, string? name) => $"job {kind} {JobLine.IdOf(name ?? "")}";
}
