using System.Text.RegularExpressions;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>Takes Stripe's events in: a row each, and a job for those that are acted on.</summary>
public sealed partial class StripeInbox(ChatDb db, Bell bell, CreditLedger ledger, TimeProvider time, ILogger<StripeInbox> logger)
{
    private const string Thin = "v2.core.event";

    /// <summary>Whether it names itself in a way that can be kept. Its id goes into jobs and addresses.</summary>
    public static bool IsReadable(EventObject told) => told is { Id: { } id, Type: { } type }
        && Name().IsMatch(id) && TypeName().IsMatch(type) && (told.ObjectId is null || Name().IsMatch(told.ObjectId));

    /// <summary>Stores those that were never seen and has them worked on.</summary>
    /// <param name="told">Each is readable.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> TakeAsync(IReadOnlyList<EventObject> told, CancellationToken cancellation)
    {
        var ids = told.Select(e => e.Id!).ToList();
        // Without waiting for the turn to write: most repetitions end here.
        if (await db.WebhookEvents.CountAsync(e => ids.Contains(e.Id), cancellation) == ids.Distinct().Count()) return 0;
        var taken = await db.WriteAsync(async () =>
        {
            var known = await db.WebhookEvents.Where(e => ids.Contains(e.Id)).Select(e => e.Id).ToHashSetAsync(cancellation);
            var rows = told.Where(e => known.Add(e.Id!)).Select(RowOf).ToList();
            db.WebhookEvents.AddRange(rows);
            return rows;
        }, cancellation);
        if (taken.Exists(row => row.State == WebhookState.Received)) Steps.Reached(Steps.WebhookStored);
        foreach (var row in taken) await TellAsync(row);
        return taken.Count;
    }

    private WebhookEvent RowOf(EventObject told)
    {
        var now = time.GetUtcNow();
        var row = new WebhookEvent(told.Id!, told.Type!, told.ObjectId, told.Livemode, told.ApiVersion, StripeJson.Time(told.Created), now);
        if (Settled(told) is { } outcome) row.End(outcome, now);
        return row;
    }

    // What needs no question to Stripe.
    private SyncOutcome? Settled(EventObject told) =>
        told.Form == Thin ? SyncOutcome.Parked("It is a thin event, which belongs to another endpoint.")
        : told.Livemode != ledger.LiveMode ? SyncOutcome.Parked("It is of the other mode than this server.")
        : EventTypes.SubjectOf(told.Type!) is null ? SyncOutcome.Ignored("Events of its type change nothing here.")
        : told.ObjectId is null ? SyncOutcome.Parked("It does not say what it is about.")
        : null;

    private async Task TellAsync(WebhookEvent row)
    {
        if (row.ApiVersion is { } version && !IsOurTrain(version)) StripeLog.ForeignVersion(logger, row.Id, version, StripeClient.Version);
        if (row.State == WebhookState.Received) await bell.RingAsync<StripeEventJob>(row.Id);
        else if (row.State == WebhookState.Parked) StripeLog.EventStuck(logger, row.Id, row.Type, row.ObjectId, row.State, row.Reason);
        else StripeLog.EventEnded(logger, row.Id, row.Type, row.ObjectId, row.State);
    }

    // Within a train, which is what stands behind the date, versions only add.
    private static bool IsOurTrain(string version) => version.Split('.')[^1] == StripeClient.Version.Split('.')[^1];

    [GeneratedRegex("^[A-Za-z0-9_]{1,100}$")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z0-9_.]{1,100}$")]
    private static partial Regex TypeName();
}
