using System.Diagnostics;
using ChatMvc.Sandbox.Answers;

namespace ChatMvc.Sandbox;

/// <summary>OpenAI as the sandbox plays it: how it behaves, and what it was asked. Served at <see cref="BasePath"/>.</summary>
public sealed class SandboxOpenAI(TimeProvider clock, IHostApplicationLifetime lifetime)
{
    /// <summary>What stands behind the server's own address in <c>OpenAI:BaseUrl</c>.</summary>
    public const string BasePath = "/sandbox/openai/v1";

    /// <summary>A key for the app's client; any that is not empty is taken.</summary>
    public const string ApiKey = "sk-sandbox";

    private readonly Steering<OpenAIBehaviour> steering = new();
    private readonly Pulse changed = new();

    /// <summary>
    /// How the next chat request is answered. One with <c>Times</c> lies on top of the standing one and falls away after
    /// so many requests; where it leaves the pace open, the standing one's holds.
    /// </summary>
    public OpenAIBehaviour Behaviour
    {
        get => steering.Current;
        set => steering.Current = value;
    }

    public OpenAICalls Calls { get; } = new();

    /// <summary>Answers with exactly this, at the pace in force, until changed.</summary>
    public void WillAnswer(string text) => Behaviour = Pace with { Text = text };

    /// <summary>Answers that many requests with an HTTP error, then as before.</summary>
    public void WillFail(int status, int times = 1, string? errorType = null, string? errorCode = null, int? retryAfterSeconds = null) =>
        Behaviour = new() { Status = status, Times = times, ErrorType = errorType, ErrorCode = errorCode, RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Tears the next answer's connection down after so many tokens.</summary>
    public void WillCutAfter(int tokens) => Behaviour = new() { CutAfterTokens = tokens, Times = 1 };

    /// <summary>Goes silent in the next answer after so many tokens, with the connection open.</summary>
    public void WillHangAfter(int tokens) => Behaviour = new() { HangAfterTokens = tokens, Times = 1 };

    /// <summary>Goes silent in each answer after so many tokens, until what is returned has a result; then the rest comes.</summary>
    public TaskCompletionSource WillHoldAfter(int tokens)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Behaviour = Behaviour with { BeforeToken = sent => sent == tokens ? released.Task : Task.CompletedTask };
        return released;
    }

    /// <summary>Answers at this pace, in milliseconds, until changed; all at once when none is given.</summary>
    public void WillHurry(int firstTokenDelayMs = 0, int tokenDelayMs = 0) =>
        Behaviour = new() { FirstTokenDelayMs = firstTokenDelayMs, TokenDelayMs = tokenDelayMs };

    /// <summary>Back to canned answers at human pace.</summary>
    public void Reset() => steering.Reset();

    /// <summary>
    /// The first kept call that matches, looked for whenever one begins, falls silent or ends; null when none did in
    /// <paramref name="timeout"/> (real time).
    /// </summary>
    public Task<OpenAICall?> WaitForCallAsync(Func<OpenAICall, bool> matches, TimeSpan timeout, CancellationToken cancel = default) =>
        changed.FirstAsync(() => Calls.Snapshot().FirstOrDefault(matches), timeout, cancel);

    /// <summary>Serves one chat request, from the first check to the last byte.</summary>
    internal async Task ServeAsync(HttpContext http)
    {
        var began = Stopwatch.GetTimestamp();
        if (await SandboxBody.ReadAsync(http.Request, SandboxBody.MaxChatBytes) is not { } body)
        {
            await OpenAIError.TooLarge.WriteAsync(http.Response);
            return;
        }
        var (request, error) = OpenAIRequest.Parse(body);
        if (request is null)
        {
            await error!.WriteAsync(http.Response);
            return;
        }

        var call = Begin(http, request, body, OpenAIUsage.Of(request, steered: null));
        var behaviour = steering.Take(given => given.AppliesTo(call.Kind));
        var usage = OpenAIUsage.Of(request, behaviour.Usage);

        // The host waits for open requests when it stops; an answer of minutes must not hold it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        OpenAIHeaders.WriteLimits(http.Response, usage, began);
        try
        {
            await new OpenAIAnswering(http, call, request, behaviour, usage, state => Reached(call, state), stop.Token).RunAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Reached(call, http.RequestAborted.IsCancellationRequested ? CallState.AbortedByClient : CallState.ServerStopping);
            http.Abort();
        }
        finally
        {
            Reached(call, CallState.Cut);
        }
    }

    private OpenAIBehaviour Pace => new() { FirstTokenDelayMs = Behaviour.FirstTokenDelayMs, TokenDelayMs = Behaviour.TokenDelayMs };

    private OpenAICall Begin(HttpContext http, OpenAIRequest request, byte[] body, OpenAIUsage usage)
    {
        var kind = CannedSummary.IsAskedFor(request.Conversation) ? CallKind.Summary
            : CannedTitle.IsAskedFor(request.Conversation) ? CallKind.Title : CallKind.Answer;
        var whole = body.Length <= OpenAICalls.MaxBodyBytes;
        var call = new OpenAICall(OpenAIIds.New("chatcmpl-"), kind, request.Model, request.Stream, clock.GetUtcNow())
        {
            PromptTokens = usage.PromptTokens,
            RequestId = http.Response.Headers[OpenAIHeaders.RequestId].ToString(),
            ClientRequestId = http.Request.Headers["X-Client-Request-Id"].ToString(),
            Body = whole ? body : body[..OpenAICalls.MaxBodyBytes],
            BodyIsWhole = whole,
        };
        Calls.Begin(call);
        changed.Beat();
        return call;
    }

    private void Reached(OpenAICall call, CallState state)
    {
        if (state == CallState.Hanging)
            call.State = state;
        else
            Calls.End(call, state, clock.GetUtcNow());
        changed.Beat();
    }
}
