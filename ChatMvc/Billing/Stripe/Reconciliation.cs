namespace ChatMvc.Billing.Stripe;

/// <summary>One comparison of our rows with what Stripe has, daily and after an absence.</summary>
public sealed class Reconciliation
{
    private Reconciliation() { }

    public Reconciliation(bool liveMode, DateTimeOffset now) => (LiveMode, StartedAt) = (liveMode, now);

    public long Id { get; private set; }
    public bool LiveMode { get; private set; }
    public DateTimeOffset StartedAt { get; private set; }
    /// <summary>Null while it runs, and for good when it was cut off.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }
    /// <summary>Events that had never arrived.</summary>
    public int EventsFound { get; private set; }
    /// <summary>Rows of ours that Stripe told otherwise.</summary>
    public int Repaired { get; private set; }

    public void Count(int events, int repaired)
    {
        EventsFound += events;
        Repaired += repaired;
    }

    public void Finish(DateTimeOffset now) => FinishedAt = now;
}
