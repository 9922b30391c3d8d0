namespace ChatMvc.Operators.State;

/// <summary>Something that operators set while the server runs, and that outlives it: a banner, maintenance, a default model.</summary>
public sealed class ServerFact
{
    public const int MaxValue = 2_000;

    private ServerFact() { }

    public ServerFact(string name, string value, DateTimeOffset now) => (Name, Value, ChangedAt) = (name, value, now);

    /// <summary>One of <see cref="ServerFacts"/>.</summary>
    public string Name { get; private set; } = "";
    public string Value { get; private set; } = "";
    public DateTimeOffset ChangedAt { get; private set; }

    public void Become(string value, DateTimeOffset now) => (Value, ChangedAt) = (value, now);
}
