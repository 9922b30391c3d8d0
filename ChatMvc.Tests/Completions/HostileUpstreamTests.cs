using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Tests.Chats;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>Upstreams that are not there, lead elsewhere, or send without end.</summary>
public sealed class HostileUpstreamTests
{
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_refused_connection_fails_soon_and_costs_nothing()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        await FailsAsync($"http://127.0.0.1:{port}/v1", AnswerFailure.Unreachable);
    }

    [Fact]
    public async Task A_name_that_nobody_has_fails_soon_and_costs_nothing() =>
        await FailsAsync("http://no-such-host.invalid/v1", AnswerFailure.Unreachable);

    [Fact]
    public async Task A_certificate_of_somebody_else_is_not_accepted()
    {
        await using var upstream = await OwnUpstream.StartAsync(context => context.Response.WriteAsync(OwnUpstream.Delta("Trust me.") + OwnUpstream.End), withBadCertificate: true);

        await FailsAsync(upstream.BaseUrl, AnswerFailure.Unreachable);

        Assert.Equal(0, upstream.Requests);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        var visits = 0;
        await using var elsewhere = await OwnUpstream.StartAsync(context =>
        {
            Interlocked.Increment(ref visits);
            return context.Response.WriteAsync(OwnUpstream.Delta("You were led here.") + OwnUpstream.End);
        });
        await using var upstream = await OwnUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.BaseUrl + "/chat/completions";
            return Task.CompletedTask;
        });

        await FailsAsync(upstream.BaseUrl, null);

        Assert.Equal((1, 0), (upstream.Requests, visits));
    }

    [Theory]
    [InlineData("text/html", "<html><body>A captive portal</body></html>")]
    [InlineData("application/json", """{"error":{"message":"the-upstreams-own-words"}}""")]
    [InlineData("text/event-stream", "")]
    [InlineData("text/event-stream", ": only a comment\n\n")]
    [InlineData("text/event-stream", "data: [DONE]\n\n")]
    [InlineData("text/event-stream", "data: {}\n\ndata: [DONE]\n\n")]
    [InlineData("text/event-stream", "data: null\n\n")]
    [InlineData("text/event-stream", "data: []\n\n")]
    [InlineData("text/event-stream", "data: \"the-upstreams-own-words\"\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"delta\":null}]}\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":7}}]}\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n")]
    public async Task Two_hundred_without_an_answer_in_it_fails(string type, string body)
    {
        await using var upstream = await OwnUpstream.StartAsync(context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(body);
        });

        await FailsAsync(upstream.BaseUrl, null);

        Assert.Equal(1, upstream.Requests);
    }

    [Fact]
    public async Task Events_cut_anywhere_make_the_same_answer()
    {
        var stream = System.Text.Encoding.UTF8.GetBytes(OwnUpstream.Delta("Brötchen 🥖 ") + ": a comment\n\n" + OwnUpstream.Delta("und Brot.") + OwnUpstream.End);
        await using var upstream = await OwnUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (var single in stream)
            {
                await context.Response.Body.WriteAsync(new[] { single });
                await context.Response.Body.FlushAsync();
            }
        });
        await using var app = await StartAsync(upstream.BaseUrl);
        using var maya = await app.SignInAsAsync("Maya");

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("What is for breakfast?"));

        Assert.Equal(("done", "Brötchen 🥖 und Brot."), (answer.State(), answer.Body()));
    }

    [Fact]
    public async Task An_answer_without_end_is_ended_at_the_cap_and_the_upstream_let_go()
    {
        var left = new TaskCompletionSource();
        await using var upstream = await OwnUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var piece = OwnUpstream.Delta(string.Concat(Enumerable.Repeat("word after word ", 500)) + "\n\n");
            try
            {
                while (true) await context.Response.WriteAsync(piece, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                left.TrySetResult();
            }
        });
        await using var app = await StartAsync(upstream.BaseUrl);
        using var maya = await app.SignInAsAsync("Maya");

        var chat = await maya.StartChatAsync("Tell me everything");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("done", "The answer reached its maximum length and ends here."), (answer.State(), answer.Note()));
        Assert.InRange(await LengthAsync(app), AnswerStream.MaxLength - 1, AnswerStream.MaxLength);
        Assert.Equal(1, await app.ReadAsync(db => db.Completions.CountAsync(c => c.Kind == CompletionKind.Answer)));
    }

    [Fact]
    public async Task A_single_word_beyond_the_cap_is_cut_at_the_cap()
    {
        await using var upstream = await OwnUpstream.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(OwnUpstream.Delta(string.Concat(Enumerable.Repeat("🥖", 250_000))) + OwnUpstream.End);
        });
        await using var app = await StartAsync(upstream.BaseUrl);
        using var maya = await app.SignInAsAsync("Maya");

        var chat = await maya.StartChatAsync("Tell me everything");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal("done", answer.State());
        Assert.InRange(await LengthAsync(app), AnswerStream.MaxLength - 1, AnswerStream.MaxLength);
        Assert.DoesNotContain('\uFFFD', answer.Body());
    }

    [Theory]
    [InlineData(200, 'a')]
    [InlineData(400, 'a')]
    [InlineData(400, '\n')]
    public async Task A_line_or_an_error_page_without_end_is_given_up_before_it_fills_the_memory(int status, char filling)
    {
        var sent = 0;
        await using var upstream = await OwnUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = status == 200 ? "text/event-stream" : "application/json";
            var megabyte = new byte[1024 * 1024];
            Array.Fill(megabyte, (byte)filling);
            await context.Response.WriteAsync("data: ");
            // A quarter of a gigabyte: who reads on to the end has no bound.
            for (; sent < 256 && !context.RequestAborted.IsCancellationRequested; sent++)
            {
                await context.Response.Body.WriteAsync(megabyte);
                await Task.Delay(1);
            }
        });

        await FailsAsync(upstream.BaseUrl, null);

        Assert.InRange(sent, 1, 100);
        Assert.Equal(1, upstream.Requests);
    }

    private static async Task FailsAsync(string baseUrl, AnswerFailure? expected)
    {
        await using var app = await StartAsync(baseUrl);
        using var maya = await app.SignInAsAsync("Maya");
        var began = Stopwatch.GetTimestamp();

        var chat = await maya.StartChatAsync("How is bread made?");
        var failed = await maya.LastAnswerAsync(chat);

        Assert.True(Stopwatch.GetElapsedTime(began) < InTime, $"It took {Stopwatch.GetElapsedTime(began)}.");
        Assert.Equal(("failed", ""), (failed.State(), failed.Body()));
        var failure = await app.ReadAsync(db => db.Messages.Where(m => m.Role == Role.Assistant).Select(m => m.Failure).SingleAsync());
        if (expected is not null) Assert.Equal(expected, failure);
        Assert.NotEqual(AnswerFailure.Internal, failure);
        var room = await maya.GetAsync(chat);
        Assert.Equal(5, room.Left);
        Assert.DoesNotContain("the-upstreams-own-words", room.Text, StringComparison.Ordinal);
    }

    // The list of models is given, so that nothing but the chat request goes to the upstream.
    private static Task<TestApp> StartAsync(string baseUrl) => TestApp.StartAsync(
        $"OpenAI:BaseUrl={baseUrl}", "OpenAI:ApiKey=sk-test", "OpenAI:Models=gpt-6-luna", "OpenAI:FirstByteTimeout=00:00:10");

    // In UTF-16 units; SQLite would count characters.
    private static async Task<int> LengthAsync(TestApp app) => (await app.MessagesAsync()).Single(m => m.Role == Role.Assistant).Text!.Length;
}
