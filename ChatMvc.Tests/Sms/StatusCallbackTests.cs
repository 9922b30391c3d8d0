using System.Security.Cryptography;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Sandbox;
using ChatMvc.Sms;
using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Sms;

public sealed class StatusCallbackTests
{
    private const string Maya = "+12125550101";
    private const string Token = "12345678901234567890123456789012";
    /// <summary>A Twilio with keys, which nobody reaches in these tests.</summary>
    private static readonly string[] RealTwilio =
        ["Twilio:AccountSid=AC00000000000000000000000000000001", $"Twilio:AuthToken={Token}", "Twilio:From=+15005550006", "Twilio:BaseUrl=http://127.0.0.1:9", "PublicUrl=https://chat.example.org"];
    private const string Address = "https://chat.example.org/webhooks/twilio";

    [Fact]
    public async Task Twilios_reports_move_a_message_to_its_end()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app);
        Assert.Equal(204, await ReportAsync(app, id, "queued"));
        Assert.Equal((SmsState.Sent, "queued"), await StateAsync(app, id));
        Assert.Equal(204, await ReportAsync(app, id, "sent"));
        Assert.Equal((SmsState.Sent, "sent"), await StateAsync(app, id));
        Assert.Equal(204, await ReportAsync(app, id, "delivered"));
        Assert.Equal((SmsState.Delivered, "delivered"), await StateAsync(app, id));
        Assert.NotNull((await FindAsync(app, id)).CarrierStatusAt);
    }

    [Theory]
    [InlineData("delivered", SmsState.Delivered)]
    [InlineData("read", SmsState.Delivered)]
    [InlineData("undelivered", SmsState.Undelivered)]
    [InlineData("failed", SmsState.Undelivered)]
    [InlineData("canceled", SmsState.Undelivered)]
    public async Task Nothing_comes_after_an_end_neither_late_nor_twice_nor_otherwise(string end, SmsState state)
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app);
        await ReportAsync(app, id, end, errorCode: 30003);
        var first = await FindAsync(app, id);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var late in new[] { "queued", "sent", end, "delivered", "undelivered", "failed" })
            Assert.Equal(204, await ReportAsync(app, id, late, errorCode: 30007));
        var last = await FindAsync(app, id);
        Assert.Equal((state, end, first.CarrierStatusAt, first.ErrorCode), (last.State, last.CarrierStatus, last.CarrierStatusAt, last.ErrorCode));
        Assert.Equal(state == SmsState.Undelivered ? 30003 : null, last.ErrorCode);
    }

    [Fact]
    public async Task A_step_back_and_an_unknown_word_change_nothing()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app);
        await ReportAsync(app, id, "sent");
        foreach (var word in new[] { "accepted", "queued", "sending", "teleported", "" }) Assert.Equal(204, await ReportAsync(app, id, word));
        Assert.Equal((SmsState.Sent, "sent"), await StateAsync(app, id));
    }

    [Fact]
    public async Task Whoever_cannot_sign_is_refused()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var (id, other) = (await SentAsync(app), await SentAsync(app));
        var fields = Fields("delivered");
        var right = Sign($"{Address}?sms={id}", fields);
        Assert.Equal(403, await PostAsync(app, id, fields, null));
        Assert.Equal(403, await PostAsync(app, id, fields, "not base64 at all"));
        Assert.Equal(403, await PostAsync(app, id, fields, Convert.ToBase64String(new byte[20])));
        Assert.Equal(403, await PostAsync(app, id, fields, Convert.ToBase64String(new byte[19])));
        Assert.Equal(403, await PostAsync(app, id, fields, Sign($"{Address}?sms={id}", fields, "another token")));
        // For another message, with another field, or with one more.
        Assert.Equal(403, await PostAsync(app, other, fields, right));
        Assert.Equal(403, await PostAsync(app, id, [.. fields.Where(f => f.Name != "MessageStatus"), ("MessageStatus", "failed")], right));
        Assert.Equal(403, await PostAsync(app, id, [.. fields, ("ErrorCode", "30006")], right));
        // The Host header is the caller's word.
        Assert.Equal(403, await PostAsync(app, id, fields, Sign($"{app.Address}webhooks/twilio?sms={id}", fields)));
        Assert.Equal((SmsState.Sent, null), await StateAsync(app, id));
        Assert.Equal((SmsState.Sent, null), await StateAsync(app, other));
        Assert.Equal(204, await PostAsync(app, id, fields, right));
        Assert.Equal((SmsState.Delivered, "delivered"), await StateAsync(app, id));
    }

    [Fact]
    public async Task Fields_that_nobody_knows_yet_and_the_port_in_the_address_are_signed_too()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app);
        (string, string)[] fields = [.. Fields("delivered"), ("Zebra", "1"), ("a new field", "with & and =")];
        Assert.Equal(204, await PostAsync(app, id, fields, Sign($"https://chat.example.org:443/webhooks/twilio?sms={id}", fields)));
        Assert.Equal((SmsState.Delivered, "delivered"), await StateAsync(app, id));
    }

    [Fact]
    public async Task A_report_about_another_message_or_number_is_taken_and_forgotten()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app);
        Assert.Equal(204, await ReportAsync(app, id, "delivered", to: "+12125550199"));
        Assert.Equal(204, await ReportAsync(app, id, "delivered", sid: "SM2"));
        Assert.Equal((SmsState.Sent, null), await StateAsync(app, id));
        Assert.Equal(204, await ReportAsync(app, 4711, "delivered"));
    }

    [Fact]
    public async Task What_is_too_large_or_no_form_is_refused_unread()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        Assert.Equal(413, await PostAsync(app, 1, [("Body", new string('x', 20_000))], "x"));
        Assert.Equal(400, await PostAsync(app, 1, [.. Enumerable.Range(0, 200).Select(i => ($"f{i}", "x"))], "x"));
        using var http = new HttpClient { BaseAddress = app.Address };
        using var json = await http.PostAsync("/webhooks/twilio?sms=1", new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(403, (int)json.StatusCode);
    }

    [Theory]
    [InlineData(nameof(SmsOutcome.Taken))]
    [InlineData(nameof(SmsOutcome.Uncertain))]
    [InlineData(nameof(SmsOutcome.NotTaken))]
    public async Task A_report_that_comes_before_the_answer_is_not_lost(string answer)
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await PutAsync(app);
        var carrier = new ReportingCarrier(app, answer switch
        {
            nameof(SmsOutcome.Taken) => new SmsOutcome.Taken("SM1"),
            nameof(SmsOutcome.Uncertain) => new SmsOutcome.Uncertain(),
            _ => new SmsOutcome.NotTaken(null, null),
        });
        await using var scope = app.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<SendSms>(scope.ServiceProvider, carrier).RunAsync($"{id}", CancellationToken.None);
        var sms = await FindAsync(app, id);
        Assert.Equal((SmsState.Delivered, "delivered", "SM1"), (sms.State, sms.CarrierStatus, sms.Sid));
        Assert.Null(sms.ProtectedBody);
    }

    [Fact]
    public async Task A_report_settles_what_was_unknown()
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        var id = await SentAsync(app, "State = 'Unknown', Sid = NULL");
        await ReportAsync(app, id, "sent");
        var sms = await FindAsync(app, id);
        Assert.Equal((SmsState.Sent, "SM1"), (sms.State, sms.Sid));
        Assert.NotNull(sms.SentAt);
    }

    [Theory]
    [InlineData(30006, true)]
    [InlineData(30005, true)]
    [InlineData(30007, false)]
    public async Task A_report_that_nothing_arrives_there_blocks_the_number(int errorCode, bool blocks)
    {
        await using var app = await AccountApp.StartAsync(RealTwilio);
        await ReportAsync(app, await SentAsync(app), "undelivered", errorCode: errorCode);
        Assert.Equal(blocks, await app.ReadAsync(db => db.SmsBlocks.AnyAsync(b => b.Phone == Maya && b.ErrorCode == errorCode)));
        Assert.DoesNotContain(Maya, app.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sandbox_reports_like_Twilio_and_is_believed()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillReport(TwilioReport.Delivered);
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var sms = await app.EventuallyAsync(db => db.SmsMessages.AsNoTracking().SingleAsync(), s => s.State == SmsState.Delivered);
        var message = await app.Twilio.WaitForReportsTo(Maya, 2, TimeSpan.FromSeconds(10));
        Assert.Equal(message!.Sid, sms.Sid);
        Assert.Equal([("sent", (int?)204), ("delivered", 204)], message.Reports.Select(r => (r.Status, r.Answer)));
    }

    [Fact]
    public async Task Late_forged_doubled_and_reversed_reports_of_the_sandbox_do_no_harm()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        app.Twilio.Behaviour = new() { Report = TwilioReport.Delivered, ReportDelayMs = 0, ReportForged = true, Times = 1 };
        await maya.AskAsync(Maya);
        var forged = await app.Twilio.WaitForReportsTo(Maya, 2, TimeSpan.FromSeconds(10));
        Assert.All(forged!.Reports, r => Assert.Equal(403, r.Answer));
        // The forged ones may be here before the answer to the request itself.
        await app.EventuallyAsync(db => db.SmsMessages.AsNoTracking().SingleAsync(), s => s.State == SmsState.Sent);

        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Twilio.Behaviour = new() { Report = TwilioReport.Undelivered, ReportCode = 30004, ReportDelayMs = 20, ReportCopies = 2, ReportBackwards = true, Times = 1 };
        await maya.AskAsync(Maya);
        var since = app.Time.GetUtcNow() - TimeSpan.FromSeconds(30);
        await app.Twilio.WaitForMessageTo(Maya, since, TimeSpan.FromSeconds(10));
        var reversed = await app.Twilio.WaitForReportsTo(Maya, 4, TimeSpan.FromSeconds(10));
        Assert.Equal(["undelivered", "undelivered", "sent", "sent"], reversed!.Reports.Select(r => r.Status));
        Assert.All(reversed.Reports, r => Assert.Equal(204, r.Answer));
        var sms = await app.ReadAsync(db => db.SmsMessages.AsNoTracking().OrderBy(s => s.Id).LastAsync());
        Assert.Equal((SmsState.Undelivered, (int?)30004), (sms.State, sms.ErrorCode));
    }

    private static async Task<long> PutAsync(AccountApp app) => await app.ReadAsync(db => db.WriteAsync(async () =>
    {
        var sms = new SmsMessage(PhoneNumber.Parse(Maya), app.Services.GetRequiredService<SmsSeal>().Close("Hello"), app.Time.GetUtcNow());
        db.SmsMessages.Add(sms);
        await db.SaveChangesAsync();
        return sms.Id;
    }));

    private static async Task<long> SentAsync(AccountApp app, string set = "State = 'Sent', Sid = 'SM1'")
    {
        var id = await PutAsync(app);
        await app.WriteAsync($"UPDATE SmsMessages SET ProtectedBody = NULL, {set} WHERE Id = {id}");
        return id;
    }

    private static Task<SmsMessage> FindAsync(AccountApp app, long id) =>
        app.ReadAsync(db => db.SmsMessages.AsNoTracking().SingleAsync(s => s.Id == id));

    private static async Task<(SmsState, string?)> StateAsync(AccountApp app, long id)
    {
        var sms = await FindAsync(app, id);
        return (sms.State, sms.CarrierStatus);
    }

    private static (string Name, string Value)[] Fields(string status, string to = Maya, string sid = "SM1") =>
        [("MessageSid", sid), ("MessageStatus", status), ("To", to), ("From", "+15005550006"), ("AccountSid", "AC1"), ("ApiVersion", "2010-04-01")];

    /// <summary>A report as Twilio sends and signs it.</summary>
    private static Task<int> ReportAsync(AccountApp app, long id, string status, string to = Maya, string sid = "SM1", int? errorCode = null)
    {
        (string, string)[] fields = [.. Fields(status, to, sid), .. errorCode is { } code ? [("ErrorCode", $"{code}")] : Array.Empty<(string, string)>()];
        return PostAsync(app, id, fields, Sign($"{Address}?sms={id}", fields));
    }

    private static async Task<int> PostAsync(AccountApp app, long id, (string Name, string Value)[] fields, string? signature)
    {
        using var http = new HttpClient { BaseAddress = app.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/twilio?sms={id}") { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (signature is not null) request.Headers.TryAddWithoutValidation("X-Twilio-Signature", signature);
        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static string Sign(string address, (string Name, string Value)[] fields, string token = Token) =>
#pragma warning disable CA5350 // Twilio's own choice.
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token),
            Encoding.UTF8.GetBytes(address + string.Concat(fields.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => f.Name + f.Value)))));
#pragma warning restore CA5350

    /// <summary>Reports first, and answers then.</summary>
    private sealed class ReportingCarrier(AccountApp app, SmsOutcome answer) : ISmsCarrier
    {
        public async Task<SmsOutcome> SendAsync(long id, PhoneNumber to, string text)
        {
            Assert.Equal(204, await ReportAsync(app, id, "delivered"));
            return answer;
        }
    }
}
