using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Billing;

/// <summary>The free messages of a rolling window, as the pages tell and the posts obey.</summary>
public sealed partial class AllowanceTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Over_the_limit_the_text_stays_in_the_box_and_nothing_is_stored()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=2");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        await maya.SayAsync(chat, "Two");
        await maya.LastAnswerAsync(chat);
        var asked = app.OpenAI.Calls.Answers;
        var room = await maya.GetAsync(chat);
        Assert.Equal(0, room.Left);

        var refused = await maya.SayAsync(chat, "Three <b>&amp;</b> \"more\"");
        var fresh = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Four"));

        Assert.All([refused, fresh], r => Assert.Equal(429, r.Status));
        foreach (var notice in new[] { refused, fresh }.Select(r => r.Document.QuerySelector("[data-notice=limit]")!))
        {
            Assert.StartsWith("Your 2 free messages are used. The next one comes back t", notice.TextContent.Trim());
            Assert.Equal(["Credit", "Pro"], notice.QuerySelectorAll("li strong").Select(way => way.TextContent));
            Assert.Equal("/billing", notice.QuerySelector("a")!.GetAttribute("href"));
        }
        Assert.Equal(("Three <b>&amp;</b> \"more\"", "Four"), (refused.Typed, fresh.Typed));
        Assert.Equal(4, (await app.MessagesAsync()).Count);
        Assert.Equal(asked, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task The_last_two_are_announced_in_words()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=3");
        using var maya = await app.SignInAsAsync("Maya");
        Assert.DoesNotContain("Only", (await maya.GetAsync("/chats")).Allowance);
        foreach (var warning in new[] { "Only two left.", "Only one left.", null })
        {
            await maya.LastAnswerAsync(await maya.StartChatAsync("One more"));
            var page = await maya.GetAsync("/chats");
            Assert.Equal(warning, page.Document.QuerySelector("#allowance strong")?.TextContent);
            Assert.Equal("Basic", page.Document.QuerySelector("#allowance .badge")!.TextContent);
        }
    }

    [Fact]
    public async Task A_retry_over_the_limit_is_refused_in_its_place()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("One");
        var answer = await maya.LastAnswerAsync(chat);
        var own = await maya.GetAsync($"{chat}/messages/{answer.MessageId()}");
        var again = own.Document.QuerySelector<IHtmlFormElement>("form.again")!;

        var (page, fragment) = (await maya.SubmitAsync(again), await maya.SubmitByHtmxAsync(again));

        Assert.Equal((429, 429), (page.Status, fragment.Status));
        Assert.StartsWith("Your free message is used.", page.Notice("limit"));
        Assert.Contains("data-notice=\"limit\"", fragment.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Each_message_comes_back_a_window_after_it_was_sent()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("0");
        await maya.LastAnswerAsync(chat);
        for (var i = 1; i < 5; i++)
        {
            app.Time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(303, (await maya.SayAsync(chat, $"{i}")).Status);
            await maya.LastAnswerAsync(chat);
        }
        // The clock of the app runs on by itself, so it is set by what it stored.
        var first = (await app.MessagesAsync())[0].CreatedAt;

        // Well before: a slow machine must not tick into the next second.
        app.Time.Advance(first + Day - TimeSpan.FromMinutes(1) - app.Time.GetUtcNow());
        Assert.Equal(429, (await maya.SayAsync(chat, "Too early")).Status);
        app.Time.Advance(first + Day + Second - app.Time.GetUtcNow());

        Assert.Equal(1, (await maya.GetAsync(chat)).Left);
        Assert.Equal(303, (await maya.SayAsync(chat, "In time")).Status);
        await maya.LastAnswerAsync(chat);
        Assert.Equal(429, (await maya.SayAsync(chat, "One, not five")).Status);
        Assert.Equal(0, (await maya.GetAsync(chat)).Left);
    }

    [Fact]
    public async Task The_last_second_of_the_window_counts()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        // As if sent a window less a second ago, and once more a window and a second ago; the row is written anew each
        // time, because the clock runs.
        var refused = await SayWhenUsedAsync(app, maya, chat, Day - Second);
        var taken = await SayWhenUsedAsync(app, maya, chat, Day + Second);

        Assert.Equal((429, 303), (refused, taken));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("Asia/Tokyo", 9)]
    [InlineData("America/Phoenix", -7)]
    [InlineData("Asia/Kathmandu", 5.75)]
    public async Task The_time_of_the_next_message_is_told_in_the_persons_zone(string? zone, double hours)
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        if (zone is not null) await app.SqlAsync($"UPDATE Users SET TimeZone = '{zone}'");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);

        var room = await maya.GetAsync(chat);
        var refused = await maya.SayAsync(chat, "Two");

        var next = (await app.MessagesAsync())[0].CreatedAt + Day;
        var time = room.Document.QuerySelector("#allowance time")!;
        // Stored in milliseconds, told to the second and to the minute.
        Assert.Equal(next.UtcDateTime, DateTime.Parse(time.GetAttribute("datetime")!, null, System.Globalization.DateTimeStyles.AdjustToUniversal), TimeSpan.FromSeconds(2));
        var told = TimeOnly.ParseExact(Clock().Match(time.TextContent).Value, "HH:mm");
        var expected = TimeOnly.FromDateTime(next.UtcDateTime.AddHours(hours));
        var apart = (told - expected).TotalMinutes; // always forwards: 0 to 1,440
        Assert.InRange(Math.Min(apart, 24 * 60 - apart), 0, 1);
        Assert.Contains(time.TextContent, refused.Notice("limit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_sold_nothing_is_limited()
    {
        await using var app = await TestApp.StartAsync("Billing:Provider=none", "SignUp:Mode=open", "Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("0");
        await maya.LastAnswerAsync(chat);
        for (var i = 1; i < 7; i++)
        {
            Assert.Equal(303, (await maya.SayAsync(chat, $"{i}")).Status);
            await maya.LastAnswerAsync(chat);
        }

        var room = await maya.GetAsync(chat);

        Assert.Equal(7, room.Answers.Count);
        Assert.Null(room.Document.QuerySelector("#allowance"));
        Assert.Null((await maya.GetAsync("/chats")).Document.QuerySelector("#allowance"));
        Assert.Equal(0, await app.ReadAsync(db => Task.FromResult(db.AllowanceUses.Count())));
    }

    [Fact]
    public async Task A_model_above_the_free_ones_is_refused_by_name_and_costs_nothing()
    {
        await using var app = await TestApp.StartAsync("OpenAI:BasicModels=gpt-6-luna");
        using var maya = await app.SignInAsAsync("Maya");

        var refused = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "One"), ("model", "gpt-6-astra"));

        Assert.Equal(429, refused.Status);
        Assert.Contains("gpt-6-astra is not part of the free allowance", refused.Notice("limit"), StringComparison.Ordinal);
        Assert.Equal(("One", 5), (refused.Typed, refused.Left));
        Assert.Equal(0, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task An_answer_that_a_shutdown_interrupted_counts_when_it_is_stopped_afterwards()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        // As an orderly shutdown leaves it, with its person's wish to stop it.
        await app.SqlAsync("UPDATE Completions SET Outcome = 'interrupted', Payer = 'Operator' WHERE Kind = 'Answer'");
        await app.SqlAsync("UPDATE Messages SET State = 'Streaming', LeaseUntil = NULL, LeaseOwner = NULL, Interruptions = 1, StopRequestedAt = 1, FinishedAt = NULL WHERE Role = 'Assistant'");

        await maya.AnswerInStateAsync(chat, "stopped");

        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
        Assert.Equal(ChatMvc.Completions.Payer.Allowance, Assert.Single(await app.AnswerRequestsAsync()).Payer);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }

    private static async Task<int> SayWhenUsedAsync(TestApp app, Visitor maya, string chat, TimeSpan ago)
    {
        var form = (await maya.GetAsync(chat)).Compose;
        var at = (app.Time.GetUtcNow() - ago).ToUnixTimeMilliseconds();
        await app.SqlAsync($"UPDATE AllowanceUses SET TakenAt = {at}");
        return (await maya.SubmitAsync(form, ("text", "Two"))).Status;
    }

    [GeneratedRegex(@"\d\d:\d\d")]
    private static partial Regex Clock();
}
