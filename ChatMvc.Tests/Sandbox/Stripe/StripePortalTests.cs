namespace ChatMvc.Tests.Sandbox.Stripe;

public class StripePortalTests : StripeServer
{
    [Fact]
    public async Task A_person_cancels_changes_the_mind_and_cancels_at_once()
    {
        var (customer, subscription) = await Subscribed();
        var portal = await Open(customer);
        var page = await Maya.GetAsync(portal);
        Assert.Contains("Pro, $20.00 each month", page.Text, StringComparison.Ordinal);
        Assert.Contains("Renews on", page.Text, StringComparison.Ordinal);
        Assert.Equal($"{Url}billing", page.Document.QuerySelector(".leave a")!.GetAttribute("href"));
        Assert.Equal(200, (await Maya.GetAsync(page.Document.QuerySelector(".facts a")!.GetAttribute("href")!)).Status);

        Assert.Equal(303, (await Press(portal, "Cancel at the period’s end")).Status);
        Assert.Contains("Ends on", (await Maya.GetAsync(portal)).Text, StringComparison.Ordinal);
        Assert.True((await Read($"subscriptions/{subscription}")).GetProperty("cancel_at_period_end").GetBoolean());
        await Press(portal, "Do not cancel");
        Assert.False((await Read($"subscriptions/{subscription}")).GetProperty("cancel_at_period_end").GetBoolean());
        await Press(portal, "Cancel now");
        Assert.Equal("canceled", (await Read($"subscriptions/{subscription}")).Text("status"));
        Assert.Contains("Ended on", (await Maya.GetAsync(portal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_card_pays_what_is_past_due()
    {
        var (customer, subscription) = await Subscribed();
        Stripe.BreakCard(customer);
        Time.Advance(TimeSpan.FromDays(32));
        Assert.Equal("past_due", (await Read($"subscriptions/{subscription}")).Text("status"));
        await Press(await Open(customer), "Change card");
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
        Time.Advance(TimeSpan.FromDays(32));
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
    }

    [Fact]
    public async Task It_shows_one_customer_alone_and_not_for_long()
    {
        var (_, others) = await Subscribed();
        var portal = await Open(await Customer());
        Assert.Contains("No subscription", (await Maya.GetAsync(portal)).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await Maya.SendAsync(HttpMethod.Post, portal, new() { ["do"] = "cancel-now", ["subscription"] = others }, [])).Status);
        Assert.Equal("active", (await Read($"subscriptions/{others}")).Text("status"));
        Time.Advance(TimeSpan.FromMinutes(61));
        var late = await Maya.GetAsync(portal);
        Assert.Equal((410, 0), (late.Status, late.Document.QuerySelectorAll("form").Length));
        Assert.Equal(410, (await Maya.SendAsync(HttpMethod.Post, portal, new() { ["do"] = "change-card" }, [])).Status);
    }

    private async Task<string> Open(string customer) => (await Made("billing_portal/sessions", ("customer", customer), ("return_url", $"{Url}billing"))).Text("url");
}
