namespace ChatMvc.Tests.Crash;

/// <summary>When the server is to die by its own hand.</summary>
/// <param name="Event">The name of a diagnostic event: a step of ours, or what EF Core tells of the database.</param>
/// <param name="Holding">Text that the event's payload has to hold, such as a piece of SQL.</param>
public sealed record Moment(string Event, string Holding = "")
{
    private const string Executing = "Microsoft.EntityFrameworkCore.Database.Command.CommandExecuting";
    private const string Executed = "Microsoft.EntityFrameworkCore.Database.Command.CommandExecuted";

    /// <param name="name">One of the constants of <see cref="ChatMvc.Shared.Steps"/>.</param>
    public static Moment Step(string name) => new(name);

    /// <summary>Before a command with this text is sent to SQLite.</summary>
    public static Moment Before(string sql) => new(Executing, sql);

    /// <summary>When SQLite has done it and the transaction is still open.</summary>
    public static Moment After(string sql) => new(Executed, sql);

    /// <summary>As the variable says it to <see cref="StartupHook"/>.</summary>
    public string Line => $"{Event}\n{Holding}\n1";

    public override string ToString() => Holding.Length > 0 ? $"{Event[(Event.LastIndexOf('.') + 1)..]} {Holding}" : Event;
}
