using ChatMvc.Completions.Live;
using ChatMvc.Shared;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>
/// Reads one answer from the model into its live stream, within all time-outs: the first token, silence, the whole answer.
/// </summary>
public sealed class AnswerStream(ModelClient client, UpstreamHealth health, LiveRooms rooms, OpenAISettings settings, IHostApplicationLifetime lifetime)
{
    /// <summary>UTF-16 characters: far above what any allowed number of tokens gives, so only a runaway upstream meets it.</summary>
    public const int MaxLength = 400_000;
    private const string Length = "length";
    /// <summary>A pause longer than this is a person's to wait out.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    public async Task<AnswerResult> ReadAsync(LiveAnswer answer, Prompt prompt, string? safetyKey, CancellationToken stopping)
    {
        var call = new UpstreamCall();
        ChatTokenUsage? usage = null;
        string? finish = null;
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(stopping, answer.Stopped);
        whole.CancelAfter(settings.AnswerTimeout);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(whole.Token);
        silence.CancelAfter(settings.FirstByteTimeout);
        AnswerResult result;
        try
        {
            await foreach (var update in client.StreamAsync(prompt, safetyKey, call, silence.Token).WithCancellation(silence.Token))
            {
                usage = update.Usage ?? usage;
                finish = update.FinishReason is { } reason ? NameOf(reason) : finish;
                if (Append(answer, update) || answer.Length > 0)
                    silence.CancelAfter(settings.IdleTimeout);
                // One less: a pair of surrogates that did not fit leaves a place free.
                if (answer.Length >= MaxLength - 1)
                {
                    finish = Length;
                    break;
                }
            }
            result = Judge(finish, answer);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            result = IsStopping(stopping) ? new AnswerResult.Interrupted()
                : answer.Stopped.IsCancellationRequested ? new AnswerResult.Stopped()
                // All was said and only the end is missing: nothing is gained by failing it.
                : finish is not null ? Judge(finish, answer)
                : new AnswerResult.Failed(whole.IsCancellationRequested ? AnswerFailure.TooLong : AnswerFailure.Silent);
        }
        catch (Exception e)
        {
            result = IsStopping(stopping) ? new AnswerResult.Interrupted()
                : answer.Stopped.IsCancellationRequested ? new AnswerResult.Stopped()
                : finish is not null ? Judge(finish, answer)
                : Fail(UpstreamFault.Of(e, answer.Length > 0), call, answer);
        }
        health.Note(result);
        Steps.Reached(Steps.LastToken, answer.MessageId);
        return result with { Tokens = TokenCounts.Of(result, call, usage, prompt, answer.NewText), RequestId = call.RequestId };
    }

    // An upstream in this very process, or behind the same shutdown, may end before we are told to.
    private bool IsStopping(CancellationToken stopping) =>
        stopping.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested;

    private bool Append(LiveAnswer answer, StreamingChatCompletionUpdate update)
    {
        var appended = false;
        foreach (var part in update.ContentUpdate) appended |= Append(answer, part.Text);
        return appended | Append(answer, update.RefusalUpdate);
    }

    private bool Append(LiveAnswer answer, string? text)
    {
        text = Fitting(text ?? "", MaxLength - answer.Length);
        if (text.Length == 0) return false;
        var first = answer.Length == 0;
        answer.Append(text);
        rooms.Advanced(answer);
        if (first) Steps.Reached(Steps.FirstToken, answer.MessageId);
        return true;
    }

    // One event may bring megabytes; no pair of surrogates is torn.
    private static string Fitting(string text, int room) =>
        text.Length <= room ? text : room > 0 && char.IsHighSurrogate(text[room - 1]) ? text[..(room - 1)] : text[..room];

    private static AnswerResult Judge(string? finish, LiveAnswer answer) => finish switch
    {
        // The stream ended without saying that the answer did.
        null => new AnswerResult.Failed(AnswerFailure.BrokenOff),
        "content_filter" when string.IsNullOrWhiteSpace(answer.NewText) => new AnswerResult.Failed(AnswerFailure.Refused),
        _ when string.IsNullOrWhiteSpace(answer.NewText) => new AnswerResult.Failed(AnswerFailure.Empty),
        _ => new AnswerResult.Completed(finish),
    };

    private static AnswerResult.Failed Fail(UpstreamFault fault, UpstreamCall call, LiveAnswer answer)
    {
        var retryAfter = call.RetryAfter ?? DefaultRetryAfter;
        if (retryAfter < TimeSpan.Zero) retryAfter = TimeSpan.Zero;
        var mayRetry = fault.MayPass && answer.Length == 0 && retryAfter <= LongestRetryAfter;
        return new AnswerResult.Failed(fault.Failure, mayRetry ? retryAfter : null);
    }

    private static string NameOf(ChatFinishReason reason) => reason switch
    {
        ChatFinishReason.Length => Length,
        ChatFinishReason.ContentFilter => "content_filter",
        ChatFinishReason.ToolCalls => "tool_calls",
        ChatFinishReason.FunctionCall => "function_call",
        _ => "stop",
    };
}
