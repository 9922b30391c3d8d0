namespace ChatMvc.Sandbox;

/// <summary>What a vendor of the sandbox is told to do; immutable.</summary>
public interface ISteered<TSelf>
{
    /// <summary>For how many requests it holds; null: until changed.</summary>
    int? Times { get; }

    /// <summary>The same, with what it leaves open taken from the behaviour it lies on.</summary>
    TSelf Over(TSelf standing);

    /// <summary>What is wrong with it in plain words, or null.</summary>
    string? Complaint();
}

/// <summary>
/// The behaviour in force: a standing one and, on top of it, one that falls away after some requests.
/// </summary>
public sealed class Steering<T> where T : class, ISteered<T>, new()
{
    private readonly Lock gate = new();
    private T standing = new();
    private T? passing;
    private int left;

    /// <summary>What the next request meets. Setting one without <c>Times</c> also drops a passing one.</summary>
    /// <exception cref="ArgumentException">The behaviour makes no sense.</exception>
    public T Current
    {
        get
        {
            lock (gate)
                return passing?.Over(standing) ?? standing;
        }
        set
        {
            if (value.Complaint() is { } complaint)
                throw new ArgumentException(complaint, nameof(value));
            lock (gate)
            {
                passing = value.Times is null ? null : value;
                left = value.Times ?? 0;
                if (passing is null)
                    standing = value;
            }
        }
    }

    public void Reset() => Current = new T();

    /// <summary>The behaviour for one request; a passing one is used up by one. What does not apply to it does not count it.</summary>
    public T Take(Func<T, bool> applies)
    {
        lock (gate)
        {
            if (passing is { } next && applies(next))
            {
                if (--left == 0)
                    passing = null;
                return next.Over(standing);
            }
            return applies(standing) ? standing : new T();
        }
    }
}
