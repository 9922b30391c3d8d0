using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;

namespace ChatMvc.Chats;

public enum Role { User, Assistant }

public enum MessageState { Queued, Streaming, Done, Stopped, Failed }

/// <summary>
/// One turn in a room. A person's message is done when it is written; an answer goes queued → streaming → done, stopped
/// or failed. Its text is written once, at the end; until then it lies in <see cref="MessagePart"/> rows.
/// </summary>
public sealed class Message
{
    /// <summary>In UTF-16 characters, as a browser's <c>maxlength</c> counts them.</summary>
    public const int MaxText = 32_000;
    /// <summary>Upstream requests for one answer in all: the first, and one after a crash or a passing fault.</summary>
    public const int MaxRequests = 2;

    private Message() { }

    /// <summary>A person's message under the room's head.</summary>
    /// <param name="author">Who wrote it.</param>
    /// <param name="chat">Where.</param>
    /// <param name="text">Their words.</param>
    /// <param name="nonce">Of the form.</param>
    /// <param name="now">When.</param>
    /// <param name="contextVersionId">The system prompt in force; null for none.</param>
    public static Message From(User author, Chat chat, string text, string nonce, DateTimeOffset now, long? contextVersionId = null) => new()
    {
        Chat = chat,
        ParentId = chat.HeadId,
        AuthorId = author.Id,
        AskedById = author.Id,
        Role = Role.User,
        State = MessageState.Done,
        Text = text,
        Tokens = TokenEstimate.OfTurn(text),
        Nonce = nonce,
        ContextVersionId = contextVersionId,
        Revision = chat.Revision,
        CreatedAt = now,
        FinishedAt = now,
    };

    /// <summary>The empty answer to a question, waiting for its turn. Asking once more makes a sibling.</summary>
    public static Message AnswerTo(Message question, Chat chat, long askedById, string model, Cover cover, DateTimeOffset now) => new()
    {
        Chat = chat,
        Parent = question,
        AskedById = askedById,
        Role = Role.Assistant,
        State = MessageState.Queued,
        Model = model,
        Payer = cover.By,
        MaxPromptTokens = cover.MaxPromptTokens,
        MaxAnswerTokens = cover.MaxAnswerTokens,
        ReservedMicros = cover.Reserved.Micros,
        ContextVersionId = question.ContextVersionId,
        IsWithoutMemory = chat.IsWithoutMemory,
        Temperature = chat.Temperature,
        Revision = chat.Revision,
        CreatedAt = now,
    };

    /// <summary>Puts a new question under another message than the head; null for none.</summary>
    public Message Under(long? parentId)
    {
        ParentId = parentId;
        return this;
    }

    /// <summary>Makes a new answer go on with the text of an earlier one.</summary>
    public Message Continuing(Message? earlier)
    {
        ContinuesId = earlier?.Id;
        return this;
    }

    public long Id { get; private set; }
    public long ChatId { get; private set; }
    public Chat Chat { get; private set; } = null!;
    public long? ParentId { get; private set; }
    public Message? Parent { get; private set; }
    /// <summary>Who wrote it; null for an answer.</summary>
    public long? AuthorId { get; private set; }
    /// <summary>Whose question this is or answers, and so whose allowance and turn.</summary>
    public long AskedById { get; private set; }
    public Role Role { get; private set; }
    public MessageState State { get; private set; }
    /// <summary>The room's revision at the last change of this row.</summary>
    public long Revision { get; private set; }
    public string? Text { get; private set; }
    /// <summary>The text as safe HTML, by the renderer of <see cref="HtmlVersion"/>.</summary>
    public string? Html { get; private set; }
    public int HtmlVersion { get; private set; }
    /// <summary>The form that made it: once per author.</summary>
    public string? Nonce { get; private set; }
    /// <summary>The system prompt it was asked under.</summary>
    public long? ContextVersionId { get; private set; }
    public string? Model { get; private set; }
    /// <summary>Of an answer: the stopped or cut one whose text it goes on with.</summary>
    public long? ContinuesId { get; private set; }
    /// <summary>Of an answer: whether its question was sent alone.</summary>
    public bool IsWithoutMemory { get; private set; }
    /// <summary>Of an answer: hundredths; null for the model's own.</summary>
    public int? Temperature { get; private set; }
    public Payer? Payer { get; private set; }
    /// <summary>The upper estimate of <see cref="Text"/> and of its files in tokens, kept so that a prompt can be sized without reading its turns.</summary>
    public int? Tokens { get; private set; }
    /// <summary>Of an answer: what its prompt may have at most, which is what was covered when it was asked for.</summary>
    public int? MaxPromptTokens { get; private set; }
    /// <summary>Of an answer: <c>max_completion_tokens</c>, bounded by what was covered.</summary>
    public int? MaxAnswerTokens { get; private set; }
    /// <summary>Of an answer: micro-dollars that its requests may cost upstream at most, counted against the ceilings until it ends.</summary>
    public long ReservedMicros { get; private set; }
    /// <summary>How often it was claimed. Every write of a running answer carries it, so a stale worker writes nothing.</summary>
    public int Attempt { get; private set; }
    /// <summary>Claims that an orderly shutdown cut short: they are not spent.</summary>
    public int Interruptions { get; private set; }
    public string? LeaseOwner { get; private set; }
    public DateTimeOffset? LeaseUntil { get; private set; }
    /// <summary>When a queued answer may be tried again, after the upstream asked for a pause.</summary>
    public DateTimeOffset? NotBefore { get; private set; }
    public DateTimeOffset? StopRequestedAt { get; private set; }
    public AnswerFailure? Failure { get; private set; }
    /// <summary>The upstream's <c>finish_reason</c> of a done answer.</summary>
    public string? FinishReason { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset? FinishedAt { get; private set; }
    public DateTimeOffset? DeletedAt { get; private set; }

    public bool IsRunning => State is MessageState.Queued or MessageState.Streaming;
    public bool IsTerminal => !IsRunning;
    public int RequestsSpent => Attempt - Interruptions;
    /// <summary>Whether files came with it: they count beside its text.</summary>
    public bool HasFiles => Role == Role.User && Tokens > TokenEstimate.OfTurn(Text ?? "");

    /// <summary>Lets files go with a question that is about to be stored.</summary>
    public void Carry(IEnumerable<Attachment> files) => Tokens += files.Sum(file => file.Tokens);

    /// <summary>Whether an answer broke off and can be gone on with: stopped, or cut at its maximum length.</summary>
    public bool IsCut => Role == Role.Assistant && !string.IsNullOrWhiteSpace(Text)
        && (State == MessageState.Stopped || (State == MessageState.Done && FinishReason == "length"));

    public void Delete(Chat chat, DateTimeOffset now)
    {
        DeletedAt ??= now;
        Touch(chat);
    }

    public void Restore(Chat chat)
    {
        DeletedAt = null;
        Touch(chat);
    }

    /// <summary>Marks the row as changed in this revision of its room.</summary>
    public void Touch(Chat chat) => Revision = chat.Revision;

    public void Show(string html, int htmlVersion) => (Html, HtmlVersion) = (html, htmlVersion);

    /// <summary>Whether a worker may take it now: waiting, or left behind by one whose lease ran out.</summary>
    public bool IsClaimable(DateTimeOffset now) => State switch
    {
        MessageState.Queued => NotBefore is null || NotBefore <= now,
        MessageState.Streaming => LeaseUntil is null || LeaseUntil <= now,
        _ => false,
    };

    public void Claim(string owner, DateTimeOffset now, TimeSpan lease)
    {
        State = MessageState.Streaming;
        Attempt++;
        LeaseOwner = owner;
        LeaseUntil = now + lease;
        NotBefore = null;
        StartedAt ??= now;
        Touch(Chat);
    }

    /// <summary>Asks the worker that holds it to end.</summary>
    public void RequestStop(DateTimeOffset now) => StopRequestedAt ??= now;

    public void Complete(string text, string html, int htmlVersion, string finishReason, DateTimeOffset now)
    {
        FinishReason = finishReason;
        End(MessageState.Done, text, html, htmlVersion, now);
    }

    public void Stop(string? text, string? html, int htmlVersion, DateTimeOffset now) =>
        End(MessageState.Stopped, text, html, htmlVersion, now);

    public void Fail(AnswerFailure reason, string? text, string? html, int htmlVersion, DateTimeOffset now)
    {
        Failure = reason;
        End(MessageState.Failed, text, html, htmlVersion, now);
    }

    /// <summary>Keeps what had been written when it was ended by somebody who did not have the text at hand.</summary>
    /// <remarks>Rendered when it is read: this happens inside a transaction.</remarks>
    public void Keep(string text)
    {
        Say(text);
        Show("", htmlVersion: 0);
    }

    /// <summary>Puts it back into the queue after a fault that may pass; the request is spent.</summary>
    public void TryAgainAt(DateTimeOffset when)
    {
        State = MessageState.Queued;
        NotBefore = when;
        ReleaseLease();
        Touch(Chat);
    }

    /// <summary>Lets go of it because the process ends; the request is not spent.</summary>
    public void Interrupt()
    {
        Interruptions++;
        ReleaseLease();
    }

    private void End(MessageState state, string? text, string? html, int htmlVersion, DateTimeOffset now)
    {
        State = state;
        Say(text ?? "");
        Show(html ?? "", htmlVersion);
        FinishedAt = now;
        ReleaseLease();
        Touch(Chat);
    }

    private void Say(string text) => (Text, Tokens) = (text, TokenEstimate.OfTurn(text));

    private void ReleaseLease() => (LeaseOwner, LeaseUntil) = (null, null);
}
