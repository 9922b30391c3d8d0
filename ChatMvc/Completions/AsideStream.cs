using System.Text;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>Reads what nobody waits for, a title or a summary, from the model. A fault is a result like any other.</summary>
public sealed class AsideStream(ModelClient client, UpstreamHealth health)
{
    /// <param name="prompt">What is asked.</param>
    /// <param name="maxLength">UTF-16 characters after which no more is read; the last piece is kept whole.</param>
    /// <param name="limit">The most that the whole may take.</param>
    /// <param name="stopping">The server's end, which interrupts it.</param>
    public async Task<(string Text, AnswerResult Result)> ReadAsync(Prompt prompt, int maxLength, TimeSpan limit, CancellationToken stopping)
    {
        AnswerResult result;
        var text = new StringBuilder();
        var call = new UpstreamCall();
        ChatTokenUsage? usage = null;
        try
        {
            using var whole = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            whole.CancelAfter(limit);
            result = new AnswerResult.Completed("stop");
            await foreach (var update in client.StreamAsync(prompt, safetyKey: null, call, whole.Token).WithCancellation(whole.Token))
            {
                foreach (var part in update.ContentUpdate) text.Append(part.Text);
                usage = update.Usage ?? usage;
                if (text.Length > maxLength) break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            result = new AnswerResult.Interrupted();
        }
        catch (Exception e)
        {
            result = new AnswerResult.Failed(e is OperationCanceledException ? AnswerFailure.Silent : UpstreamFault.Of(e, hadText: false).Failure);
        }
        health.Note(result);
        return (text.ToString(), result with { Tokens = TokenCounts.Of(result, call, usage, prompt, text.ToString()), RequestId = call.RequestId });
    }
}
