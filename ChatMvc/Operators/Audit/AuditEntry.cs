namespace ChatMvc.Operators.Audit;

/// <summary>One thing that an operator did. The database refuses to change or remove it.</summary>
public sealed class AuditEntry
{
    public const int MaxWords = 2_000;
    private const string More = "…";

    private AuditEntry() { }

    internal AuditEntry(Actor by, Deed deed, DateTimeOffset now)
    {
        At = now;
        (ActorId, Actor, Address) = (by.UserId, by.Name, by.Address);
        (Action, Subject) = (deed.Action, deed.Subject);
        (Before, After, Reason) = (Short(deed.Before), Short(deed.After), Short(deed.Reason));
    }

    public long Id { get; private set; }
    public DateTimeOffset At { get; private set; }
    /// <summary>Null where a command did it.</summary>
    public long? ActorId { get; private set; }
    /// <summary>The number of the time, or "command line".</summary>
    public string Actor { get; private set; } = "";
    /// <summary>From where, as limits have it; null where a command did it.</summary>
    public string? Address { get; private set; }
    /// <summary>What was done, in a few words: "suspend", "add credit".</summary>
    public string Action { get; private set; } = "";
    /// <summary>To what: "person 17", "model gpt-6-luna".</summary>
    public string Subject { get; private set; } = "";
    public string? Before { get; private set; }
    public string? After { get; private set; }
    /// <summary>As the operator gave it.</summary>
    public string? Reason { get; private set; }

    private static string? Short(string? words) => words?.Length > MaxWords ? words[..(MaxWords - More.Length)] + More : words;
}

/// <summary>Who does something: an operator in a browser, or a command.</summary>
/// <param name="UserId">Null for a command.</param>
/// <param name="Name">E.164, or "command line".</param>
/// <param name="Address">From where.</param>
public sealed record Actor(long? UserId, string Name, string? Address)
{
    public static readonly Actor CommandLine = new(null, "command line", null);
}

/// <param name="Action">In a few words of ours: "suspend".</param>
/// <param name="Subject">What it is done to: "person 17".</param>
/// <param name="Before">As it was, in words.</param>
/// <param name="After">As it is now.</param>
/// <param name="Reason">As typed by the operator.</param>
public sealed record Deed(string Action, string Subject, string? Before = null, string? After = null, string? Reason = null);
