using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChatMvc.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ChatMvc.Tests.Sandbox;

public class TwilioTests : SandboxServer
{
    private const string Maya = "+14155550100";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_message_is_taken_kept_and_found_again()
    {
        using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Your code is 123456"));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var message = await Json(created);
        Assert.Matches("^SM[0-9a-f]{32}$", message.GetProperty("sid").GetString());
        Assert.Equal("queued", message.GetProperty("status").GetString());
        Assert.Equal("1", message.GetProperty("num_segments").GetString());
        Assert.Equal("Your code is 123456", Twilio.LastTo(Maya)!.Body);
        Assert.True(DateTimeOffset.TryParseExact(message.GetProperty("date_created").GetString(), "ddd, dd MMM yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            || message.GetProperty("date_created").GetString()!.EndsWith(" +0000", StringComparison.Ordinal));

        using var fetched = await Http.SendAsync(TwilioRequest(HttpMethod.Get, $"/Messages/{message.GetProperty("sid").GetString()}.json"));
        Assert.Equal("delivered", (await Json(fetched)).GetProperty("status").GetString());
        using var listed = await Http.SendAsync(TwilioRequest(HttpMethod.Get, $"/Messages.json?To={Uri.EscapeDataString(Maya)}&DateSent%3E=2020-01-01"));
        Assert.Equal(1, (await Json(listed)).GetProperty("messages").GetArrayLength());
        using var others = await Http.SendAsync(TwilioRequest(HttpMethod.Get, "/Messages.json?To=%2B14155550199"));
        Assert.Equal(0, (await Json(others)).GetProperty("messages").GetArrayLength());
        using var missing = await Http.SendAsync(TwilioRequest(HttpMethod.Get, "/Messages/SM00000000000000000000000000000000.json"));
        Assert.Equal((HttpStatusCode.NotFound, 20404), (missing.StatusCode, Code(await Json(missing))));
    }

    [Theory]
    [InlineData("", SandboxTwilio.From, "Hi", 21604)]
    [InlineData("4155550100", SandboxTwilio.From, "Hi", 21211)]
    [InlineData("+1", SandboxTwilio.From, "Hi", 21211)]
    [InlineData(Maya, "", "Hi", 21603)]
    [InlineData(Maya, "my company name", "Hi", 21212)]
    [InlineData(Maya, SandboxTwilio.From, "", 21602)]
    [InlineData("+15005550001", SandboxTwilio.From, "Hi", 21211)]
    [InlineData("+15005550002", SandboxTwilio.From, "Hi", 21612)]
    [InlineData("+15005550003", SandboxTwilio.From, "Hi", 21408)]
    [InlineData("+15005550004", SandboxTwilio.From, "Hi", 21610)]
    [InlineData("+15005550009", SandboxTwilio.From, "Hi", 21614)]
    [InlineData(Maya, "+15005550001", "Hi", 21212)]
    [InlineData(Maya, "+15005550007", "Hi", 21606)]
    [InlineData(Maya, "+15005550008", "Hi", 21611)]
    public async Task What_Twilio_refuses_is_refused_with_its_code(string to, string from, string body, int code)
    {
        using var refused = await Sms(("To", to), ("From", from), ("Body", body));
        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.StatusCode, Code(await Json(refused))));
        Assert.Empty(Twilio.Messages);
    }

    [Fact]
    public async Task Length_sender_and_segments_are_Twilios()
    {
        using var tooLong = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", new string('a', 1601)));
        Assert.Equal(21617, Code(await Json(tooLong)));
        foreach (var (body, segments) in new[] { (new string('a', 160), "1"), (new string('a', 161), "2"), (new string('€', 80), "1"), (new string('€', 81), "2"), (new string('’', 70), "1"), (new string('’', 71), "2") })
        {
            using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", body));
            Assert.Equal(segments, (await Json(created)).GetProperty("num_segments").GetString());
        }
        using var byService = await Sms(("To", Maya), ("MessagingServiceSid", "MG" + new string('0', 32)), ("Body", "Hi"));
        Assert.Equal("accepted", (await Json(byService)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Without_credentials_nothing_is_taken()
    {
        var request = TwilioRequest(HttpMethod.Post, "/Messages.json");
        request.Headers.Authorization = null;
        using var refused = await Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Unauthorized, 20003), (refused.StatusCode, Code(await Json(refused))));
        Assert.Equal(0, Twilio.Received);
    }

    [Fact]
    public async Task Steering_refuses_delays_and_falls_away()
    {
        await Steer("twilio", """{"status":429,"code":20429,"message":"Too Many Requests","retryAfterSeconds":7,"times":1}""");
        using var refused = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"));
        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter!.Delta);
        Assert.Equal((HttpStatusCode.TooManyRequests, 20429), (refused.StatusCode, Code(await Json(refused))));
        using var taken = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"));
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        Assert.Equal((2, 1), (Twilio.Received, Twilio.Messages.Count));
    }

    [Fact]
    public async Task A_hung_request_has_taken_the_message_all_the_same()
    {
        await Steer("twilio", """{"hang":true,"times":1}""");
        var since = DateTimeOffset.UtcNow;
        var sending = Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"));
        Assert.NotNull(await Twilio.WaitForMessageTo(Maya, since, Soon));
        Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(200)));
        await StopAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public async Task Reports_go_to_the_address_of_the_message_signed_with_the_accounts_token()
    {
        await using var app = await Receiver.StartAsync();
        using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", app.Address));
        Assert.Equal("queued", (await Json(created)).GetProperty("status").GetString());
        var message = await Twilio.WaitForReportsTo(Maya, 2, Soon);
        Assert.Equal([("sent", (int?)200), ("delivered", 200)], message!.Reports.Select(r => (r.Status, r.Answer)));
        Assert.Equal(["sent", "delivered"], app.Reports.Select(r => r.Form["MessageStatus"]));
        foreach (var (form, signature) in app.Reports)
        {
            Assert.Equal((message.Sid, Maya, SandboxTwilio.From, SandboxTwilio.AccountSid), (form["MessageSid"], form["To"], form["From"], form["AccountSid"]));
            Assert.False(form.ContainsKey("ErrorCode"));
            Assert.Equal(Signature(app.Address, form), signature);
        }
    }

    [Fact]
    public async Task Reports_fail_double_turn_round_or_are_forged_as_steered()
    {
        await using var app = await Receiver.StartAsync();
        await Steer("twilio", """{"report":"undelivered","reportCode":30006,"reportDelayMs":0,"reportCopies":2,"reportBackwards":true,"reportForged":true,"times":1}""");
        using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", app.Address));
        await Twilio.WaitForReportsTo(Maya, 4, Soon);
        Assert.Equal(["undelivered", "undelivered", "sent", "sent"], app.Reports.Select(r => r.Form["MessageStatus"]));
        Assert.Equal("30006", app.Reports[0].Form["ErrorCode"]);
        Assert.All(app.Reports, r => Assert.NotEqual(Signature(app.Address, r.Form), r.Signature));
    }

    [Fact]
    public async Task No_report_is_made_where_none_is_wished_nor_beyond_this_machine()
    {
        await using var app = await Receiver.StartAsync();
        await Steer("twilio", """{"report":"none","times":1}""");
        using var silent = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", app.Address));
        Assert.Equal(("queued", 0), (Twilio.LastTo(Maya)!.Status, Twilio.LastTo(Maya)!.Reports.Count));
        using var far = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", "https://chat.example.org/webhooks/twilio"));
        Assert.Equal(("delivered", 0), (Twilio.LastTo(Maya)!.Status, Twilio.LastTo(Maya)!.Reports.Count));
        Assert.Empty(app.Reports);
        using var wrong = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", "https://my_host.example/"));
        Assert.Equal(21609, Code(await Json(wrong)));
    }

    [Fact]
    public async Task The_page_and_the_list_show_how_far_a_message_came()
    {
        await using var app = await Receiver.StartAsync();
        await Steer("twilio", """{"report":"undelivered","reportCode":30003,"reportDelayMs":0}""");
        using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"), ("StatusCallback", app.Address));
        await Twilio.WaitForReportsTo(Maya, 2, Soon);
        var listed = (await Get("/sandbox/twilio/messages"))[0];
        Assert.Equal(("undelivered", 30003), (listed.GetProperty("status").GetString(), listed.GetProperty("errorCode").GetInt32()));
        Assert.Equal(200, listed.GetProperty("reports")[1].GetProperty("answer").GetInt32());
        var page = await Http.GetStringAsync("/sandbox");
        Assert.Contains("<td>undelivered (30003)</td><td>sent, answered 200, undelivered, answered 200</td>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20003)]
    [InlineData(21408)]
    [InlineData(21608)]
    [InlineData(21610)]
    [InlineData(21611)]
    [InlineData(30007)]
    public async Task Every_code_can_be_asked_for(int code)
    {
        await Steer("twilio", $$"""{"code":{{code}},"times":1}""");
        using var refused = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"));
        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.StatusCode, Code(await Json(refused))));
    }

    [Fact]
    public async Task Waiting_for_a_message_ends_when_it_comes_or_when_the_time_is_up()
    {
        using var earlier = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Old"));
        await Task.Delay(20);
        var since = DateTimeOffset.UtcNow;
        Assert.Null(await Twilio.WaitForMessageTo(Maya, since, TimeSpan.FromMilliseconds(50)));
        var waiting = Twilio.WaitForMessageTo(Maya, since, Soon);
        using var toAnother = await Sms(("To", "+14155550101"), ("From", SandboxTwilio.From), ("Body", "Not you"));
        Assert.False(waiting.IsCompleted);
        using var created = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "New"));
        Assert.Equal("New", (await waiting)!.Body);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Twilio.WaitForMessageTo("+14155550102", since, Soon, cancel.Token));
    }

    [Fact]
    public async Task The_last_five_hundred_are_kept_and_can_be_cleared()
    {
        for (var i = 0; i < SandboxTwilio.MaxKept + 3; i++)
            (await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", $"Number {i}"))).Dispose();
        var kept = await Get("/sandbox/twilio/messages");
        Assert.Equal(SandboxTwilio.MaxKept, kept.GetArrayLength());
        Assert.Equal("Number 3", kept[0].GetProperty("body").GetString());
        await Http.DeleteAsync("/sandbox/twilio/messages");
        Assert.Empty(Twilio.Messages);
    }

    [SpecFact]
    public async Task Messages_lists_and_errors_are_the_documents()
    {
        var spec = VendorSpec.Load("twilio");
        foreach (var sender in new[] { ("From", SandboxTwilio.From), ("MessagingServiceSid", "MG" + new string('a', 32)) })
        {
            using var created = await Sms(("To", Maya), sender, ("Body", "Hi"));
            spec.AssertValid("api.v2010.account.message", await created.Content.ReadAsStringAsync());
        }
        using var refused = await Sms(("To", "x"), ("Body", "Hi"));
        spec.AssertValid("error", await refused.Content.ReadAsStringAsync());
        using var listed = await Http.SendAsync(TwilioRequest(HttpMethod.Get, "/Messages.json"));
        var list = spec.Document.GetProperty("paths").GetProperty("/2010-04-01/Accounts/{AccountSid}/Messages.json").GetProperty("get")
            .GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        spec.AssertValid(list, await listed.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> Json(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static int Code(JsonElement error) => error.GetProperty("code").GetInt32();

    private static string Signature(string address, Dictionary<string, string> form) =>
#pragma warning disable CA5350 // Twilio's own choice.
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(SandboxTwilio.AuthToken),
            Encoding.UTF8.GetBytes(address + string.Concat(form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Key + f.Value)))));
#pragma warning restore CA5350

    /// <summary>An app that is told how its messages fare.</summary>
    private sealed class Receiver(WebApplication app) : IAsyncDisposable
    {
        public string Address => app.Urls.First() + "/told?sms=1";
        public List<(Dictionary<string, string> Form, string Signature)> Reports { get; } = [];

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.Run(async http =>
            {
                var form = await http.Request.ReadFormAsync();
                receiver.Reports.Add((form.ToDictionary(f => f.Key, f => f.Value.ToString()), http.Request.Headers["X-Twilio-Signature"].ToString()));
            });
            await app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
