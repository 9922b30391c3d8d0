using System.Diagnostics;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>Each way an upstream can fail ends in a clear state, in time, costs nothing, and a retry is offered that works.</summary>
public sealed class FaultTests
{
    private const string Canary = "the-upstreams-own-words";
    private const string Text = "One two three four five six seven eight nine ten eleven twelve.";
    /// <summary>Far above all time-outs of these tests, far below those of production.</summary>
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(25);

    /// <param name="Behaviour">What the upstream does until it is told otherwise.</param>
    /// <param name="Failure">The reason that is stored.</param>
    /// <param name="Requests">How often it may be asked.</param>
    /// <param name="KeepsText">Whether something had been written that stays.</param>
    private sealed record Fault(OpenAIBehaviour Behaviour, AnswerFailure Failure, int Requests, bool KeepsText = false);

    private static readonly Dictionary<string, Fault> Faults = new()
    {
        ["401, the key is refused"] = new(Status(401), AnswerFailure.KeyRefused, 1),
        ["403, the country or the model"] = new(Status(403), AnswerFailure.KeyRefused, 1),
        ["429, the account is used up"] = new(Status(429, "insufficient_quota", "insufficient_quota"), AnswerFailure.QuotaUsed, 1),
        ["429, the account is used up by its type alone"] = new(Status(429, "insufficient_quota", "credit_balance_exhausted"), AnswerFailure.QuotaUsed, 1),
        ["429, the rate, twice"] = new(Status(429), AnswerFailure.Busy, 2),
        ["500 twice"] = new(Status(500), AnswerFailure.UpstreamError, 2),
        ["502 twice"] = new(Status(502), AnswerFailure.UpstreamError, 2),
        ["503 twice"] = new(Status(503), AnswerFailure.UpstreamError, 2),
        ["504 twice"] = new(Status(504), AnswerFailure.UpstreamError, 2),
        ["501, which no repetition helps"] = new(Status(501), AnswerFailure.UpstreamError, 1),
        ["404, the model is gone"] = new(Status(404), AnswerFailure.ModelMissing, 1),
        ["413, the request is too large"] = new(Status(413), AnswerFailure.PromptTooLong, 1),
        ["400, the context is too long"] = new(Status(400, code: "context_length_exceeded"), AnswerFailure.PromptTooLong, 1),
        ["400, the content filter"] = new(Status(400, code: "content_filter"), AnswerFailure.Refused, 1),
        ["400, a field it does not know"] = new(Status(400, code: "unsupported_parameter"), AnswerFailure.RequestRefused, 1),
        ["422"] = new(Status(422), AnswerFailure.RequestRefused, 1),
        ["cut before the first token, twice"] = new(new() { Text = Text, CutAfterTokens = 0 }, AnswerFailure.BrokenOff, 2),
        ["cut within the answer"] = new(new() { Text = Text, CutAfterTokens = 7 }, AnswerFailure.BrokenOff, 1, KeepsText: true),
        ["a malformed event at once"] = new(new() { Text = Text, MalformedAfterTokens = 0 }, AnswerFailure.BrokenOff, 1),
        ["a malformed event within the answer"] = new(new() { Text = Text, MalformedAfterTokens = 7 }, AnswerFailure.BrokenOff, 1, KeepsText: true),
        ["an error event at once"] = new(new() { Text = Text, ErrorEventAfterTokens = 0, ErrorMessage = Canary }, AnswerFailure.BrokenOff, 1),
        ["an error event within the answer"] = new(new() { Text = Text, ErrorEventAfterTokens = 7, ErrorMessage = Canary }, AnswerFailure.BrokenOff, 1, KeepsText: true),
        ["silence before the first token"] = new(new() { Text = Text, HangAfterTokens = 0 }, AnswerFailure.Silent, 1),
        ["silence within the answer"] = new(new() { Text = Text, HangAfterTokens = 7 }, AnswerFailure.Silent, 1, KeepsText: true),
        ["all words and then silence in place of the end"] = new(new() { Text = Text, HangBeforeEnd = true }, AnswerFailure.Silent, 1, KeepsText: true),
        ["the content filter without a word"] = new(new() { Empty = true, FinishReason = "content_filter" }, AnswerFailure.Refused, 1),
        ["nothing at all"] = new(new() { Empty = true }, AnswerFailure.Empty, 1),
        ["nothing but blanks"] = new(new() { Text = "  \n\n \n" }, AnswerFailure.Empty, 1),
        ["its length used up before the first word"] = new(new() { Empty = true, FinishReason = "length" }, AnswerFailure.Empty, 1),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task A_failed_answer_says_why_costs_nothing_and_gives_way_to_its_retry(string name)
    {
        var fault = Faults[name];
        // What fails for another reason has to be told by it, however slow the machine is.
        var patience = fault.Failure == AnswerFailure.Silent ? "00:00:03" : "00:00:30";
        await using var app = await TestApp.StartAsync($"OpenAI:FirstByteTimeout={patience}", $"OpenAI:IdleTimeout={patience}");
        using var maya = await app.SignInAsAsync("Maya");
        // A line that is torn takes along what has not been read of it: text that is to be kept needs a moment to arrive.
        app.OpenAI.Behaviour = fault.Behaviour with { FirstTokenDelayMs = 0, TokenDelayMs = fault.KeepsText ? 50 : 0 };
        var began = Stopwatch.GetTimestamp();

        var chat = await maya.StartChatAsync("How is bread made?");
        var failed = await maya.LastAnswerAsync(chat);

        Assert.True(Stopwatch.GetElapsedTime(began) < InTime, $"It took {Stopwatch.GetElapsedTime(began)}.");
        Assert.Equal("failed", failed.State());
        Assert.Equal(FailureWords.Of(fault.Failure), failed.Note());
        Assert.Equal(fault.KeepsText, failed.Body().Length > 0);
        Assert.StartsWith(failed.Body(), Text);
        Assert.Equal(fault.Requests, app.OpenAI.Calls.Answers);
        var room = await maya.GetAsync(chat);
        Assert.Equal(5, room.Left);
        Assert.DoesNotContain(Canary, room.Text, StringComparison.Ordinal);
        Assert.Equal("How is bread made?", Assert.Single(room.Questions).Body());

        app.OpenAI.WillAnswer("All is well again.");
        Assert.Equal(303, (await maya.SubmitAsync(failed.Form("regenerate"))).Status);
        var retried = await maya.LastAnswerAsync(chat);

        Assert.Equal("done", retried.State());
        Assert.Equal("All is well again.", retried.Body());
        room = await maya.GetAsync(chat);
        Assert.Equal(4, room.Left);
        Assert.Equal(retried.Id, Assert.Single(room.Answers).Id);
        Assert.Equal(fault.Requests + 1, app.OpenAI.Calls.Answers);
        var (failedId, retriedId) = (failed.MessageId(), retried.MessageId());
        // A sibling: the failed one is kept, at its own address.
        var messages = await app.MessagesAsync();
        Assert.Equal(messages.Single(m => m.Id == failedId).ParentId, messages.Single(m => m.Id == retriedId).ParentId);
        Assert.Equal(200, (await maya.GetAsync($"{chat}/messages/{failedId}")).Status);
        // One row for each request, and none of the failed ones on anybody's bill.
        var requests = await app.ReadAsync(db => db.Completions.Where(c => c.MessageId == failedId).ToListAsync());
        Assert.Equal(fault.Requests, requests.Count);
        Assert.All(requests, r => Assert.Equal(("failed", Payer.Operator, (long?)null), (r.Outcome, r.Payer, r.ChargedMicros)));
        var uses = await app.ReadAsync(db => db.AllowanceUses.OrderBy(u => u.Id).ToListAsync());
        Assert.Equal([failedId, retriedId], uses.Select(u => u.AnswerId));
        Assert.Equal([true, false], uses.Select(u => u.GivenBackAt is not null));
    }

    [Theory]
    [InlineData("length", "The answer reached its maximum length and ends here.")]
    [InlineData("content_filter", "The provider’s content filter ended this answer here.")]
    public async Task An_answer_that_was_ended_early_is_done_keeps_its_text_and_says_so(string reason, string note)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = Text, FinishReason = reason, FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        var chat = await maya.StartChatAsync("How is bread made?");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("done", Text, note), (answer.State(), answer.Body(), answer.Note()));
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
    }

    [Fact]
    public async Task A_refusal_in_the_models_words_is_its_answer()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Refusal = "I cannot help with that.", FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        var chat = await maya.StartChatAsync("How is dynamite made?");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("done", "I cannot help with that."), (answer.State(), answer.Body()));
    }

    [Fact]
    public async Task An_answer_without_usage_is_done_all_the_same()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = Text, WithoutUsage = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));

        Assert.Equal(("done", Text), (answer.State(), answer.Body()));
    }

    private static OpenAIBehaviour Status(int status, string? type = null, string? code = null) => new()
    {
        Status = status,
        ErrorType = type,
        ErrorCode = code,
        ErrorMessage = Canary,
        RetryAfterSeconds = status == 429 ? 0 : null,
    };
}
