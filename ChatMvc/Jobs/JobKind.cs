using System.Collections.Frozen;

namespace ChatMvc.Jobs;

/// <summary>A registered handler: the name stored with its jobs, and how to run one of them within a scope.</summary>
/// <param name="Name">The handler's <see cref="IJobHandler.Kind"/>.</param>
/// <param name="MaxConcurrency">Jobs of this kind that run at the same time; null for as many as there are places.</param>
/// <param name="Run">Runs one job: the scope's services, its id, the token that is cancelled when the server stops.</param>
/// <param name="GiveUp">The handler's <see cref="IJobHandler.GiveUpAsync"/>, likewise.</param>
internal sealed record JobKind(
    string Name, int? MaxConcurrency, Func<IServiceProvider, string, CancellationToken, Task> Run, Func<IServiceProvider, string, CancellationToken, Task> GiveUp)
{
    public static JobKind Of<T>(int? maxConcurrency = null) where T : class, IJobHandler =>
        new(T.Kind, maxConcurrency,
            (services, id, stopping) => services.GetRequiredService<T>().RunAsync(id, stopping),
            (services, id, cancellation) => services.GetRequiredService<T>().GiveUpAsync(id, cancellation));
}

internal sealed class JobKinds(IEnumerable<JobKind> kinds)
{
    // Two handlers of one name would take each other's work.
    private readonly FrozenDictionary<string, JobKind> _byName = kinds
        .GroupBy(kind => kind.Name, (name, same) => same.Count() == 1
            ? same.Single()
            : throw new InvalidOperationException($"The job kind \"{name}\" is registered more than once."))
        .ToFrozenDictionary(kind => kind.Name);

    public IEnumerable<JobKind> All => _byName.Values;

    public JobKind? Find(string name) => _byName.GetValueOrDefault(name);
}
