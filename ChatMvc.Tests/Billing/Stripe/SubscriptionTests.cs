using ChatMvc.Billing;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>Who is Pro, through the life of a subscription.</summary>
public sealed class SubscriptionTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Billing:Grace=2.00:00:00");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Pro_begins_with_the_payment_and_tells_when_it_renews()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        var plan = await PlanAsync();
        Assert.Equal((Plan.Pro, subscription, null, null), (plan.Plan, plan.Subscription!.Id, plan.EndsAt, plan.PastDueSince));
        Assert.Equal(Item(subscription, "current_period_end"), plan.RenewsAt!.Value.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task A_renewal_moves_the_date()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        var before = (await PlanAsync()).RenewsAt;
        app.Stripe.Renew(subscription);
        await app.HeardAllAsync();
        Assert.True((await PlanAsync()).RenewsAt > before);
        Assert.Equal(2, await app.ReadAsync(db => db.Invoices.CountAsync(i => i.Status == "paid")));
    }

    [Fact]
    public async Task A_payment_that_is_owed_leaves_Pro_for_the_grace_and_paying_brings_it_back()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.FailRenewal(subscription);
        await app.HeardAllAsync();
        var owed = await PlanAsync();
        Assert.Equal(Plan.Pro, owed.Plan);
        Assert.Equal(owed.PastDueSince + TimeSpan.FromDays(2), owed.GraceUntil);
        Assert.Contains("A payment did not go through. Pro lasts until", (await maya.GetAsync("/billing")).Notice("owed"), StringComparison.Ordinal);

        app.Time.Advance(owed.GraceUntil!.Value - app.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        Assert.Equal(Plan.Basic, (await PlanAsync()).Plan);
        // Another attempt that fails does not begin the grace anew.
        app.Stripe.FailRenewal(subscription);
        await app.HeardAllAsync();
        Assert.Equal((Plan.Basic, owed.GraceUntil), ((await PlanAsync()).Plan, (await PlanAsync()).GraceUntil));
        Assert.Contains("Pro is paused until it does", (await maya.GetAsync("/billing")).Notice("owed"), StringComparison.Ordinal);
        // There is nothing to buy while there is something to pay.
        Assert.Null((await maya.GetAsync("/billing")).Document.QuerySelector("form[action='/billing/checkout']"));

        app.Stripe.PayInvoice((string)app.Stripe.Find(subscription)!["latest_invoice"]!);
        await app.HeardAllAsync();
        Assert.Equal((Plan.Pro, null), ((await PlanAsync()).Plan, (await PlanAsync()).PastDueSince));
    }

    [Theory]
    [InlineData("unpaid")]
    [InlineData("canceled")]
    public async Task When_Stripe_gives_up_the_limit_is_back(string outcome)
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.FailRenewal(subscription);
        app.Stripe.GiveUp(subscription, outcome);
        await app.HeardAllAsync();
        Assert.Equal(Plan.Basic, (await PlanAsync()).Plan);
        Assert.Equal("basic", await maya.PlanAsync());
    }

    [Fact]
    public async Task Paused_is_Basic_and_resumed_is_Pro()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.Pause(subscription);
        await app.HeardAllAsync();
        Assert.Equal(Plan.Basic, (await PlanAsync()).Plan);
        app.Stripe.Resume(subscription);
        await app.HeardAllAsync();
        Assert.Equal(Plan.Pro, (await PlanAsync()).Plan);
    }

    [Fact]
    public async Task An_end_that_is_settled_is_told_and_kept_even_if_its_event_never_comes()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.CancelAtPeriodEnd(subscription);
        await app.HeardAllAsync();
        var ending = await PlanAsync();
        Assert.Equal((Plan.Pro, null, ending.Subscription!.PeriodEnd), (ending.Plan, ending.RenewsAt, ending.EndsAt));
        app.Stripe.CancelAtPeriodEnd(subscription, false);
        await app.HeardAllAsync();
        Assert.Null((await PlanAsync()).EndsAt);
        app.Stripe.CancelAtPeriodEnd(subscription);
        await app.HeardAllAsync();
        app.Stripe.Hold();
        app.Time.Advance(ending.EndsAt!.Value - app.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        Assert.Equal(Plan.Basic, (await PlanAsync()).Plan);
    }

    [Fact]
    public async Task Pro_without_waiting_for_a_new_sign_in_and_gone_at_once()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        Assert.Equal("pro", await maya.PlanAsync());
        app.Stripe.Cancel(subscription);
        await app.HeardAllAsync();
        Assert.Equal("basic", await maya.PlanAsync());
        // And may be bought again.
        app.Stripe.Pay(await maya.ToProAsync());
        await app.HeardAllAsync();
        Assert.Equal("pro", await maya.PlanAsync());
        Assert.Equal(2, await app.ReadAsync(db => db.Subscriptions.CountAsync()));
    }

    [Fact]
    public async Task An_old_answer_of_Stripes_never_covers_a_newer_one()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.Hold();
        using var late = new LateAnswer();
        var first = SyncAsync(subscription, late);
        await late.HasCome;
        app.Stripe.Pause(subscription);
        // It waits for its turn, or has long been through when the old answer is let go.
        var second = SyncAsync(subscription);
        await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(2)));
        late.LetGo();
        await Task.WhenAll(first, second);
        Assert.Equal("paused", (await app.SubscriptionAsync()).Status);
    }

    private async Task SyncAsync(string subscription, LateAnswer? late = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        using var http = late is null ? null : new HttpClient(late, disposeHandler: false);
        var sync = http is null
            ? services.GetRequiredService<SubscriptionSync>()
            : ActivatorUtilities.CreateInstance<SubscriptionSync>(services, ActivatorUtilities.CreateInstance<StripeClient>(services, http));
        await sync.SubscriptionAsync(subscription, CancellationToken.None);
    }

    /// <summary>A way on which an answer stays until it is let go.</summary>
    private sealed class LateAnswer() : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly TaskCompletionSource come = new(), gone = new();

        public Task HasCome => come.Task;

        public void LetGo() => gone.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            come.TrySetResult();
            await gone.Task.WaitAsync(cancellationToken);
            return answer;
        }
    }

    private Task<PlanState> PlanAsync() => app.ReadAsync(async db => await app.Services.GetRequiredService<Plans>().OfAsync(db, await db.Users.SingleAsync(u => u.Id == 1)));

    private long Item(string subscription, string name) => (long)app.Stripe.Find(subscription)!["items"]!["data"]![0]![name]!;
}
