using ChatMvc.Completions;
using ChatMvc.Shared;
using ChatMvc.Sms;

namespace ChatMvc.Operators.Overview;

/// <summary>Something that an operator has to look after.</summary>
/// <param name="Name">For whoever looks for it in the page.</param>
/// <param name="Words">What is wrong, and what it means.</param>
/// <param name="Page">Of ours, where something can be done or seen; null where there is none.</param>
/// <param name="Chapter">A word that stands in the title of the handbook's chapter.</param>
public sealed record Alarm(string Name, string Words, (string Url, string Name)? Page, string Chapter)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan OldestBackup = TimeSpan.FromDays(2);
    /// <summary>Stripe's events are refused at five minutes.</summary>
    public static readonly TimeSpan ClockMayBeOff = TimeSpan.FromMinutes(1);
    private const decimal NearCeiling = .9m;

    private static readonly (string, string) Settings = ("/ops/settings", "Settings");
    private static readonly (string, string) Inbox = ("/ops/inbox", "Inbox");
    private static readonly (string, string) Jobs = ("/ops/jobs", "Jobs");

    /// <summary>Those that are up, the gravest first.</summary>
    public static IReadOnlyList<Alarm> Of(OverviewFigures now) => [.. All(now).OfType<Alarm>()];

    private static IEnumerable<Alarm?> All(OverviewFigures now) =>
    [
        When(now.Upstream.IsFailing(AnswerFailure.KeyRefused), "key", "The models’ provider refuses this server’s key: nothing is answered. Set another one and start the server again.", Settings, "upstream"),
        When(now.Upstream.IsFailing(AnswerFailure.QuotaUsed), "quota", "This server’s account with the models’ provider is used up: nothing is answered. Pay it up there.", Settings, "upstream"),
        When(now.Disk.IsNearlyFull, "disk", $"The disk is nearly full: {Sizes.InWords(now.Disk.Free)} of {Sizes.InWords(now.Disk.Total)} are free. When it is full, nothing can be sent.", null, "disk"),
        When(HasOldBackup(now), "backup", now.Backup is { } made ? $"The newest backup is {Times.InWords(now.Now - made.At)} old." : "There is no backup.", null, "backup"),
        When(now.SpentToday.Micros >= now.Ceiling.Micros * NearCeiling, "ceiling", $"{now.SpentToday} of the {now.Ceiling} that this server may spend in a day are spent or promised: what goes beyond is refused until midnight UTC.", Settings, "ceiling"),
        When(now.Sms.LooksLikePumping, "pumping", $"Of {now.Sms.Codes} codes sent within a day only {now.Sms.UsedCodes} were used: somebody may have them sent to earn from them.", Inbox, "pumping"),
        When(now.Sms.Sent >= now.Sms.Cap * SmsOutbox.NewcomersShare, "sms", $"{now.Sms.Sent} of {now.Sms.Cap} text messages are used within a day: numbers without an account are sent none now.", Settings, "SMS"),
        When(now.Webhooks.Parked > 0, "parked", $"{Count(now.Webhooks.Parked, "webhook waits", "webhooks wait")} for somebody to look at: what Stripe says does not fit what is known here.", Inbox, "webhook"),
        When(now.Webhooks.Failed > 0, "failed", $"{Count(now.Webhooks.Failed, "webhook was", "webhooks were")} given up after a day of attempts.", Inbox, "webhook"),
        When(now.Jobs is null, "jobs", "The job store cannot be read: answers come late, if at all.", Jobs, "job"),
        When(now.Jobs is { Dead: > 0 }, "dead", $"{Count(now.Jobs?.Dead ?? 0, "job is", "jobs are")} dead: the engine could not begin it and tries no more.", Jobs, "job"),
        When(now.Jobs?.OldestWaiting > LongestWait, "waiting", $"The oldest job that is due has waited for {Times.InWords(now.Jobs?.OldestWaiting ?? default)}.", Jobs, "job"),
        When(now.Upstream.ClockAhead.Duration() > ClockMayBeOff, "clock", $"This server’s clock and that of the models’ provider are {Times.InWords(now.Upstream.ClockAhead.Duration())} apart: codes and payments may be refused.", null, "clock"),
        When(now.Maintenance is not null, "maintenance", "Maintenance is on: no new messages are taken and no accounts opened.", Settings, "maintenance"),
    ];

    private static Alarm? When(bool isUp, string name, string words, (string, string)? page, string chapter) => isUp ? new(name, words, page, chapter) : null;

    private static bool HasOldBackup(OverviewFigures now) => now.Now - (now.Backup?.At ?? now.InUseSince ?? now.Now) >= OldestBackup;

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
