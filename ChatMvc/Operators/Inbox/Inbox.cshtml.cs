using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Stripe;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Inbox;

/// <summary>What got stuck on its way in or out: webhooks that wait for somebody, and text messages that failed.</summary>
public sealed class InboxModel(ChatDb db, AuditLog audit, Bell bell, BillingSettings billing, CurrentUser me, SiteSettings site, TimeProvider time) : OpsPage
{
    public const int Shown = 50;
    private const string Here = "/ops/inbox";

    public IReadOnlyList<WebhookEvent> Stuck { get; private set; } = [];
    public int StuckCount { get; private set; }
    public IReadOnlyList<WebhookEvent> SetAside { get; private set; } = [];
    public IReadOnlyList<SmsMessage> FailedSms { get; private set; } = [];
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);
    /// <summary>The event whose reason was refused, and what was typed.</summary>
    public (string Id, string Typed)? Wrong { get; private set; }

    public static string Masked(SmsMessage sms) => PhoneNumber.Parse(sms.To).Masked;

    /// <summary>Whether Stripe can be asked of it.</summary>
    public bool CanTryAgain(WebhookEvent stuck) => stuck.ObjectId is not null && billing.Provider == BillingProvider.Stripe;

    public async Task<IActionResult> OnGetAsync(string? handler, CancellationToken cancellation) =>
        handler is null ? await ShowAsync(cancellation) : NotFound();

    /// <summary>Has Stripe asked anew, by the same job as when the event came.</summary>
    public async Task<IActionResult> OnPostAgainAsync(string? id, CancellationToken cancellation)
    {
        var reopened = await db.WriteAsync(async () =>
        {
            if (await FindStuckAsync(id, cancellation) is not { } stuck || !CanTryAgain(stuck)) return false;
            audit.Note(new Deed("try again", $"webhook {stuck.Id}", $"{stuck.State}: {stuck.Reason}", nameof(WebhookState.Received)));
            stuck.Reopen();
            return true;
        }, cancellation);
        if (!reopened) return await RefuseAsync(NotStuck, cancellation);
        await bell.RingAsync<StripeEventJob>(id!);
        return Done(Here, "Stripe is asked anew. If it gets stuck again, it comes back here.");
    }

    public async Task<IActionResult> OnPostAsideAsync(string? id, string? reason, CancellationToken cancellation)
    {
        reason = TypedNotice.Read(reason);
        if (reason is null or { Length: > WebhookEvent.MaxReason })
        {
            Wrong = (id ?? "", reason ?? "");
            return await RefuseAsync($"Say in at most {WebhookEvent.MaxReason} characters why nothing is to come of it.", cancellation);
        }
        var isDone = await db.WriteAsync(async () =>
        {
            if (await FindStuckAsync(id, cancellation) is not { } stuck) return false;
            audit.Note(new Deed("set aside", $"webhook {stuck.Id}", $"{stuck.State}: {stuck.Reason}", nameof(WebhookState.SetAside), reason));
            stuck.End(new SyncOutcome(WebhookState.SetAside, reason), time.GetUtcNow());
            return true;
        }, cancellation);
        return isDone ? Done(Here, "It is set aside, with your reason.") : await RefuseAsync(NotStuck, cancellation);
    }

    private const string NotStuck = "This webhook does not wait here any more, or cannot be tried again. The list is as it is now.";

    private Task<WebhookEvent?> FindStuckAsync(string? id, CancellationToken cancellation) =>
        db.WebhookEvents.SingleOrDefaultAsync(e => e.Id == id && (e.State == WebhookState.Parked || e.State == WebhookState.Failed), cancellation);

    private Task<IActionResult> RefuseAsync(string why, CancellationToken cancellation)
    {
        Refuse(why);
        return ShowAsync(cancellation);
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation)
    {
        var events = db.WebhookEvents.AsNoTracking();
        var stuck = events.Where(e => e.State == WebhookState.Parked || e.State == WebhookState.Failed);
        Stuck = await stuck.OrderByDescending(e => e.ReceivedAt).Take(Shown).ToListAsync(cancellation);
        StuckCount = Stuck.Count < Shown ? Stuck.Count : await stuck.CountAsync(cancellation);
        SetAside = await events.Where(e => e.State == WebhookState.SetAside).OrderByDescending(e => e.EndedAt).Take(Shown).ToListAsync(cancellation);
        FailedSms = await db.SmsMessages.AsNoTracking().Where(s => s.State == SmsState.Failed || s.State == SmsState.Unknown || s.State == SmsState.Undelivered)
            .OrderByDescending(s => s.CreatedAt).Take(Shown).ToListAsync(cancellation);
        return Page();
    }
}
