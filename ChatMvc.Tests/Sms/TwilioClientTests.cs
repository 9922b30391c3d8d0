using System.Net;
using System.Net.Sockets;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Sandbox;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ChatMvc.Tests.Sms;

public sealed class TwilioClientTests
{
    private static readonly PhoneNumber Maya = PhoneNumber.Parse("+12125550101");
    private static readonly TwilioAccount Account = new("AC0123456789abcdef0123456789abcdef", "secret", "+15005550006", null);

    [Fact]
    public async Task The_sandbox_takes_the_message_as_Twilio_would()
    {
        await using var app = await Accounts.AccountApp.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Address, "sandbox/twilio/") };
        var account = new TwilioAccount(SandboxTwilio.AccountSid, SandboxTwilio.AuthToken, SandboxTwilio.From, null);
        var client = new TwilioClient(http, account, new StatusCallbacks(account, null));
        var taken = Assert.IsType<SmsOutcome.Taken>(await client.SendAsync(7, Maya, "Hello & good-bye + more"));
        var kept = app.Twilio.LastTo(Maya.ToString())!;
        Assert.Equal(("Hello & good-bye + more", taken.Sid, 1), (kept.Body, kept.Sid, kept.Segments));
        var refused = Assert.IsType<SmsOutcome.Refused>(await client.SendAsync(7, PhoneNumber.Parse("+15005550001"), "x"));
        Assert.Equal(21211, refused.ErrorCode);
    }

    [Fact]
    public async Task The_request_is_in_Twilios_words()
    {
        await using var twilio = await Server.StartAsync(context => Json(context, 201, """{"sid":"SM1"}"""));
        await twilio.Client(Account).SendAsync(7, Maya, "x");
        await twilio.Client(Account with { From = null, MessagingServiceSid = "MG1" }).SendAsync(7, Maya, "x");
        Assert.Equal("POST /2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json", twilio.Requests[0].Line);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Account.AccountSid}:secret")), twilio.Requests[0].Authorization);
        Assert.Equal("To=%2B12125550101&Body=x&ValidityPeriod=600&From=%2B15005550006", twilio.Requests[0].Body);
        Assert.Equal("To=%2B12125550101&Body=x&ValidityPeriod=600&MessagingServiceSid=MG1", twilio.Requests[1].Body);
    }

    [Theory]
    [InlineData(400, """{"code":21610,"message":"no","status":400}""", 21610)]
    [InlineData(401, """{"code":20003,"message":"Authenticate","status":401}""", 20003)]
    [InlineData(429, "slow down", null)]
    [InlineData(403, "<html>no</html>", null)]
    [InlineData(404, "", null)]
    [InlineData(302, "", null)]
    [InlineData(400, """["not an object"]""", null)]
    public async Task A_refusal_is_certain_and_keeps_Twilios_code(int status, string body, int? code)
    {
        await using var twilio = await Server.StartAsync(context => Json(context, status, body));
        Assert.Equal(new SmsOutcome.Refused(code), await twilio.Client(Account).SendAsync(7, Maya, "x"));
        Assert.Single(twilio.Requests);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("7", 7)]
    [InlineData("Sat, 21 Nov 2026 10:00:30 GMT", 30)]
    [InlineData("soon", null)]
    public async Task Too_many_requests_were_not_taken_and_say_when_to_come_again(string? header, int? seconds)
    {
        await using var twilio = await Server.StartAsync(context =>
        {
            context.Response.Headers.Date = "Sat, 21 Nov 2026 10:00:00 GMT";
            if (header is not null) context.Response.Headers.RetryAfter = header;
            return Json(context, 429, """{"code":20429}""");
        });
        var expected = new SmsOutcome.NotTaken(20429, seconds is { } wait ? TimeSpan.FromSeconds(wait) : null);
        Assert.Equal(expected, await twilio.Client(Account).SendAsync(7, Maya, "x"));
        Assert.Single(twilio.Requests);
    }

    [Fact]
    public async Task Twilio_is_told_where_to_report_where_it_can_reach_it()
    {
        await using var twilio = await Server.StartAsync(context => Json(context, 201, """{"sid":"SM1"}"""));
        await twilio.Client(Account, publicUrl: new Uri("https://chat.example.org:443/base/")).SendAsync(7, Maya, "x");
        Assert.EndsWith("&StatusCallback=https%3A%2F%2Fchat.example.org%2Fbase%2Fwebhooks%2Ftwilio%3Fsms%3D7", twilio.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_was_sent_nothing()
    {
        // Nobody accepts: the handshake of TLS never gets an answer.
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        using var http = new HttpClient { BaseAddress = new Uri($"https://127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}/"), Timeout = TimeSpan.FromMilliseconds(300) };
        Assert.Equal(new SmsOutcome.NotTaken(null, null), await new TwilioClient(http, Account, new StatusCallbacks(Account, null)).SendAsync(7, Maya, "x"));
    }

    [Theory]
    [InlineData(500, """{"code":20500}""")]
    [InlineData(503, "busy")]
    [InlineData(408, "")]
    [InlineData(200, "<html>a captive portal</html>")]
    [InlineData(201, "{}")]
    [InlineData(201, """{"sid":"SM1""")]
    public async Task What_may_have_left_is_uncertain_and_not_tried_again(int status, string body)
    {
        await using var twilio = await Server.StartAsync(context => Json(context, status, body));
        Assert.IsType<SmsOutcome.Uncertain>(await twilio.Client(Account).SendAsync(7, Maya, "x"));
        Assert.Single(twilio.Requests);
    }

    [Fact]
    public async Task Silence_a_cut_connection_and_an_endless_answer_are_uncertain()
    {
        await using var silent = await Server.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        Assert.IsType<SmsOutcome.Uncertain>(await silent.Client(Account, TimeSpan.FromMilliseconds(300)).SendAsync(7, Maya, "x"));
        await using var cut = await Server.StartAsync(context => { context.Abort(); return Task.CompletedTask; });
        Assert.IsType<SmsOutcome.Uncertain>(await cut.Client(Account).SendAsync(7, Maya, "x"));
        Assert.Single(cut.Requests);
        await using var endless = await Server.StartAsync(context => Json(context, 201, new string(' ', 200_000)));
        Assert.IsType<SmsOutcome.Uncertain>(await endless.Client(Account).SendAsync(7, Maya, "x"));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_was_sent_nothing()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        Assert.Equal(new SmsOutcome.NotTaken(null, null), await new TwilioClient(http, Account, new StatusCallbacks(Account, null)).SendAsync(7, Maya, "x"));
    }

    private static async Task Json(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (status == 302) context.Response.Headers.Location = "/elsewhere";
        await context.Response.WriteAsync(body);
    }

    private sealed record Received(string Line, string Authorization, string Body);

    /// <summary>A Twilio that answers as it is told.</summary>
    private sealed class Server(WebApplication app) : IAsyncDisposable
    {
        private readonly List<HttpClient> clients = [];

        public List<Received> Requests { get; } = [];

        public static async Task<Server> StartAsync(RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var server = new Server(app);
            app.Run(async context =>
            {
                using var body = new StreamReader(context.Request.Body);
                server.Requests.Add(new Received($"{context.Request.Method} {context.Request.Path}",
                    context.Request.Headers.Authorization.ToString(), await body.ReadToEndAsync()));
                await answer(context);
            });
            await app.StartAsync();
            return server;
        }

        public TwilioClient Client(TwilioAccount account, TimeSpan? timeout = null, Uri? publicUrl = null)
        {
            var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                BaseAddress = new Uri(app.Urls.First() + "/"),
                Timeout = timeout ?? TwilioClient.Timeout,
                MaxResponseContentBufferSize = TwilioClient.MaxAnswer,
            };
            clients.Add(http);
            return new TwilioClient(http, account, new StatusCallbacks(account, publicUrl));
        }

        public async ValueTask DisposeAsync()
        {
            clients.ForEach(c => c.Dispose());
            await app.DisposeAsync();
        }
    }
}
