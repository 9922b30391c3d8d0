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
        Assert.Equal($"{Url}billing", page.Document.QuerySelector(".leave a")!.GetAttribute("href"));

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

    [Fact]
    public async Task The_bank_may_ask_first()
    {
        var session = await Made("checkout/sessions", ForCredit(await Customer()));
        var asked = await Press(session.Text("url"), "Pay with the bank’s confirmation");
        Assert.Equal(200, asked.Status);
        Assert.Equal("requires_action", (await Read("payment_intents")).Data().Single().Text("status"));
        Assert.Equal(["Confirm", "Refuse"], asked.Document.QuerySelectorAll("button").Select(b => b.TextContent));
        Assert.Equal(422, (await Maya.SubmitAsync((AngleSharp.Html.Dom.IHtmlFormElement)asked.Document.QuerySelector("form")!, ("outcome", "decline"))).Status);
        Assert.Equal(303, (await Maya.SubmitAsync((AngleSharp.Html.Dom.IHtmlFormElement)asked.Document.QuerySelector("form")!, ("outcome", "pay"))).Status);
        Assert.Equal("succeeded", (await Read("payment_intents")).Data().Single().Text("status"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_money_of_a_delayed_method_comes_later_or_never(bool comes)
    {
        var session = await Made("checkout/sessions", ForCredit(await Customer()));
        Assert.Equal(303, (await Press(session.Text("url"), "Pay later (delayed method)")).Status);
        var waiting = await Read($"checkout/sessions/{session.Id()}", ("expand[]", "payment_intent"));
        Assert.Equal(("complete", "unpaid", "processing"), (waiting.Text("status"), waiting.Text("payment_status"), waiting.GetProperty("payment_intent").Text("status")));
        Assert.Equal("checkout.session.completed", (string)Stripe.Events[0]["type"]!);
        var events = comes ? Stripe.DelayedSucceeds(session.Id()) : Stripe.DelayedFails(session.Id());
        Assert.Equal(comes ? ["charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"]
            : ["charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"], Types(events));
        Assert.Equal(comes ? "paid" : "unpaid", (await Read($"checkout/sessions/{session.Id()}")).Text("payment_status"));
        Assert.Equal(comes ? "succeeded" : "failed", (await Read("charges")).Data().Single().Text("status"));
        Assert.Throws<StripeException>(() => Stripe.DelayedSucceeds(session.Id()));
    }

    [Fact]
    public async Task A_subscription_begins_while_its_first_payment_is_on_its_way_and_falls_behind_when_it_fails()
    {
        var session = await Made("checkout/sessions", ForPro(await Customer()));
        Stripe.PayLater(session.Id());
        var subscription = (await Read($"checkout/sessions/{session.Id()}")).Text("subscription");
        Assert.Equal(("active", "open"), (await StateOf(subscription)));
        Stripe.DelayedFails(session.Id());
        Assert.Equal(("past_due", "open"), (await StateOf(subscription)));
    }

    [Fact]
    public async Task A_checkout_nobody_finishes_expires_by_itself_or_by_the_shop()
    {
        var session = await Made("checkout/sessions", ForCredit(await Customer(), ("expires_at", $"{Time.GetUtcNow().ToUnixTimeSeconds() + 1_800}")));
        var other = await Made("checkout/sessions", ForCredit(await Customer()));
        Time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal("expired", (await Read($"checkout/sessions/{session.Id()}")).Text("status"));
        Assert.Equal("checkout.session.expired", (string)Stripe.Events[0]["type"]!);
        Assert.Equal("open", (await Read($"checkout/sessions/{other.Id()}")).Text("status"));
        Assert.Equal("expired", (await Made($"checkout/sessions/{other.Id()}/expire")).Text("status"));
        Assert.Equal(400, (await Post($"checkout/sessions/{other.Id()}/expire")).Status);
        var page = await Maya.GetAsync(other.Text("url"));
        Assert.Contains("no longer open", page.Text, StringComparison.Ordinal);
        Assert.Equal(422, (await Maya.SendAsync(HttpMethod.Post, other.Text("url"), new() { ["outcome"] = "pay" }, [])).Status);
        Assert.Empty(Stripe.All("charge"));
    }

    [Fact]
    public async Task A_checkout_is_paid_once_however_often_the_button_is_pressed()
    {
        var session = await Made("checkout/sessions", ForPro(await Customer()));
        var presses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Maya.SendAsync(HttpMethod.Post, session.Text("url"), new() { ["outcome"] = "pay" }, [])));
        Assert.Single(presses, press => press.Status == 303);
        Assert.Single(Stripe.All("subscription"));
        Assert.Single(Stripe.All("charge"));
    }

    [Fact]
    public async Task A_button_pressed_on_another_site_does_nothing()
    {
        var session = await Made("checkout/sessions", ForPro(await Customer()));
        Assert.Equal(403, (await Maya.SendAsync(HttpMethod.Post, session.Text("url"), new() { ["outcome"] = "pay" }, [("Sec-Fetch-Site", "cross-site")])).Status);
        Assert.Equal(403, (await Maya.SendAsync(HttpMethod.Post, "/sandbox/stripe/steer", new() { ["do"] = "pay", ["id"] = session.Id() }, [("Sec-Fetch-Site", "same-site")])).Status);
        Assert.Equal("open", (await Read($"checkout/sessions/{session.Id()}")).Text("status"));
        Assert.Equal(404, (await Maya.GetAsync("/sandbox/stripe/checkout/cs_test_none")).Status);
        Assert.Equal(404, (await Maya.GetAsync($"/sandbox/stripe/portal/{session.Id()}")).Status);
    }

    [Fact]
    public async Task The_page_of_a_shop_elsewhere_is_not_left_by_the_form()
    {
        var form = ForCredit(await Customer()).Where(field => field.Name != "success_url").Append(("success_url", "https://shop.example/done?id={CHECKOUT_SESSION_ID}")).ToArray();
        var session = await Made("checkout/sessions", form);
        var paid = await Press(session.Text("url"), "Pay $10.00");
        Assert.Equal(session.Text("url"), new Uri(Url, paid.Location).AbsoluteUri);
        var page = await Maya.GetAsync(paid.Location!);
        Assert.Equal($"https://shop.example/done?id={session.Id()}", page.Document.QuerySelector(".leave a")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("line_items[0][quantity]", "")]
    [InlineData("line_items[0][quantity]", "0")]
    [InlineData("line_items[0][price_data][unit_amount]", "49")]
    [InlineData("line_items[0][price_data][unit_amount]", "-1")]
    [InlineData("line_items[0][price_data][unit_amount]", "10.5")]
    [InlineData("line_items[0][price_data][currency]", "dollar")]
    [InlineData("line_items[0][price_data][product_data][name]", "")]
    [InlineData("line_items[0][price_data][recurring][interval]", "month")]
    [InlineData("line_items[0][price_data][colour]", "red")]
    [InlineData("mode", "setup")]
    [InlineData("success_url", "")]
    [InlineData("success_url", "/done")]
    [InlineData("customer_email", "maya@example.org")]
    [InlineData("client_reference_id", "a b")]
    [InlineData("expires_at", "1")]
    [InlineData("metadata[12345678901234567890123456789012345678901]", "x")]
    [InlineData("payment_intent_data[order]", "12")]
    [InlineData("subscription_data[metadata][a]", "b")]
    [InlineData("payment_method_types[0]", "card")]
    public async Task What_Stripe_refuses_of_a_checkout_is_refused(string name, string value)
    {
        var reply = await Post("checkout/sessions", [.. ForCredit(await Customer()).Where(field => field.Name != name), (name, value)]);
        Assert.True(reply.Status == 400, reply.Text);
        Assert.Empty(Stripe.All("checkout.session"));
    }

    [Fact]
    public async Task A_trial_costs_nothing_until_it_ends()
    {
        var session = await Made("checkout/sessions", ForPro(await Customer(), ("subscription_data[trial_period_days]", "7")));
        Assert.Equal(303, (await Press(session.Text("url"), "Pay $0.00")).Status);
        var done = await Read($"checkout/sessions/{session.Id()}");
        Assert.Equal("no_payment_required", done.Text("payment_status"));
        Assert.Equal(("trialing", "paid"), await StateOf(done.Text("subscription")));
        Assert.Empty(Stripe.All("charge"));
        Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(("active", "paid"), await StateOf(done.Text("subscription")));
        Assert.Equal(2_000, (long)Stripe.All("charge").Single()["amount"]!);
    }

    private async Task<(string Subscription, string Invoice)> StateOf(string id)
    {
        var subscription = await Read($"subscriptions/{id}", ("expand[]", "latest_invoice"));
        return (subscription.Text("status"), subscription.GetProperty("latest_invoice").Text("status"));
    }
}
