using System.Globalization;
using System.Net;
using System.Text.Json;
using ChatMvc.Sandbox;

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
        await Steer("twilio", """{"status":429,"code":20429,"message":"Too Many Requests","times":1}""");
        using var refused = await Sms(("To", Maya), ("From", SandboxTwilio.From), ("Body", "Hi"));
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
}
