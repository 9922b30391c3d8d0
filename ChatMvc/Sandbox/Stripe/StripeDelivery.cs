namespace ChatMvc.Sandbox.Stripe;

/// <summary>How events come to the app; the empty one sends each once, signed, in the order they arose.</summary>
public sealed record StripeDelivery : ISteered<StripeDelivery>
{
    private const int MaxDelayMs = 10 * 60 * 1000;
    private const int MaxCopies = 100;

    /// <summary>Never sent, and counted as sent for good.</summary>
    public bool Drop { get; init; }

    /// <summary>Milliseconds before it is sent; others overtake it.</summary>
    public int DelayMs { get; init; }

    /// <summary>How often it is sent; once when null.</summary>
    public int? Copies { get; init; }

    /// <summary>The events of one piece of work, the last first.</summary>
    public bool Backwards { get; init; }

    /// <summary>The events of one piece of work in an order that this seed decides.</summary>
    public int? Shuffled { get; init; }

    /// <summary>Signed with another secret.</summary>
    public bool Forged { get; init; }

    /// <summary>Signed so many seconds ago; a negative number lies in the future.</summary>
    public int SecondsOld { get; init; }

    /// <summary>What the event says of its mode; false when null.</summary>
    public bool? Livemode { get; init; }

    /// <summary>Such as <c>2024-06-20</c>; our own when null.</summary>
    public string? ApiVersion { get; init; }

    public int? Times { get; init; }

    public StripeDelivery Over(StripeDelivery standing) => this;

    public string? Complaint() => this switch
    {
        { DelayMs: < 0 or > MaxDelayMs } => $"delayMs is 0 to {MaxDelayMs}",
        { Copies: < 1 or > MaxCopies } => $"copies is 1 to {MaxCopies}",
        { Times: < 1 } => "times is 1 or more",
        _ => null,
    };
}
