using System.Security.Cryptography;
using System.Text;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Health;

/// <summary>What a proxy or a monitor asks.</summary>
public static class HealthRoutes
{
    private const string Bearer = "Bearer ";

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<MetricSettings>();
        builder.Services.AddSingleton<DiskSpace>().AddSingleton<StateFigures>().AddSingleton<MetricStore>().AddScoped<Readiness>();
    }

    public static void MapHealth(this WebApplication app)
    {
        // Counting begins before the first request does.
        _ = app.Services.GetRequiredService<MetricStore>();
        app.MapGet("/healthz", () => Results.Text("ok\n")).AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).AllowAnonymous();
        app.MapGet("/metrics", MetricsAsync).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken aborted) =>
        await readiness.ProblemAsync(aborted) is { } problem
            ? Results.Text(problem + "\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready\n");

    private static async Task<IResult> MetricsAsync(HttpContext http, MetricSettings settings, MetricStore metrics, StateFigures figures)
    {
        if (!Loopback.Is(http) && !HasToken(http.Request, settings.Token)) return Results.NotFound();
        await figures.RefreshAsync(http.RequestAborted);
        return Results.Text(metrics.Tell(), "text/plain; version=0.0.4; charset=utf-8");
    }

    private static bool HasToken(HttpRequest request, string? token) =>
        token is not null && request.Headers.Authorization.ToString() is var given && given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given[Bearer.Length..].Trim()), Encoding.UTF8.GetBytes(token));
}
