using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>What becomes of a subscription.</summary>
public class StripeLifeTests : StripeServer
{
    [Fact]
    public async Task Its_beginning_is_told_in_order()
    {
        await Subscribed();
        Assert.Equal(
            ["customer.created", "customer.subscription.created", "invoice.created", "payment_intent.created", "invoice.finalized", "charge.succeeded",
                "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid", "customer.subscription.updated", "checkout.session.completed"],
            Types(Stripe.Events.Select(e => (string)e["id"]!).Reverse()));
        var updated = Stripe.Events[1];
        Assert.Equal("incomplete", (string)updated["data"]!["previous_attributes"]!["status"]!);
        Assert.Equal("active", (string)updated["data"]!["object"]!["status"]!);
        Assert.StartsWith("req_", (string)Stripe.Events[^1]["request"]!["id"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewal_moves_the_period_and_is_paid_by_an_invoice_of_its_own()
    {
        var (_, subscription) = await Subscribed();
        var before = Item(await Read($"subscriptions/{subscription}"));
        var events = Types(Stripe.Renew(subscription)).ToList();
        Assert.Equal("customer.subscription.updated", events[0]);
        Assert.Contains("invoice.paid", events);
        var after = await Read($"subscriptions/{subscription}", ("expand[]", "latest_invoice.payments"));
        Assert.Equal(before.Number("current_period_end"), Item(after).Number("current_period_start"));
        var invoice = after.GetProperty("latest_invoice");
        Assert.Equal(("subscription_cycle", "paid", 1), (invoice.Text("billing_reason"), invoice.Text("status"), invoice.Number("attempt_count")));
        Assert.Equal((subscription, "7"), (invoice.GetProperty("parent").GetProperty("subscription_details").Text("subscription"), invoice.GetProperty("parent").GetProperty("subscription_details").GetProperty("metadata").Text("user_id")));
        var line = invoice.GetProperty("lines").Data().Single();
        Assert.Equal((SandboxStripe.ProPriceId, Item(after).Number("current_period_end")), (line.GetProperty("pricing").GetProperty("price_details").Text("price"), line.GetProperty("period").Number("end")));

        var intent = invoice.GetProperty("payments").Data().Single().GetProperty("payment").Text("payment_intent");
        var found = await Read("invoice_payments", ("payment[type]", "payment_intent"), ("payment[payment_intent]", intent));
        Assert.Equal(invoice.Id(), found.Data().Single().Text("invoice"));
        Assert.Equal(2, (await Read("invoices", ("subscription", subscription))).Data().Count);
        Assert.EndsWith("-0002", invoice.Text("number"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_renewal_is_tried_four_times_and_then_given_up()
    {
        var (_, subscription) = await Subscribed();
        for (var attempt = 1; attempt <= StripeInvoicesMaxAttempts; attempt++)
        {
            var events = Types(Stripe.FailRenewal(subscription)).ToList();
            Assert.Contains("invoice.payment_failed", events);
            var now = await Read($"subscriptions/{subscription}", ("expand[]", "latest_invoice"));
            Assert.Equal(("past_due", "open"), (now.Text("status"), now.GetProperty("latest_invoice").Text("status")));
            Assert.Equal(attempt, now.GetProperty("latest_invoice").Number("attempt_count"));
            Assert.Equal(attempt == StripeInvoicesMaxAttempts, now.GetProperty("latest_invoice").GetProperty("next_payment_attempt").ValueKind == System.Text.Json.JsonValueKind.Null);
        }
        Assert.Equal(2, Stripe.All("invoice").Count);
        Assert.Equal(["customer.subscription.updated"], Types(Stripe.GiveUp(subscription, "unpaid")));
        Assert.Equal("unpaid", (await Read($"subscriptions/{subscription}")).Text("status"));
        Stripe.PayInvoice((await Read($"subscriptions/{subscription}")).Text("latest_invoice"));
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
    }

    [Fact]
    public async Task Giving_up_may_also_cancel()
    {
        var (_, subscription) = await Subscribed();
        Stripe.FailRenewal(subscription);
        Assert.Equal(["invoice.marked_uncollectible", "customer.subscription.deleted"], Types(Stripe.GiveUp(subscription, "canceled")));
        var over = await Read($"subscriptions/{subscription}");
        Assert.Equal(("canceled", "payment_failed"), (over.Text("status"), over.GetProperty("cancellation_details").Text("reason")));
        Assert.Throws<StripeException>(() => Stripe.Renew(subscription));
        Assert.Empty((await Read("subscriptions")).Data());
        Assert.Single((await Read("subscriptions", ("status", "all"))).Data());
    }

    [Fact]
    public async Task Canceling_waits_for_the_end_of_the_period_or_does_not()
    {
        var (_, subscription) = await Subscribed();
        var planned = await Made($"subscriptions/{subscription}", ("cancel_at_period_end", "true"), ("cancellation_details[feedback]", "too_expensive"));
        Assert.Equal(("active", Item(planned).Number("current_period_end")), (planned.Text("status"), planned.Number("cancel_at")));
        Assert.Equal("too_expensive", planned.GetProperty("cancellation_details").Text("feedback"));
        var kept = await Made($"subscriptions/{subscription}", ("cancel_at_period_end", "false"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, kept.GetProperty("cancel_at").ValueKind);
        await Made($"subscriptions/{subscription}", ("cancel_at_period_end", "true"));
        Assert.Equal(["customer.subscription.deleted"], Types(Stripe.Renew(subscription)));
        Assert.Equal(400, (await Post($"subscriptions/{subscription}", ("cancel_at_period_end", "false"))).Status);
        Assert.Equal(404, (await Call(HttpMethod.Delete, $"subscriptions/{subscription}", null)).Status);

        var (_, other) = await Subscribed();
        Assert.Equal("canceled", (await Call(HttpMethod.Delete, $"subscriptions/{other}", null)).Json.Text("status"));
    }

    [Fact]
    public async Task Pausing_and_resuming_are_told()
    {
        var (_, subscription) = await Subscribed();
        Assert.Equal(["customer.subscription.paused"], Types(Stripe.Pause(subscription)));
        Assert.Equal("paused", (await Read($"subscriptions/{subscription}")).Text("status"));
        Assert.Equal(["customer.subscription.resumed"], Types(Stripe.Resume(subscription)));
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
    }

    [Fact]
    public async Task Time_alone_renews_and_ends_as_the_vendor_would()
    {
        var (_, renewing) = await Subscribed();
        var (broke, failing) = await Subscribed();
        var (_, ending) = await Subscribed();
        Stripe.CancelAtPeriodEnd(ending);
        Stripe.BreakCard(broke);
        Time.Advance(TimeSpan.FromDays(70));
        Assert.Equal("active", (await Read($"subscriptions/{renewing}")).Text("status"));
        Assert.Equal(3, (await Read("invoices", ("subscription", renewing))).Data().Count);
        Assert.Equal("past_due", (await Read($"subscriptions/{failing}")).Text("status"));
        Assert.Equal("canceled", (await Read($"subscriptions/{ending}")).Text("status"));
        Assert.True(Item(await Read($"subscriptions/{renewing}")).Number("current_period_end") > Time.GetUtcNow().ToUnixTimeSeconds());
    }

    [Fact]
    public async Task An_open_invoice_is_paid_on_its_page_and_kept_as_a_file()
    {
        var (_, subscription) = await Subscribed();
        Stripe.FailRenewal(subscription);
        var invoice = (await Read($"subscriptions/{subscription}", ("expand[]", "latest_invoice"))).GetProperty("latest_invoice");
        Assert.Equal(303, (await Press(invoice.Text("hosted_invoice_url"), "Pay $20.00")).Status);
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
        var page = await Maya.GetAsync(invoice.Text("hosted_invoice_url"));
        Assert.Empty(page.Document.QuerySelectorAll("form"));
        using var pdf = await Http.GetAsync(invoice.Text("invoice_pdf"));
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("%PDF-", await pdf.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private const int StripeInvoicesMaxAttempts = 4;

    private static System.Text.Json.JsonElement Item(System.Text.Json.JsonElement subscription) => subscription.GetProperty("items").Data().Single();
}
