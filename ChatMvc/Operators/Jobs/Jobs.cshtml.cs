using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Jobs;
using ChatMvc.Operators.Audit;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Operators.Jobs;

/// <summary>What the jobs do: figures, kinds, recurring ones, and lists in pages.</summary>
public sealed class JobsModel(JobBoard board, AuditLog audit, CurrentUser me, SiteSettings site, TimeProvider time) : OpsPage
{
    private const string Here = "/ops/jobs";
    private const int Shown = 50;

    /// <summary>The places of a job's life that have a list, in their order; null for all runs that ended.</summary>
    public static readonly IReadOnlyList<JobStanding?> Lists = [null, JobStanding.Running, JobStanding.Waiting, JobStanding.Scheduled, JobStanding.Failed, JobStanding.Cancelled, JobStanding.Dead];

    /// <summary>Null while the store cannot be read.</summary>
    public JobOverview? Overview { get; private set; }
    public IReadOnlyList<RecurringStanding> Recurring => board.Recurring;
    public JobStanding? State { get; private set; }
    /// <summary>The one that is asked for; null for all.</summary>
    public string? Kind { get; private set; }
    public IReadOnlyList<JobLine> Lines { get; private set; } = [];
    /// <summary>The page of older ones; null on the last.</summary>
    public string? Next { get; private set; }
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>This list without its page, of any state.</summary>
    public string ListOf(JobStanding? state) => $"{Here}?state={JobWords.Slug(state)}{(Kind is null ? "" : "&kind=" + Uri.EscapeDataString(Kind))}";

    public async Task OnGetAsync(string? state, string? kind, string? before, CancellationToken cancellation)
    {
        State = Lists.FirstOrDefault(s => JobWords.Slug(s) == state);
        Kind = string.IsNullOrWhiteSpace(kind) || kind.Length > JobRow.MaxKind ? null : kind.Trim();
        await ShowAsync(JobMark.TryParse(before), cancellation);
    }

    public async Task<IActionResult> OnPostPauseAsync(string? kind, CancellationToken cancellation) =>
        await TryAsync(() => board.PauseAsync(kind ?? "", string.Create(CultureInfo.InvariantCulture, $"person {me.Id}"), cancellation))
            ? await DoneAsync(new Deed("pause jobs", $"jobs {kind}", "running", "paused"), $"Jobs of the kind {kind} wait from now on. What runs goes on.")
            : await RefusedAsync("There is no such kind of job.", cancellation);

    public async Task<IActionResult> OnPostResumeAsync(string? kind, CancellationToken cancellation) =>
        await TryAsync(() => board.ResumeAsync(kind ?? "", cancellation))
            ? await DoneAsync(new Deed("resume jobs", $"jobs {kind}", "paused", "running"), $"Jobs of the kind {kind} run again.")
            : await RefusedAsync("That kind is not paused.", cancellation);

    public async Task<IActionResult> OnPostRunNowAsync(string? kind, CancellationToken cancellation) =>
        board.RunNow(kind ?? "")
            ? await DoneAsync(new Deed("run now", $"recurring {kind}"), $"{kind} runs now.")
            : await RefusedAsync("There is no such recurring job.", cancellation);

    public async Task<IActionResult> OnPostPauseRoundsAsync(string? kind, CancellationToken cancellation) =>
        board.PauseRounds(kind ?? "", isPaused: true)
            ? await DoneAsync(new Deed("pause rounds", $"recurring {kind}", "running", "paused"), $"{kind} is paused until you resume it or the server starts anew.")
            : await RefusedAsync("There is no such recurring job.", cancellation);

    public async Task<IActionResult> OnPostResumeRoundsAsync(string? kind, CancellationToken cancellation) =>
        board.PauseRounds(kind ?? "", isPaused: false)
            ? await DoneAsync(new Deed("resume rounds", $"recurring {kind}", "paused", "running"), $"{kind} runs again at its next time.")
            : await RefusedAsync("There is no such recurring job.", cancellation);

    private async Task<IActionResult> DoneAsync(Deed deed, string words)
    {
        await audit.NoteAsync(deed, CancellationToken.None);
        return Done(Here, words);
    }

    private async Task<IActionResult> RefusedAsync(string why, CancellationToken cancellation)
    {
        await ShowAsync(null, cancellation);
        Refuse(Overview is null ? JobWords.Unusable : why);
        return Page();
    }

    private async Task ShowAsync(JobMark? behind, CancellationToken cancellation)
    {
        try
        {
            Overview = await board.OverviewAsync(cancellation);
            var page = await board.ListAsync(State, Kind, behind, Shown, cancellation);
            Lines = page.Lines;
            if (page.Next is { } next) Next = ListOf(State) + "&before=" + Uri.EscapeDataString(next.ToString());
        }
        catch (JobsUnavailableException)
        {
            Overview = null;
        }
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> deed)
    {
        try
        {
            return await deed();
        }
        catch (JobsUnavailableException)
        {
            return false;
        }
    }
}
