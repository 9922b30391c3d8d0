namespace ChatMvc.Accounts;

public enum ExportState { Waiting, Running, Ready, Failed }

/// <summary>A zip of everything a person has here, made by a job; the file lies in the data directory.</summary>
public sealed class AccountExport
{
    public const int KeyLength = 24;
    /// <summary>How long the file can be fetched.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private AccountExport() { }

    public AccountExport(long userId, DateTimeOffset now)
    {
        UserId = userId;
        Key = Shared.RandomKey.OfLength(KeyLength);
        CreatedAt = now;
    }

    public long Id { get; private set; }
    public long UserId { get; private set; }
    /// <summary>URL-safe; also the name of the file.</summary>
    public string Key { get; private set; } = "";
    public ExportState State { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? FinishedAt { get; private set; }
    public int ChatsInAll { get; private set; }
    public int ChatsDone { get; private set; }
    public long? Bytes { get; private set; }

    public bool IsPending => State is ExportState.Waiting or ExportState.Running;

    public bool IsReady(DateTimeOffset now) => State == ExportState.Ready && now < FinishedAt + Lifetime;

    public void Begin(int chats)
    {
        State = ExportState.Running;
        (ChatsInAll, ChatsDone) = (chats, 0);
    }

    public void Finish(long bytes, DateTimeOffset now)
    {
        (State, FinishedAt, Bytes) = (ExportState.Ready, now, bytes);
        ChatsDone = ChatsInAll;
    }

    public void Fail(DateTimeOffset now) => (State, FinishedAt) = (ExportState.Failed, now);
}
