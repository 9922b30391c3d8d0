using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Shared;
using ChatMvc.Tests.Crash;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary><c>kill -9</c> between the event and what comes of it: the credit is there after the restart, once.</summary>
public sealed class StripeKillTests
{
    public static TheoryData<Moment> Moments =>
    [
        Moment.Step(Steps.WebhookStored),
        Moment.Before("INSERT INTO \"LedgerEntries\""),
        Moment.After("INSERT INTO \"LedgerEntries\""),
        Moment.After("UPDATE \"WebhookEvents\""),
    ];

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Between_the_event_and_its_effect_nothing_is_lost_or_doubled(Moment moment)
    {
        await using var app = await MortalApp.StartAsync(moment);
        using var maya = await app.SignInAsAsync("Maya");
        var page = (await maya.PressAsync("/billing/topup", ("amount", "10"))).Location!;
        await maya.TryToPostAsync(page, new() { ["outcome"] = "pay" });
        await app.HasDiedAsync();

        await app.RestartAsync();

        await app.UntilAsync(db => db.LedgerEntries.AnyAsync());
        await app.UntilAsync(async db => await db.WebhookEvents.AnyAsync() && !await db.WebhookEvents.AnyAsync(e => e.State == WebhookState.Received));
        var entry = Assert.Single(await app.ReadAsync(db => db.LedgerEntries.AsNoTracking().ToListAsync()));
        Assert.Equal((LedgerKind.TopUp, 10_000_000), (entry.Kind, entry.AmountMicros));
        Assert.Equal(PurchaseState.Paid, await app.ReadAsync(db => db.Purchases.Select(p => p.State).SingleAsync()));
        Assert.Equal("$10.00", await maya.BalanceAsync());
        Assert.Empty(await app.DamageAsync());
    }
}
