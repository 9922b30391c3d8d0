using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>Events in any order, twice, or never: in the end our rows say what Stripe says.</summary>
public sealed class OrderTests
{
    private const int People = 50;

    [Fact]
    public async Task The_twenty_four_orders_of_four_events_end_the_same()
    {
        await using var app = await TestApp.StartAsync();
        var n = 0;
        foreach (var order in Orders(["customer.subscription.created", "invoice.paid", "checkout.session.completed", "customer.subscription.updated"]))
        {
            using var person = await app.SignInAsAsync($"Person {n++}");
            app.Stripe.Hold();
            var events = app.Stripe.Pay(await person.ToProAsync());
            foreach (var type in order) Assert.Equal(200, await app.Stripe.DeliverAsync(events.First(e => (string)app.Stripe.Find(e)!["type"]! == type)));
            await app.HeardAllAsync();
            Assert.Equal("pro", await person.PlanAsync());
            app.Stripe.Release([]);
        }
        Assert.Equal(24, n);
        Assert.All(await app.ReadAsync(db => db.Subscriptions.Select(s => s.Status).ToListAsync()), status => Assert.Equal("active", status));
        Assert.All(await app.PurchasesAsync(), p => Assert.Equal(PurchaseState.Paid, p.State));
        Assert.Equal(24, await app.ReadAsync(db => db.Invoices.CountAsync(i => i.Status == "paid")));
        Assert.All(await app.ReadAsync(db => db.WebhookEvents.ToListAsync()), e => Assert.Equal(WebhookState.Done, e.State));
    }

    /// <summary>A thousand lives, each with its own steps, and news of them that are shuffled, doubled and dropped.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lives_with_their_news_in_disorder_end_as_Stripe_tells_them(int batch)
    {
        await using var app = await TestApp.StartAsync();
        app.Stripe.Webhooks = new StripeDelivery { Drop = true };
        await MakePeopleAsync(app);
        for (var part = 0; part < 5; part++)
        {
            var seed = (batch * 5 + part) * People;
            await Task.WhenAll(Enumerable.Range(1, People / 10).Select(lane => Task.Run(async () =>
            {
                for (var i = 0; i < 10; i++) await LiveAsync(app, seed + (lane - 1) * 10 + i, person: part * People + (lane - 1) * 10 + i + 1);
            })));
            await app.ReconcileAsync();
            await app.HeardAllAsync();
        }
        await IsAsStripeSaysAsync(app);
    }

    private static async Task LiveAsync(TestApp app, int seed, long person)
    {
        var (random, stripe) = (new Random(seed), app.Stripe);
        var news = new List<string>();
        var topUp = await BeginAsync(app, person, PurchaseKind.TopUp, 1_000);
        var pro = await BeginAsync(app, person, PurchaseKind.Pro, 0);
        string Intent() => (string)stripe.Find(topUp)!["payment_intent"]!;
        string Subscription() => (string)stripe.Find(pro)!["subscription"]!;
        List<Func<IReadOnlyList<string>>> bought = random.Next(4) == 0
            ? [() => stripe.PayLater(topUp), () => random.Next(2) == 0 ? stripe.DelayedSucceeds(topUp) : stripe.DelayedFails(topUp)]
            : [() => stripe.Pay(topUp), () => stripe.Refund(Intent(), random.Next(1, 400)), () => stripe.Refund(Intent(), random.Next(1, 400)),
                () => FailRefund(stripe, Intent()), () => stripe.Dispute(Intent(), random.Next(1, 1_000)), () => Close(stripe, Intent(), random)];
        List<Func<IReadOnlyList<string>>> subscribed =
        [
            () => stripe.Pay(pro), () => stripe.Renew(Subscription()), () => stripe.CancelAtPeriodEnd(Subscription()), () => stripe.CancelAtPeriodEnd(Subscription(), false),
            () => stripe.FailRenewal(Subscription()), () => stripe.PayInvoice((string)stripe.Find(Subscription())!["latest_invoice"]!), () => stripe.Pause(Subscription()),
            () => random.Next(2) == 0 ? stripe.Resume(Subscription()) : stripe.Cancel(Subscription()),
        ];
        var steps = new Queue<Func<IReadOnlyList<string>>>(Merge(bought[..random.Next(bought.Count + 1)], subscribed[..random.Next(subscribed.Count + 1)], random));
        while (steps.TryDequeue(out var step))
        {
            news.AddRange(step());
            if (random.Next(3) == 0) await HearAsync(app, news, random);
        }
        while (news.Count > 0) await HearAsync(app, news, random);
    }

    // One that is still to come, by chance: lost, heard once, or by two jobs at the same time; now and then kept for later too.
    private static async Task HearAsync(TestApp app, List<string> news, Random random)
    {
        if (news.Count == 0) return;
        var at = random.Next(news.Count);
        var id = news[at];
        if (random.Next(5) > 0) news.RemoveAt(at);
        if (random.Next(4) == 0) return;
        var told = app.Stripe.Find(id)!;
        if (EventTypes.SubjectOf((string)told["type"]!) is null) return;
        await app.ReadAsync(db => db.WriteAsync(async () =>
        {
            if (!await db.WebhookEvents.AnyAsync(e => e.Id == id))
                db.WebhookEvents.Add(new WebhookEvent(id, (string)told["type"]!, (string)told["data"]!["object"]!["id"]!, false, null, default, app.Time.GetUtcNow()));
            return true;
        }));
        await Task.WhenAll(Enumerable.Range(0, random.Next(1, 3)).Select(_ => app.RunAsync<StripeEventJob>(id)));
    }

    private static async Task IsAsStripeSaysAsync(TestApp app)
    {
        var rows = await app.ReadAsync(db => db.Subscriptions.AsNoTracking().ToDictionaryAsync(s => s.Id));
        var told = app.Stripe.All("subscription");
        Assert.True(told.Count > 100, $"Only {told.Count} subscriptions lived.");
        Assert.Equal(told.Count, rows.Count);
        foreach (var subscription in told)
            Assert.Equal(((string)subscription["status"]!, (long?)subscription["cancel_at"]), (rows[(string)subscription["id"]!].Status, rows[(string)subscription["id"]!].CancelAt?.ToUnixTimeSeconds()));

        var (ledger, disputes) = (await app.LedgerAsync(), app.Stripe.All("dispute"));
        var purchases = (await app.PurchasesAsync()).Where(p => p.IsTopUp).ToList();
        Assert.Equal(250, purchases.Count);
        foreach (var purchase in purchases)
        {
            var session = app.Stripe.Find(purchase.SessionId!)!;
            var cents = (string)session["payment_status"]! == "paid" ? Left((string)session["payment_intent"]!) : 0;
            Assert.Equal((purchase.UserId, cents * 10_000), (purchase.UserId, ledger.Where(e => e.UserId == purchase.UserId).Sum(e => e.AmountMicros)));
            var state = ((string)session["status"]!, (string)session["payment_status"]!) switch
            {
                ("complete", "paid") => PurchaseState.Paid,
                ("complete", _) => (string)app.Stripe.Find((string)session["payment_intent"]!)!["status"]! == "processing" ? PurchaseState.Waiting : PurchaseState.Failed,
                _ => PurchaseState.Open,
            };
            Assert.Equal((purchase.UserId, state), (purchase.UserId, purchase.State));
        }

        long Left(string intent)
        {
            var charge = app.Stripe.Find((string)app.Stripe.Find(intent)!["latest_charge"]!)!;
            var disputed = disputes.Where(d => (string)d["charge"]! == (string)charge["id"]! && (string)d["status"]! is "needs_response" or "lost").Sum(d => (long)d["amount"]!);
            return (long)charge["amount"]! - (long)charge["amount_refunded"]! - disputed;
        }
    }

    private static async Task<string> BeginAsync(TestApp app, long person, PurchaseKind kind, long cents)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var start = await scope.ServiceProvider.GetRequiredService<Checkouts>().BeginAsync(person, kind, cents, app.Address, CancellationToken.None);
        return ((CheckoutStart.Pay)start).Page.Segments[^1];
    }

    private static async Task MakePeopleAsync(TestApp app) => await app.ReadAsync(db => db.WriteAsync(() =>
    {
        db.Users.AddRange(Enumerable.Range(0, 5 * People).Select(n => new ChatMvc.Accounts.User(ChatMvc.Accounts.PhoneNumber.Parse($"+1212555{n:0000}"), app.Time.GetUtcNow())));
        return Task.FromResult(true);
    }));

    private static IReadOnlyList<string> FailRefund(SandboxStripe stripe, string intent) =>
        stripe.All("refund").FirstOrDefault(r => (string)r["payment_intent"]! == intent && (string)r["status"]! != "failed") is { } refund ? stripe.RefundFails((string)refund["id"]!) : [];

    private static IReadOnlyList<string> Close(SandboxStripe stripe, string intent, Random random) =>
        stripe.CloseDispute((string)stripe.All("dispute").First(d => (string)d["payment_intent"]! == intent)["id"]!, random.Next(2) == 0 ? "won" : "lost");

    private static IEnumerable<T> Merge<T>(List<T> a, List<T> b, Random random)
    {
        var (i, j) = (0, 0);
        while (i < a.Count || j < b.Count)
            yield return j == b.Count || i < a.Count && random.Next(2) == 0 ? a[i++] : b[j++];
    }

    private static IEnumerable<List<T>> Orders<T>(List<T> items) => items.Count <= 1 ? [items]
        : items.SelectMany((first, i) => Orders([.. items[..i], .. items[(i + 1)..]]).Select(rest => (List<T>)[first, .. rest]));
}
