namespace ChatMvc.Sandbox;

/// <summary>Wakes everyone who waits for a change, without polling.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource next = New();

    public void Beat() => Interlocked.Exchange(ref next, New()).SetResult();

    /// <summary>The first value that is not null, or null when none came in <paramref name="timeout"/>.</summary>
    public async Task<T?> FirstAsync<T>(Func<T?> look, TimeSpan timeout, CancellationToken cancel) where T : class
    {
        // The vendor's clock is the wall's: a test that has stopped the app's own still waits in real time.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ends.CancelAfter(timeout);
        while (true)
        {
            // Taken before looking, so that a change in between is not missed.
            var change = Volatile.Read(ref next).Task;
            if (look() is { } found)
                return found;
            try
            {
                await change.WaitAsync(ends.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
