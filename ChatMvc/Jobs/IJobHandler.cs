namespace ChatMvc.Jobs;

/// <summary>One kind of background work.</summary>
/// <remarks>
/// <see cref="RunAsync"/> may be called twice for one id, also at the same time, so it claims its row before it works.
/// To return is to be finished. An exception is logged and finishes the work too: retries are rows of the feature's own.
/// Only what escapes after <c>stopping</c> was cancelled is stored and run again at the next start.
/// </remarks>
public interface IJobHandler
{
    /// <summary>The name stored in the database, such as "answer". Renaming it drops what is stored under the old one.</summary>
    static abstract string Kind { get; }

    /// <param name="id">What was given to <see cref="JobQueue.EnqueueAsync{T}"/>; of a recurring job its kind.</param>
    /// <param name="stopping">Cancelled when the server stops; two seconds later the process goes on without the handler.</param>
    Task RunAsync(string id, CancellationToken stopping);

    /// <summary>
    /// An operator has cancelled or deleted the job: where that is to be its end, the work's own rows have to say so, or a sweep rings for it again.
    /// Called also for an id that nothing is stored for.
    /// </summary>
    Task GiveUpAsync(string id, CancellationToken cancellation) => Task.CompletedTask;
}
