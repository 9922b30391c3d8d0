using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>What never arrived is found.</summary>
public sealed class ReconciliationTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Events_that_were_lost_are_worked_on_like_any_other()
    {
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        app.Stripe.Webhooks = new StripeDelivery { Drop = true };
        app.Stripe.Refund(payment, 250);
        app.Stripe.Pay(await maya.ToProAsync());

        var run = await app.ReconcileAsync();
        await app.HeardAllAsync();

        Assert.Equal("$7.50", await maya.BalanceAsync());
        Assert.Equal("pro", await maya.PlanAsync());
        var row = await app.ReadAsync(db => db.Reconciliations.AsNoTracking().SingleAsync(r => r.Id == run.Id));
        Assert.NotNull(row.FinishedAt);
        Assert.True(row.EventsFound >= 3, $"{row.EventsFound}");
        Assert.Equal(0, (await SecondAsync()).EventsFound);
        Assert.Equal(0, (await SecondAsync()).Repaired);
    }

    [Fact]
    public async Task Rows_that_Stripe_tells_otherwise_are_repaired_even_when_no_event_is_kept()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        await app.SqlAsync("UPDATE Subscriptions SET Status = 'canceled'");
        Assert.Equal("basic", await maya.PlanAsync());
        var run = await app.ReconcileAsync(app.Time.GetUtcNow() + TimeSpan.FromHours(2));
        Assert.Equal("pro", await maya.PlanAsync());
        Assert.Equal(1, (await app.ReadAsync(db => db.Reconciliations.AsNoTracking().SingleAsync(r => r.Id == run.Id))).Repaired);
        await app.SqlAsync("DELETE FROM Subscriptions");
        await app.ReconcileAsync(app.Time.GetUtcNow() + TimeSpan.FromHours(2));
        Assert.Equal(("pro", subscription), (await maya.PlanAsync(), (await app.SubscriptionAsync()).Id));
    }

    [Fact]
    public async Task Pages_that_were_paid_or_are_over_are_looked_up()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Webhooks = new StripeDelivery { Drop = true };
        app.Stripe.Pay(await maya.ToTopUpAsync(10));
        app.Stripe.Expire(await maya.ToTopUpAsync(25));
        await app.ReconcileAsync(app.Time.GetUtcNow() + TimeSpan.FromHours(2));
        Assert.Equal("$10.00", await maya.BalanceAsync());
        Assert.Equal([PurchaseState.Paid, PurchaseState.Expired], (await app.PurchasesAsync()).Select(p => p.State));
    }

    [Fact]
    public async Task It_runs_once_a_day_and_not_where_nobody_bought_anything()
    {
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(0, await RunsAsync());
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync();
        await app.RunAsync<StripeReconciler>();
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(1, await RunsAsync());
        app.Time.Advance(TimeSpan.FromHours(23));
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(1, await RunsAsync());
        app.Time.Advance(TimeSpan.FromHours(1));
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(2, await RunsAsync());
    }

    [Fact]
    public async Task A_start_after_an_hour_without_one_runs_it()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync();
        var longAgo = (app.Time.GetUtcNow() - TimeSpan.FromMinutes(70)).ToUnixTimeMilliseconds();
        await app.SqlAsync($"INSERT INTO Reconciliations (LiveMode, StartedAt, FinishedAt, EventsFound, Repaired) VALUES (0, {longAgo}, {longAgo}, 0, 0)");
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(2, await RunsAsync());
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(2, await RunsAsync());
    }

    [Fact]
    public async Task One_that_is_cut_off_is_not_counted_as_done()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync();
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, ShouldRetry = false, Path = "subscriptions" };
        await app.RunAsync<StripeReconciler>();
        Assert.Null((await app.ReadAsync(db => db.Reconciliations.AsNoTracking().SingleAsync())).FinishedAt);
        app.Stripe.Reset();
        await app.RunAsync<StripeReconciler>();
        Assert.Equal(1, await app.ReadAsync(db => db.Reconciliations.CountAsync(r => r.FinishedAt != null)));
    }

    private Task<int> RunsAsync() => app.ReadAsync(db => db.Reconciliations.CountAsync());

    private async Task<Reconciliation> SecondAsync()
    {
        var run = await app.ReconcileAsync();
        return await app.ReadAsync(db => db.Reconciliations.AsNoTracking().SingleAsync(r => r.Id == run.Id));
    }
}
