namespace ChatMvc.Billing.Stripe;

/// <summary>
/// One at a time for each of Stripe's objects, from asking Stripe until the answer is written: of two jobs about one object
/// the one that writes last has also read last, so an old answer never covers a newer one. A turn is not taken inside another.
/// </summary>
public sealed class StripeTurns : IDisposable
{
    // Strangers that share a place wait for each other now and then, and the table never grows.
    private readonly SemaphoreSlim[] places = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<T> TakeAsync<T>(string id, Func<Task<T>> work, CancellationToken cancellation)
    {
        var place = places[(uint)string.GetHashCode(id, StringComparison.Ordinal) % places.Length];
        await place.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            place.Release();
        }
    }

    public void Dispose()
    {
        foreach (var place in places) place.Dispose();
    }
}
