using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>What is posted to the webhook: who is believed, how much is taken, and what is kept of it.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string Event = """{"id":"evt_1","object":"event","type":"customer.subscription.updated","livemode":false,"api_version":"2026-10-28.endive","created":1,"data":{"object":{"id":"sub_none"}}}""";

    private static readonly HttpClient Http = new();

    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    private string Secret => app.Stripe.WebhookSecret;
    private long Now => app.Time.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task Only_the_bytes_that_Stripe_signed_are_taken()
    {
        var at = Now;
        var right = Sign(Event, at, Secret);
        foreach (var header in new[]
        {
            null, "", "v1=", $"t={at}", $"t={at},v1=", $"v1={right}", $"t={at},v0={right}", $"t={at},v1={Sign(Event, at, "whsec_other")}",
            $"t={at},v1={Sign(Event + " ", at, Secret)}", $"t={at + 1},v1={right}", $"t={at},v1={Sign(Event, at, "")}", $"t=x,v1={right}", $"t=-{at},v1={right}",
            $"t={at},t={at},v1={right}", $"t={at},v1={right[..63]}", $"t={at},v1={right}00", $"t={long.MaxValue}9,v1={right}", new string('t', 8_000),
        })
            Assert.Equal((400, header), ((int)await PostAsync(Event, header), header));
        Assert.Equal(400, (int)await PostAsync(Event.Replace(":", ": ", StringComparison.Ordinal), $"t={at},v1={right}"));
        Assert.Equal(0, await CountAsync());
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Event, $"t={at},v1={right}"));
        Assert.Equal(1, await CountAsync());
    }

    [Theory]
    [InlineData(-302, 400)]
    [InlineData(302, 400)]
    [InlineData(-290, 200)]
    [InlineData(290, 200)]
    public async Task An_event_is_five_minutes_old_or_young_at_most(int seconds, int status)
    {
        var at = Now + seconds;
        Assert.Equal(status, (int)await PostAsync(Event, $"t={at},v1={Sign(Event, at, Secret)}"));
        Assert.Equal(status == 200 ? 1 : 0, await CountAsync());
    }

    [Theory]
    [InlineData(300, SignatureVerdict.Right)]
    [InlineData(301, SignatureVerdict.TooOld)]
    [InlineData(-300, SignatureVerdict.Right)]
    [InlineData(-301, SignatureVerdict.TooOld)]
    public void The_tolerance_is_three_hundred_seconds_both_ways(int off, SignatureVerdict verdict)
    {
        var (now, body) = (DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), "{}"u8.ToArray());
        var at = now.ToUnixTimeSeconds() + off;
        var signature = StripeSignature.Read($"t={at},v1={Sign("{}", at, "whsec_a")}")!;
        Assert.Equal(verdict, signature.Judge(body, ["whsec_b", "whsec_a"], now));
        Assert.Equal(SignatureVerdict.Wrong, signature.Judge(body, ["whsec_b"], now));
        Assert.Equal(SignatureVerdict.Wrong, signature.Judge(body, [], now));
    }

    [Fact]
    public async Task While_a_secret_is_rolled_one_right_signature_of_two_is_enough()
    {
        var at = Now;
        var (other, right) = (Sign(Event, at, "whsec_other"), Sign(Event, at, Secret));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Event, $"t={at},v1={other},v1={right},v0={other}"));
        var second = Event.Replace("evt_1", "evt_2", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(second, $"t={at},v1={Sign(second, at, Secret)},v1={other}"));
    }

    [Fact]
    public async Task Either_of_two_secrets_of_ours_is_right()
    {
        await using var rolling = await TestApp.StartAsync("Stripe:SecretKey=sk_test_x", "Stripe:WebhookSecret=whsec_old,whsec_new", "Stripe:ProPriceId=price_x", "Stripe:BaseUrl=http://127.0.0.1:9");
        foreach (var (secret, id) in new[] { ("whsec_old", "evt_1"), ("whsec_new", "evt_2") })
        {
            var body = Event.Replace("evt_1", id, StringComparison.Ordinal);
            var at = rolling.Time.GetUtcNow().ToUnixTimeSeconds();
            Assert.Equal(HttpStatusCode.OK, await PostAsync(rolling, body, $"t={at},v1={Sign(body, at, secret)}"));
        }
    }

    [Fact]
    public async Task One_event_fifty_times_at_once_and_a_day_later_is_one_row_and_one_effect()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Hold();
        var session = await maya.ToTopUpAsync();
        var id = app.Stripe.Pay(session).Single(e => TypeOf(e) == "checkout.session.completed");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.Stripe.DeliverAsync(id)));
        await app.HeardAllAsync();
        app.Time.Advance(TimeSpan.FromDays(1));
        var later = await app.Stripe.DeliverAsync(id);
        await app.HeardAllAsync();

        Assert.All(statuses.Append(later), status => Assert.Equal(200, status));
        Assert.Equal(1, await app.ReadAsync(db => db.WebhookEvents.CountAsync(e => e.Id == id)));
        Assert.Single(await app.LedgerAsync());
        // Another event about the same purchase: both credit it, one of them does.
        app.Stripe.Release();
        await app.HeardAllAsync();
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task A_job_that_runs_many_times_at_once_has_one_effect()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Hold();
        var id = app.Stripe.Pay(await maya.ToTopUpAsync()).Single(e => TypeOf(e) == "checkout.session.completed");
        Assert.Equal(200, await app.Stripe.DeliverAsync(id));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.RunAsync<StripeEventJob>(id)));
        await app.HeardAllAsync();
        Assert.Single(await app.LedgerAsync());
        Assert.Equal(WebhookState.Done, (await app.EventAsync(id)).State);
    }

    [Fact]
    public async Task What_is_not_acted_on_is_taken_and_left_alone()
    {
        await TakeAsync("""{"id":"evt_u","object":"event","type":"product.created","livemode":false,"created":1,"data":{"object":{"id":"prod_1"}}}""");
        await TakeAsync("""{"id":"evt_b","object":"event","type":"balance.available","livemode":false,"created":1,"data":{"object":{"object":"balance"}}}""");
        Assert.All(await EventsAsync(), e => Assert.Equal(WebhookState.Ignored, e.State));
        Assert.Empty(app.Stripe.Calls);
    }

    [Fact]
    public async Task The_other_mode_thin_events_and_events_about_nothing_are_parked_without_asking_Stripe()
    {
        await TakeAsync("""{"id":"evt_l","object":"event","type":"checkout.session.completed","livemode":true,"created":1,"data":{"object":{"id":"cs_1"}}}""");
        await TakeAsync("""{"id":"evt_t","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","livemode":false,"created":"2026-11-21T00:00:00Z","related_object":{"id":"x"}}""");
        await TakeAsync("""{"id":"evt_n","object":"event","type":"invoice.paid","livemode":false,"created":1,"data":{"object":{}}}""");
        var events = await EventsAsync();
        Assert.Equal(3, events.Count);
        Assert.All(events, e => Assert.Equal(WebhookState.Parked, e.State));
        Assert.All(events, e => Assert.NotNull(e.Reason));
        Assert.Empty(app.Stripe.Calls);
    }

    [Fact]
    public async Task An_event_of_a_foreign_version_is_taken_and_its_object_read_at_ours()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Webhooks = new StripeDelivery { ApiVersion = "2024-06-20" };
        app.Stripe.Pay(await maya.ToTopUpAsync());
        await app.HeardAllAsync();
        Assert.Equal("$10.00", await maya.BalanceAsync());
        Assert.All(app.Stripe.Calls, call => Assert.Equal(StripeClient.Version, call.Version));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"id":"evt_1"}""")]
    [InlineData("""{"id":"../../x","type":"invoice.paid","data":{"object":{"id":"in_1"}}}""")]
    [InlineData("""{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"in_1/../../customers/cus_1"}}}""")]
    [InlineData("""{"id":"evt_1","type":"invoice.paid","data":[]}""")]
    public async Task What_is_signed_but_no_event_is_refused(string body)
    {
        Assert.Equal(400, (int)await PostSignedAsync(body));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Large_deep_and_packed_bodies_are_refused()
    {
        var deep = """{"id":"evt_1","type":"invoice.paid","data":{"object":""" + new string('[', 10_000) + new string(']', 10_000) + "}}";
        Assert.Equal(400, (int)await PostSignedAsync(deep));
        var large = Event[..^1] + ",\"x\":\"" + new string('x', 300_000) + "\"}";
        Assert.Equal(413, await RefusalOfAsync(large, chunked: false));
        Assert.Equal(413, await RefusalOfAsync(large, chunked: true));
        using var packed = new ByteArrayContent([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        packed.Headers.ContentEncoding.Add("gzip");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, StripeWebhook.Path)) { Content = packed };
        request.Headers.Add(StripeSignature.Header, $"t={Now},v1={Sign(Event, Now, Secret)}");
        Assert.Equal(400, (int)(await Http.SendAsync(request)).StatusCode);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Five_hundred_events_are_all_taken_and_pages_go_on()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var posts = Enumerable.Range(0, 500).Select(async n =>
        {
            var body = Event.Replace("evt_1", $"evt_{n}", StringComparison.Ordinal).Replace("customer.subscription.updated", "product.updated", StringComparison.Ordinal);
            return await PostSignedAsync(body);
        }).ToList();
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
        Assert.All(await Task.WhenAll(posts), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(500, await CountAsync());
    }

    [Fact]
    public async Task What_Stripe_does_not_know_is_parked_and_what_it_does_not_answer_is_tried_again_until_it_fails()
    {
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, ShouldRetry = false };
        await TakeAsync(Event);
        await Rooms.EventuallyAsync(async () => (await app.EventAsync("evt_1")).Attempts == 1, "it was tried once");
        var row = await app.EventAsync("evt_1");
        Assert.Equal(WebhookState.Received, row.State);
        Assert.NotNull(row.NextAttemptAt);
        for (var attempt = 2; attempt <= 9; attempt++) await app.RunAsync<StripeEventJob>("evt_1");
        row = await app.EventAsync("evt_1");
        Assert.Equal((WebhookState.Failed, 9), (row.State, row.Attempts));
        Assert.StartsWith("Stripe answered 500", row.Reason);

        app.Stripe.Reset();
        await TakeAsync(Event.Replace("evt_1", "evt_2", StringComparison.Ordinal));
        await app.HeardAllAsync();
        Assert.Equal((WebhookState.Parked, "Stripe does not know what it is about."), ((await app.EventAsync("evt_2")).State, (await app.EventAsync("evt_2")).Reason));
    }

    [Fact]
    public async Task An_event_whose_job_was_lost_is_found_by_the_sweep()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Hold();
        var session = await maya.ToTopUpAsync();
        app.Stripe.Pay(session);
        await app.SqlAsync($"""
            INSERT INTO WebhookEvents (Id, Type, ObjectId, LiveMode, CreatedAt, ReceivedAt, State, Attempts)
            VALUES ('evt_lost', 'checkout.session.completed', '{session}', 0, 1, 1, 'Received', 0)
            """);
        await app.RunAsync<StripeSweep>();
        await app.HeardAllAsync();
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Old_events_are_forgotten_unless_somebody_has_to_look_at_them()
    {
        await TakeAsync("""{"id":"evt_u","object":"event","type":"product.created","livemode":false,"created":1,"data":{"object":{"id":"prod_1"}}}""");
        await TakeAsync("""{"id":"evt_l","object":"event","type":"invoice.paid","livemode":true,"created":1,"data":{"object":{"id":"in_1"}}}""");
        app.Time.Advance(TimeSpan.FromDays(61));
        await app.RunAsync<StripeSweep>();
        Assert.Equal("evt_l", Assert.Single(await EventsAsync()).Id);
    }

    [Fact]
    public void The_readme_lists_the_events_to_tick()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ChatMvc.sln"))) folder = folder.Parent!;
        var readme = File.ReadAllText(Path.Combine(folder.FullName, "README.md"));
        var listed = readme.Split("these events:")[1].Split("```")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(EventTypes.All, listed);
    }

    [Theory]
    [InlineData("Stripe:SecretKey=sk_test_x", "Stripe:ProPriceId=price_x", "Stripe:WebhookSecret= , ")]
    [InlineData("Stripe:SecretKey=sk_test_x", "Stripe:ProPriceId=price_x", "Stripe:WebhookSecret=")]
    [InlineData("Stripe:SecretKey=", "Stripe:ProPriceId=price_x", "Stripe:WebhookSecret=whsec_x")]
    public async Task Keys_of_Stripe_that_lack_one_stop_the_start(params string[] settings)
    {
        var refused = await Assert.ThrowsAsync<ChatMvc.Shared.SettingsException>(() => TestApp.StartAsync(settings));
        Assert.Contains("Stripe:SecretKey, Stripe:WebhookSecret and Stripe:ProPriceId", refused.Message, StringComparison.Ordinal);
    }

    private string? TypeOf(string id) => (string?)app.Stripe.Find(id)?["type"];

    private Task<int> CountAsync() => app.ReadAsync(db => db.WebhookEvents.CountAsync());

    private Task<List<WebhookEvent>> EventsAsync() => app.ReadAsync(db => db.WebhookEvents.AsNoTracking().ToListAsync());

    private async Task TakeAsync(string body) => Assert.Equal(HttpStatusCode.OK, await PostSignedAsync(body));

    // The clock runs on, so it is read once.
    private Task<HttpStatusCode> PostSignedAsync(string body, bool chunked = false)
    {
        var at = Now;
        return PostAsync(body, $"t={at},v1={Sign(body, at, Secret)}", chunked);
    }

    // A sender that is still sending may find the connection closed before it reads the answer.
    private async Task<int> RefusalOfAsync(string body, bool chunked)
    {
        try
        {
            return (int)await PostSignedAsync(body, chunked);
        }
        catch (HttpRequestException)
        {
            return 413;
        }
    }

    private Task<HttpStatusCode> PostAsync(string body, string? signature, bool chunked = false) => PostAsync(app, body, signature, chunked);

    private static async Task<HttpStatusCode> PostAsync(TestApp to, string body, string? signature, bool chunked = false)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(to.Address, StripeWebhook.Path)) { Content = content };
        if (chunked) request.Headers.TransferEncodingChunked = true;
        if (signature is not null) request.Headers.TryAddWithoutValidation(StripeSignature.Header, signature);
        return (await Http.SendAsync(request)).StatusCode;
    }

    private static string Sign(string body, long at, string secret) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at.ToString(CultureInfo.InvariantCulture)}.{body}")));
}
