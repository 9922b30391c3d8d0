using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>The part of <c>/sandbox</c> that shows and moves what Stripe holds.</summary>
public class StripePanelTests : StripeServer
{
    [Fact]
    public async Task Everything_is_listed_with_its_buttons_and_its_delivery()
    {
        var (customer, subscription) = await Subscribed();
        Assert.True(await Stripe.SettleAsync(Soon));
        var page = await Maya.GetAsync("/sandbox");
        foreach (var text in new[] { customer, subscription, "maya@example.org", "customer.subscription.created", "delivered, answered 200" })
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Stripe.WebhookSecret, page.Text, StringComparison.Ordinal);

        await PressOn(subscription, "Fail the renewal");
        Assert.Equal("past_due", (await Read($"subscriptions/{subscription}")).Text("status"));
        await PressOn((await Read($"subscriptions/{subscription}")).Text("latest_invoice"), "Pay after all");
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
        foreach (var button in new[] { "Renew", "Cancel at the period’s end", "Do not cancel", "Pause", "Resume", "Cancel now" }) await PressOn(subscription, button);
        Assert.Equal("canceled", (await Read($"subscriptions/{subscription}")).Text("status"));

        var charge = await Charged();
        await PressOn(charge, "Refund $1.00");
        await PressOn((await Read("refunds")).Data().Single().Id(), "Fails");
        await PressOn(charge, "Dispute");
        await PressOn((await Read("disputes")).Data().Single().Id(), "Lost");
        var session = (await Made("checkout/sessions", ForCredit(customer))).Id();
        await PressOn(session, "Pay later");
        await PressOn(session, "Money comes");
        Assert.Equal("paid", (await Read($"checkout/sessions/{session}")).Text("payment_status"));
        await PressOn((string)Stripe.Events[0]["id"]!, "Send again");
        Assert.True(await Stripe.SettleAsync(Soon));
        Assert.Equal(2, Shop.Events.Count(e => e.Event.Id() == (string)Stripe.Events[0]["id"]!));
    }

    private async Task PressOn(string id, string button)
    {
        var page = await Maya.GetAsync("/sandbox");
        var form = page.Document.QuerySelectorAll("form").OfType<IHtmlFormElement>()
            .First(f => f.QuerySelector("[name=id]")!.GetAttribute("value") == id && f.QuerySelector("button")!.TextContent == button);
        var pressed = await Maya.SubmitAsync(form);
        Assert.True((pressed.Status, pressed.Location) == (303, "/sandbox"), pressed.Text);
    }
}
