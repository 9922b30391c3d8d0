using System.Text.Json.Nodes;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>What becomes of a payment: delayed, paid back, disputed, or not the one that was asked for.</summary>
public sealed class PaymentTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_delayed_payment_is_credit_when_it_has_come()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();
        app.Stripe.PayLater(session);
        await app.HeardAllAsync();
        Assert.Equal(PurchaseState.Waiting, Assert.Single(await app.PurchasesAsync()).State);
        Assert.Contains("on its way", (await maya.GetAsync($"/billing/done?session_id={session}")).Text, StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());

        app.Stripe.DelayedSucceeds(session);
        await app.HeardAllAsync();

        Assert.Equal("$10.00", await maya.BalanceAsync());
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task A_delayed_payment_that_does_not_come_is_nothing()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();
        app.Stripe.PayLater(session);
        app.Stripe.DelayedFails(session);
        await app.HeardAllAsync();
        Assert.Equal(PurchaseState.Failed, Assert.Single(await app.PurchasesAsync()).State);
        Assert.Contains("The payment did not come", (await maya.GetAsync($"/billing/done?session_id={session}")).Text, StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());
    }

    [Fact]
    public async Task A_declined_card_leaves_the_page_open()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();
        app.Stripe.Decline(session);
        Assert.Contains("Waiting for Stripe", (await maya.GetAsync($"/billing/done?session_id={session}")).Text, StringComparison.Ordinal);
        Assert.Equal(session, await maya.ToTopUpAsync());
        app.Stripe.Pay(session);
        await app.HeardAllAsync();
        Assert.Equal("$10.00", await maya.BalanceAsync());
    }

    [Fact]
    public async Task What_is_paid_back_is_taken_by_its_difference_however_often_it_is_told()
    {
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        app.Stripe.Refund(payment, 200);
        await app.HeardAllAsync();
        Assert.Equal("$8.00", await maya.BalanceAsync());
        app.Stripe.Webhooks = new StripeDelivery { Copies = 3 };
        app.Stripe.Refund(payment, 300);
        await app.HeardAllAsync();
        Assert.Equal("$5.00", await maya.BalanceAsync());
        app.Stripe.Refund(payment);
        await app.HeardAllAsync();
        Assert.Equal("$0.00", await maya.BalanceAsync());
        var charge = (string)app.Stripe.All("charge")[0]["id"]!;
        Assert.Equal([$"{charge}:200", $"{charge}:500", $"{charge}:1000"], (await app.LedgerAsync()).Where(e => e.Kind == LedgerKind.Refund).Select(e => e.Reference));
    }

    [Fact]
    public async Task A_refund_that_fails_is_given_back_and_the_next_one_counts_again()
    {
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        app.Stripe.Refund(payment, 400);
        await app.HeardAllAsync();
        app.Stripe.RefundFails((string)app.Stripe.All("refund")[0]["id"]!);
        await app.HeardAllAsync();
        Assert.Equal("$10.00", await maya.BalanceAsync());
        app.Stripe.Refund(payment, 400);
        await app.HeardAllAsync();
        Assert.Equal("$6.00", await maya.BalanceAsync());
        Assert.Equal([LedgerKind.TopUp, LedgerKind.Refund, LedgerKind.RefundReversal, LedgerKind.Refund], (await app.LedgerAsync()).Select(e => e.Kind));
    }

    [Theory]
    [InlineData("won", "$10.00")]
    [InlineData("lost", "$0.00")]
    [InlineData("warning_closed", "$10.00")]
    [InlineData("prevented", "$10.00")]
    public async Task A_disputed_payment_is_taken_at_once_and_given_back_when_it_was_won(string outcome, string left)
    {
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        app.Stripe.Dispute(payment);
        await app.HeardAllAsync();
        Assert.Equal("$0.00", await maya.BalanceAsync());
        app.Stripe.CloseDispute((string)app.Stripe.All("dispute")[0]["id"]!, outcome);
        await app.HeardAllAsync();
        Assert.Equal(left, await maya.BalanceAsync());
    }

    [Fact]
    public async Task Money_that_was_spent_already_and_is_taken_back_leaves_less_than_nothing()
    {
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        await app.ReadAsync(db => db.WriteAsync(() => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<CreditLedger>(app.Services)
            .BookAsync(db, 1, LedgerKind.Adjustment, new ChatMvc.Billing.Usd(-8_000_000), "spent")));
        app.Stripe.Dispute(payment);
        await app.HeardAllAsync();
        Assert.Equal("−$8.00", await maya.BalanceAsync());
    }

    [Fact]
    public async Task A_refund_or_dispute_of_a_subscriptions_payment_moves_no_credit()
    {
        var (maya, _) = await app.SubscribedAsync();
        using var _2 = maya;
        var payment = (string)app.Stripe.All("payment_intent")[0]["id"]!;
        app.Stripe.Refund(payment, 500);
        await app.HeardAllAsync();
        Assert.Empty(await app.LedgerAsync());
        Assert.Equal([WebhookState.Ignored], await app.ReadAsync(db => db.WebhookEvents.Where(e => e.Type == "charge.refunded").Select(e => e.State).ToListAsync()));
        Assert.Equal("pro", await maya.PlanAsync());
    }

    [Theory]
    [InlineData("AmountCents = 500", "Its amount is not that of its purchase.")]
    [InlineData("LiveMode = 1", "Its purchase is of the other mode than this server.")]
    [InlineData("Kind = 'Pro'", "It sells something else than its purchase.")]
    [InlineData("SessionId = 'cs_other'", "Its purchase has another page.")]
    [InlineData("UserId = 2", "Its metadata name another person.")]
    [InlineData("Key = 'another'", "No purchase of ours has its reference.")]
    public async Task A_payment_that_is_not_what_was_asked_for_is_parked_and_grants_nothing(string change, string reason)
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var session = await maya.ToTopUpAsync();
        await app.SqlAsync($"UPDATE Purchases SET {change}");

        app.Stripe.Pay(session);
        await app.HeardAllAsync();

        var parked = await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(e => e.Type == "checkout.session.completed"));
        Assert.Equal((WebhookState.Parked, reason), (parked.State, parked.Reason));
        Assert.Empty(await app.LedgerAsync());
        Assert.Equal(("$0.00", "$0.00"), (await maya.BalanceAsync(), await noor.BalanceAsync()));
    }

    [Theory]
    [InlineData("DELETE FROM Purchases", true)]
    // Another person's, or another server's on the same account.
    [InlineData("DELETE FROM Purchases; UPDATE StripeCustomers SET UserId = 2", false)]
    [InlineData("DELETE FROM Purchases; DELETE FROM StripeCustomers", false)]
    public async Task A_payment_whose_purchase_a_restored_database_lacks_is_booked_for_the_customer_it_knows(string lost, bool isBooked)
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var session = await maya.ToTopUpAsync();
        await app.SqlAsync(lost);

        app.Stripe.Pay(session);
        await app.HeardAllAsync();

        var paid = await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(e => e.Type == "checkout.session.completed"));
        Assert.Equal(isBooked ? WebhookState.Done : WebhookState.Parked, paid.State);
        Assert.Equal((isBooked ? "$10.00" : "$0.00", "$0.00"), (await maya.BalanceAsync(), await noor.BalanceAsync()));
        app.Stripe.Refund((string)app.Stripe.Find(session)!["payment_intent"]!);
        await app.HeardAllAsync();
        Assert.Equal(isBooked ? 2 : 0, (await app.LedgerAsync()).Count);
        Assert.Equal("$0.00", await maya.BalanceAsync());
    }

    [Fact]
    public async Task Another_persons_customer_is_parked()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();
        await app.SqlAsync("UPDATE StripeCustomers SET Id = 'cus_other'");
        app.Stripe.Pay(session);
        await app.HeardAllAsync();
        Assert.Equal("Its customer is another person.", (await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(e => e.Type == "checkout.session.completed"))).Reason);
        Assert.Empty(await app.LedgerAsync());
    }

    [Theory]
    [InlineData("eur", 1_000)]
    [InlineData("jpy", 1_000)]
    [InlineData("usd", 999)]
    [InlineData("usd", 100_000)]
    public async Task Another_currency_or_amount_at_Stripe_is_parked(string currency, long cents)
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync();
        var purchase = Assert.Single(await app.PurchasesAsync());
        var customer = await app.ReadAsync(db => db.StripeCustomers.Select(c => c.Id).SingleAsync());
        var session = await AtStripe.MakeAsync(app, "checkout/sessions", ("mode", "payment"), ("customer", customer), ("client_reference_id", purchase.Key), ("success_url", $"{app.Address}billing/done"),
            ("line_items[0][quantity]", "1"), ("line_items[0][price_data][currency]", currency), ("line_items[0][price_data][unit_amount]", $"{cents}"), ("line_items[0][price_data][product_data][name]", "x"));
        await app.SqlAsync($"UPDATE Purchases SET SessionId = '{session}'");

        app.Stripe.Pay(session);
        await app.HeardAllAsync();
        app.Stripe.Refund((string)app.Stripe.Find(session)!["payment_intent"]!);
        await app.HeardAllAsync();

        Assert.Empty(await app.LedgerAsync());
        Assert.Equal(WebhookState.Parked, (await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(e => e.Type == "checkout.session.completed"))).State);
        Assert.Equal(404, (await maya.GetAsync("/billing/done?session_id=cs_nothing")).Status);
        Assert.DoesNotContain("Your credit is there", (await maya.GetAsync($"/billing/done?session_id={session}")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("2")]
    public async Task A_subscription_that_names_another_person_or_belongs_to_nobody_entitles_nobody(string person)
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        await maya.ToTopUpAsync();
        var known = await app.ReadAsync(db => db.StripeCustomers.Select(c => c.Id).SingleAsync());
        var customer = person == "other" ? await AtStripe.MakeAsync(app, "customers", ("name", "Somebody")) : known;
        var session = await AtStripe.MakeAsync(app, "checkout/sessions", ("mode", "subscription"), ("customer", customer), ("success_url", $"{app.Address}billing/done"),
            ("line_items[0][quantity]", "1"), ("line_items[0][price]", SandboxStripe.ProPriceId), ("subscription_data[metadata][user_id]", person == "other" ? "1" : person));

        app.Stripe.Pay(session);
        await app.HeardAllAsync();

        Assert.Equal(("basic", "basic"), (await maya.PlanAsync(), await noor.PlanAsync()));
        var about = await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().Where(e => e.Type == "customer.subscription.created" || e.Type == "checkout.session.completed").ToListAsync());
        Assert.Equal(2, about.Count);
        Assert.All(about, e => Assert.Equal(WebhookState.Parked, e.State));
    }

    [Fact]
    public async Task What_others_subscribe_to_on_the_same_account_is_not_Pro()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync();
        var customer = await app.ReadAsync(db => db.StripeCustomers.Select(c => c.Id).SingleAsync());
        var session = await AtStripe.MakeAsync(app, "checkout/sessions", ("mode", "subscription"), ("customer", customer), ("success_url", $"{app.Address}billing/done"),
            ("line_items[0][quantity]", "1"), ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "100"),
            ("line_items[0][price_data][product_data][name]", "Newsletter"), ("line_items[0][price_data][recurring][interval]", "month"));
        app.Stripe.Pay(session);
        await app.HeardAllAsync();
        Assert.Equal("basic", await maya.PlanAsync());
        Assert.Equal("Its price is not that of Pro.", (await app.ReadAsync(db => db.WebhookEvents.AsNoTracking().FirstAsync(e => e.Type == "customer.subscription.created"))).Reason);
    }

    [Fact]
    public async Task Invoices_are_kept_with_their_links()
    {
        var (maya, _) = await app.SubscribedAsync();
        using var _2 = maya;
        var invoice = await app.ReadAsync(db => db.Invoices.AsNoTracking().SingleAsync());
        Assert.Equal(("paid", 2_000, "usd"), (invoice.Status, invoice.Amount, invoice.Currency));
        Assert.NotNull(invoice.HostedUrl);
        Assert.NotNull(invoice.PdfUrl);
    }
}

/// <summary>Makes things at the sandbox's Stripe that the app would never ask for.</summary>
internal static class AtStripe
{
    public static async Task<string> MakeAsync(TestApp app, string path, params (string Name, string Value)[] fields)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, $"/sandbox/stripe/v1/{path}"))
        {
            Headers = { { "Authorization", $"Bearer {SandboxStripe.SecretKey}" } },
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["id"]!;
    }
}
