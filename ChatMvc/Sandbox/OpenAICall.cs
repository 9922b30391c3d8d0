namespace ChatMvc.Sandbox;

/// <summary>What a chat request was for, read from its messages.</summary>
public enum CallKind { Answer, Title, Summary }

/// <summary>How far a chat request got; the last four are steered faults.</summary>
public enum CallState { Running, Done, AbortedByClient, ServerStopping, Hanging, Refused, Cut, Malformed, ErrorEvent }

/// <summary>One chat request that the sandbox's OpenAI has received.</summary>
public sealed class OpenAICall(string id, CallKind kind, string model, bool stream, DateTimeOffset receivedAt)
{
    public string Id { get; } = id;
    public CallKind Kind { get; } = kind;
    public string Model { get; } = model;
    public bool Stream { get; } = stream;
    public DateTimeOffset ReceivedAt { get; } = receivedAt;
    public DateTimeOffset? EndedAt { get; private set; }
    public CallState State { get; internal set; } = CallState.Running;
    public int PromptTokens { get; init; }

    /// <summary>The <c>x-request-id</c> that its response carries.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The <c>X-Client-Request-Id</c> that its request carried.</summary>
    public string ClientRequestId { get; init; } = "";

    /// <summary>Tokens sent so far.</summary>
    public int CompletionTokens { get; internal set; }

    /// <summary>The request's body as UTF-8 JSON, cut at <see cref="OpenAICalls.MaxBodyBytes"/>; null once it had to make room.</summary>
    public byte[]? Body { get; internal set; }

    public bool BodyIsWhole { get; init; }

    internal void End(CallState state, DateTimeOffset at)
    {
        State = state;
        EndedAt = at;
    }
}
