using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

public class StripeCheckoutTests : StripeServer
{
    [Fact]
    public async Task A_person_subscribes_on_the_page_and_comes_back_with_the_session_in_the_address()
    {
        var customer = await Customer();
        var session = await Made("checkout/sessions", ForPro(customer));
        Assert.Equal(("open", "unpaid"), (session.Text("status"), session.Text("payment_status")));
        Assert.Equal(2_000, session.Number("amount_total"));
        Assert.StartsWith($"{Url}sandbox/stripe/checkout/cs_test_", session.Text("url"), StringComparison.Ordinal);

        var page = await Maya.GetAsync(session.Text("url"));
        Assert.Equal(200, page.Status);
        Assert.Contains("$20.00 each month", page.Text, StringComparison.Ordinal);
        Assert.Contains("maya@example.org", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page.Text, StringComparison.Ordinal);
        Assert.Equal($"{Url}billing", page.Document.QuerySelector(".back a")!.GetAttribute("href"));

        var paid = await Press(session.Text("url"), "Pay $20.00");
        Assert.Equal((303, $"{Url}billing/done?session_id={session.Id()}"), (paid.Status, paid.Location));

        var done = await Read($"checkout/sessions/{session.Id()}");
        Assert.Equal(("complete", "paid"), (done.Text("status"), done.Text("payment_status")));
        Assert.Equal(("7", "7"), (done.GetProperty("metadata").Text("user_id"), done.Text("client_reference_id")));
        var subscription = await Read($"subscriptions/{done.Text("subscription")}", ("expand[]", "latest_invoice.payments"));
        Assert.Equal(("active", customer), (subscription.Text("status"), subscription.Text("customer")));
        Assert.Equal("7", subscription.GetProperty("metadata").Text("user_id"));
        var item = subscription.GetProperty("items").Data().Single();
        Assert.Equal(SandboxStripe.ProPriceId, item.GetProperty("price").Id());
        Assert.InRange(item.Number("current_period_end") - item.Number("current_period_start"), 28 * 86_400, 31 * 86_400);
        var invoice = subscription.GetProperty("latest_invoice");
        Assert.Equal(("paid", "subscription_create", 2_000), (invoice.Text("status"), invoice.Text("billing_reason"), invoice.Number("amount_paid")));
        Assert.Equal("paid", invoice.GetProperty("payments").Data().Single().Text("status"));

        var again = await Maya.GetAsync(session.Text("url"));
        Assert.Contains("This checkout is complete", again.Text, StringComparison.Ordinal);
        Assert.Empty(again.Document.QuerySelectorAll("form"));
    }

    [Fact]
    public async Task A_top_up_is_one_payment_with_its_metadata_and_a_receipt()
    {
        var session = await Made("checkout/sessions", ForCredit(await Customer()));
        await Press(session.Text("url"), "Pay $10.00");
        var done = await Read($"checkout/sessions/{session.Id()}", ("expand[0]", "payment_intent.latest_charge"), ("expand[1]", "line_items"));
        var intent = done.GetProperty("payment_intent");
        Assert.Equal(("succeeded", 1_000, "12"), (intent.Text("status"), intent.Number("amount_received"), intent.GetProperty("metadata").Text("order")));
        var charge = intent.GetProperty("latest_charge");
        Assert.True(charge.GetProperty("paid").GetBoolean());
        Assert.Equal("Credit", done.GetProperty("line_items").Data().Single().Text("description"));
        var receipt = await Maya.GetAsync(charge.Text("receipt_url"));
        Assert.Contains("$10.00", receipt.Text, StringComparison.Ordinal);
        Assert.Equal(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"],
            Types(Stripe.Events.Select(e => (string)e["id"]!).Reverse()).Skip(1));
    }

    [Fact]
    public async Task A_declined_card_says_so_and_the_next_try_pays()
    {
        var session = await Made("checkout/sessions", ForCredit(await Customer()));
        var declined = await Press(session.Text("url"), "Decline");
        Assert.Equal(422, declined.Status);
        Assert.Contains("declined", declined.Document.QuerySelector("[data-notice=error]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("open", (await Read($"checkout/sessions/{session.Id()}")).Text("status"));
        Assert.Contains("payment_intent.payment_failed", Types(Stripe.Events.Select(e => (string)e["id"]!)));
        Assert.Equal(303, (await Press(session.Text("url"), "Pay $10.00")).Status);
        Assert.Equal("paid", (await Read($"checkout/sessions/{session.Id()}")).Text("payment_status"));
        Assert.Single((await Read("payment_intents")).Data());
        Assert.Equal(["succeeded", "failed"], (await Read("charges")).Data().Select(c => c.Text("status")));
    }
}
