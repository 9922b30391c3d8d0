using System.Text;
using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>How events come to the shop.</summary>
public class StripeWebhookTests : StripeServer
{
    [Fact]
    public async Task Events_come_signed_in_order_and_as_the_list_has_them()
    {
        await Subscribed();
        await Settled();
        Assert.Equal(Stripe.Events.Reverse().Select(e => (string)e["id"]!), Shop.Events.Select(e => e.Event.Id()));
        foreach (var came in Shop.Events)
        {
            Assert.True(came.IsSignedWith(Stripe.WebhookSecret));
            Assert.False(came.IsSignedWith("whsec_other"));
            Assert.Equal(("application/json; charset=utf-8", SandboxStripe.ApiVersion), (came.ContentType, came.Event.Text("api_version")));
            Assert.InRange(came.Time, Time.GetUtcNow().ToUnixTimeSeconds() - 60, Time.GetUtcNow().ToUnixTimeSeconds());
            Assert.False(came.Event.GetProperty("livemode").GetBoolean());
        }
        Assert.Equal(1, Shop.Events.First().Event.Number("pending_webhooks"));
        Assert.All((await Read("events", ("limit", "100"))).Data(), e => Assert.Equal(0, e.Number("pending_webhooks")));
        Assert.Matches("^whsec_[A-Za-z0-9]{32}$", Stripe.WebhookSecret);
    }

    [Fact]
    public async Task What_the_shop_does_not_take_comes_again_and_is_given_up_in_the_end()
    {
        foreach (var status in new[] { 500, 302 }) Shop.Answers.Enqueue(status);
        await Customer();
        await Settled();
        Assert.Equal(3, Shop.Events.Count);
        Assert.Single(Shop.Events.Select(e => e.Event.Id()).Distinct());
        Assert.Equal([500, 302, 200], Stripe.SendingsOf((string)Stripe.Events[0]["id"]!).Select(s => s.Answer));
        Assert.Single((await Read("events", ("delivery_success", "true"))).Data());

        foreach (var status in new[] { 400, 400, 500, 500 }) Shop.Answers.Enqueue(status);
        await Customer();
        await Settled();
        Assert.Equal(7, Shop.Events.Count);
        Assert.Equal(1, (await Read("events", ("delivery_success", "false"))).Data().Single().Number("pending_webhooks"));
    }

    [Fact]
    public async Task Some_are_lost_to_order_and_can_be_sent_again()
    {
        await SteerWebhooks("""{"drop":true,"times":2}""");
        await Customer();
        await Customer();
        await Customer();
        await Settled();
        Assert.Single(Shop.Events);
        await Steer(("do", "resend"), ("id", (string)Stripe.Events[^1]["id"]!));
        await Settled();
        Assert.Equal((string)Stripe.Events[^1]["id"]!, Shop.Events.Last().Event.Id());
    }

    [Fact]
    public async Task They_come_doubled_backwards_shuffled_and_late_to_order()
    {
        await SteerWebhooks("""{"copies":3,"times":1}""");
        await Customer();
        await Settled();
        Assert.Equal(3, Shop.Events.Count);

        await PaidWith(new() { Backwards = true }, events => Assert.Equal(events.Reverse(), Came()));
        await PaidWith(new() { Shuffled = 4 }, events =>
        {
            Assert.NotEqual(events, Came());
            Assert.Equal(events.Order(), Came().Order());
        });
        await PaidWith(new() { DelayMs = 500, Times = 1 }, events => Assert.Equal(events.Skip(1).Append(events[0]), Came()));
    }

    [Fact]
    public async Task They_are_forged_aged_or_foreign_to_order()
    {
        var id = (string)(await Event())["id"]!;
        await Settled();
        Shop.Events.Clear();
        Assert.Equal(200, await Stripe.DeliverAsync(id, new() { Forged = true }));
        Assert.Equal(200, await Stripe.DeliverAsync(id, new() { SecondsOld = 301 }));
        Assert.Equal(200, await Stripe.DeliverAsync(id, new() { SecondsOld = -301 }));
        Assert.Equal(200, await Stripe.DeliverAsync(id, new() { Livemode = true, ApiVersion = "2024-06-20" }));
        var came = Shop.Events.ToArray();
        Assert.False(came[0].IsSignedWith(Stripe.WebhookSecret));
        Assert.InRange(came[1].Time, Time.GetUtcNow().ToUnixTimeSeconds() - 330, Time.GetUtcNow().ToUnixTimeSeconds() - 301);
        Assert.InRange(came[2].Time, Time.GetUtcNow().ToUnixTimeSeconds() + 270, Time.GetUtcNow().ToUnixTimeSeconds() + 301);
        Assert.All(came.Skip(1), e => Assert.True(e.IsSignedWith(Stripe.WebhookSecret)));
        Assert.Equal((true, "2024-06-20"), (came[3].Event.GetProperty("livemode").GetBoolean(), came[3].Event.Text("api_version")));
        Assert.Equal(SandboxStripe.ApiVersion, (await Read($"events/{id}")).Text("api_version"));
    }

    [Fact]
    public async Task They_are_kept_back_and_go_in_the_order_that_is_asked_for()
    {
        Stripe.Hold();
        await Customer();
        await Customer();
        await Customer();
        await Settled();
        Assert.Empty(Shop.Events);
        var made = Stripe.Events.Select(e => (string)e["id"]!).ToArray();
        Stripe.Release([made[1], made[0]]);
        await Settled();
        Assert.Equal([made[1], made[0]], Came());
        Stripe.Hold();
        await Customer();
        await Steer(("do", "release"));
        await Settled();
        Assert.Equal(3, Shop.Events.Count);
    }

    [Fact]
    public async Task Nothing_goes_beyond_this_machine()
    {
        Stripe.WebhookTarget = new Uri("https://shop.example/webhooks/stripe");
        Assert.Null(await Stripe.DeliverAsync((string)(await Event())["id"]!));
        Assert.Empty(Shop.Events);
    }

    private async Task<System.Text.Json.Nodes.JsonObject> Event()
    {
        await Customer();
        return Stripe.Events[0];
    }

    private List<string> Came() => [.. Shop.Events.Select(e => e.Event.Id())];

    private async Task PaidWith(StripeDelivery how, Action<IReadOnlyList<string>> check)
    {
        var session = (await Made("checkout/sessions", ForCredit((string)Stripe.All("customer")[0]["id"]!))).Id();
        await Settled();
        Shop.Events.Clear();
        Stripe.Reset();
        Stripe.Webhooks = how;
        var events = Stripe.Pay(session);
        Assert.Equal(4, events.Count);
        await Settled();
        check(events);
    }

    private async Task Settled() => Assert.True(await Stripe.SettleAsync(Soon));

    private async Task SteerWebhooks(string json)
    {
        using var response = await Http.PutAsync("/sandbox/stripe/webhooks", new StringContent(json, Encoding.UTF8));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
