using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

public class StripeRestartTests : StripeServer
{
    private static readonly string[] Kinds = ["customer", "subscription", "invoice", "charge", "checkout.session", "event"];

    [Fact]
    public async Task All_is_there_after_a_restart_and_the_secret_is_the_same()
    {
        var (customer, subscription) = await Subscribed();
        await Call(HttpMethod.Post, "customers", "k-7", ("name", "Max"));
        Assert.True(await Stripe.SettleAsync(Soon));
        var (secret, objects, events) = (Stripe.WebhookSecret, Everything(), Heard());
        await RestartAsync();
        Assert.Equal(secret, Stripe.WebhookSecret);
        Assert.Equal(objects, Everything());
        Assert.Equal("active", (await Read($"subscriptions/{subscription}")).Text("status"));
        Assert.Equal("true", (await Call(HttpMethod.Post, "customers", "k-7", ("name", "Max"))).Headers["Idempotent-Replayed"]);
        await Call(HttpMethod.Delete, $"customers/{customer}", null);
        await RestartAsync();
        Assert.Equal("canceled", (await Read($"subscriptions/{subscription}")).Text("status"));
        Assert.True((await Read($"customers/{customer}")).GetProperty("deleted").GetBoolean());
        Assert.True(await Stripe.SettleAsync(Soon));
        // At least once: what was on its way at a restart may come a second time.
        Assert.Equal(events + 2, Heard());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    private int Heard() => Shop.Events.Select(e => e.Event.Text("id")).Distinct().Count();

    [Fact]
    public async Task What_was_answered_is_in_the_file_already_so_that_a_killed_process_loses_nothing()
    {
        var customer = await Customer();
        var session = await Made("checkout/sessions", ForCredit(customer));
        await Press(session.Text("url"), "Pay $10.00");
        await using var open = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(open);
        var kept = await reader.ReadToEndAsync();
        Assert.EndsWith("]\n", kept, StringComparison.Ordinal);
        foreach (var kind in Kinds) Assert.All(Stripe.All(kind), obj => Assert.Contains((string)obj["id"]!, kept, StringComparison.Ordinal));
        Assert.Contains("\"payment_status\":\"paid\"", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_a_crash_tore_is_forgotten_and_what_stood_before_it_is_not()
    {
        var customer = await Customer();
        await RestartAsync(() => System.IO.File.AppendAllText(File, """[{"id":"cus_torn","object":"customer","na"""));
        Assert.Equal("Maya", (await Read($"customers/{customer}")).Text("name"));
        Assert.Null(Stripe.Find("cus_torn"));
        var next = await Customer();
        await RestartAsync();
        Assert.NotNull(Stripe.Find(next));
    }

    [Fact]
    public async Task An_event_that_was_on_its_way_comes_when_the_server_runs_again()
    {
        Stripe.Hold();
        await Customer();
        await RestartAsync();
        Assert.True(await Stripe.SettleAsync(Soon));
        Assert.Equal("customer.created", Shop.Events.Single().Type);
        await RestartAsync();
        Assert.True(await Stripe.SettleAsync(Soon));
        Assert.Single(Shop.Events);
    }

    [Fact]
    public async Task No_more_is_kept_than_two_thousand_of_a_kind_and_the_file_stays_small()
    {
        var first = await Customer();
        Stripe.Webhooks = new StripeDelivery { Drop = true };
        for (var i = 0; i < 2_000; i++) await Customer();
        Assert.Null(Stripe.Find(first));
        Assert.Equal(2_000, Stripe.All("customer").Count);
        Assert.Equal(2_000, Stripe.Events.Count);
        Assert.NotNull(Stripe.Find(SandboxStripe.ProPriceId));
        Assert.InRange(new FileInfo(File).Length, 1_000_000, 40_000_000);
    }

    private List<string> Everything() => [.. Kinds.SelectMany(Stripe.All).Select(o => o.ToJsonString())];
}
