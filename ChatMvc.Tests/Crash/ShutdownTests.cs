using ChatMvc.Chats;
using ChatMvc.Sandbox;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace ChatMvc.Tests.Crash;

/// <summary><c>SIGTERM</c>, and a second process on the same data.</summary>
public sealed class ShutdownTests(ITestOutputHelper output)
{
    /// <summary>The contract's 10 s; what is aimed at is 2 s.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task In_mid_stream_it_ends_well_and_spends_no_request()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(KillTests.Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");

        // More often than an answer may be asked for after crashes.
        for (var stops = 1; stops <= Message.MaxRequests + 1; stops++)
        {
            await app.UpstreamIsAskedAsync(CallKind.Answer, times: stops);
            var shown = await maya.AnswerHasBegunAsync(chat, characters: 50);
            Assert.Equal("streaming", shown.State());
            await EndsWellAsync(app);
            Assert.StartsWith(shown.Body(), await app.HasStoredPartsAsync(characters: 50, attempt: stops));
            if (stops > Message.MaxRequests) app.WillAnswer(KillTests.Text);
            await app.RestartAsync();
        }

        await KillTests.IsAnsweredOnceAsync(app, maya, chat, requests: Message.MaxRequests + 2);
    }

    [Fact]
    public async Task While_the_upstream_is_silent_it_ends_just_as_soon()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(KillTests.Text);
        app.OpenAI.WillHangAfter(0);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        Assert.NotNull(await app.OpenAI.WaitForCallAsync(c => c.State == CallState.Hanging, TimeSpan.FromSeconds(20)));

        await EndsWellAsync(app);
        await app.RestartAsync();

        await KillTests.IsAnsweredOnceAsync(app, maya, chat, requests: 2);
    }

    [Fact]
    public async Task With_fifty_streams_and_twenty_answers_it_ends_in_time_and_loses_none()
    {
        const int Answers = 20, Streams = 51;
        string[] names = ["Maya", "Noor", "Ines"];
        await using var app = await MortalApp.StartAsync(null, "Limits:ConcurrentAnswers=20", "Limits:BasicMessages=20");
        app.WillAnswer(KillTests.Text, slowly: true);
        var visitors = new List<Visitor>();
        var chats = new List<(Visitor Visitor, string Chat)>();
        foreach (var name in names) visitors.Add(await app.SignInAsAsync(name));
        for (var n = 0; n < Answers; n++)
        {
            var visitor = visitors[n % visitors.Count];
            chats.Add((visitor, (await visitor.StartChatAsync($"Question {n}")).Split('#')[0]));
        }
        var streams = new List<Stream>();
        for (var n = 0; n < Streams; n++)
        {
            var (visitor, chat) = chats[n % chats.Count];
            streams.Add(await visitor.Http.GetStreamAsync($"{chat}/events?after=0"));
        }
        await app.UpstreamIsAskedAsync(CallKind.Answer, Answers);

        await EndsWellAsync(app);
        foreach (var stream in streams) await stream.DisposeAsync();
        var interrupted = await app.ReadAsync(db => db.Messages.Unfinished().CountAsync());
        Assert.True(interrupted >= Answers / 2, $"Only {interrupted} answers were still running.");
        app.WillAnswer(KillTests.Text);
        await app.RestartAsync();

        foreach (var (visitor, chat) in chats)
        {
            var answer = await visitor.LastAnswerAsync(chat);
            Assert.Equal(("done", KillTests.Text), (answer.State(), answer.Body()));
        }
        Assert.Equal(Answers + interrupted, app.OpenAI.Calls.Answers);
        Assert.Equal(Answers, await app.ReadAsync(db => db.AllowanceUses.CountAsync(u => u.GivenBackAt == null)));
        visitors.ForEach(v => v.Dispose());
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused_and_the_first_does_not_notice()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(KillTests.Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        await maya.AnswerHasBegunAsync(chat, characters: 1);

        using var second = app.StartAnother();

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains("in use by another", Assert.Single(second.Output.Split('\n')));
        app.LetAnswersEnd();
        await KillTests.IsAnsweredOnceAsync(app, maya, chat, requests: 1);
    }

    private async Task EndsWellAsync(MortalApp app)
    {
        var (exitCode, took) = await app.Server.TerminateAsync();
        output.WriteLine($"SIGTERM to exit: {took.TotalSeconds:N2} s");
        Assert.True(exitCode == 0, $"Exit code {exitCode}:\n{app.Server.Output}");
        Assert.True(took < Longest, $"It took {took}:\n{app.Server.Output}");
        Assert.Empty(app.Server.Errors);
    }
}
