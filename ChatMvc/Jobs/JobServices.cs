using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ChatMvc.Jobs;

public static class JobServices
{
    /// <summary>Adds the job engine on its own SQLite file, which is made when it is missing.</summary>
    /// <param name="services">Where <see cref="JobQueue"/> becomes available.</param>
    /// <param name="databaseFile">The path of jobs.db; its directory is made too.</param>
    /// <param name="maxConcurrency">Jobs that run at the same time, of all kinds together.</param>
    public static IServiceCollection AddJobs(this IServiceCollection services, string databaseFile, int maxConcurrency)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxConcurrency);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new JobSettings(databaseFile, maxConcurrency));
        services.AddSingleton<JobFile>();
        services.AddSingleton<JobKinds>();
        services.AddSingleton<JobOrigins>();
        services.AddSingleton<StoredJob>();
        services.AddSingleton<JobEngine>();
        services.AddSingleton<JobTables>();
        services.AddSingleton(provider => new JobQueue(
            provider.GetRequiredService<JobEngine>(), provider.GetRequiredService<JobKinds>(), provider.GetRequiredService<JobTables>(), provider.GetRequiredService<JobOrigins>()));
        services.AddHostedService(provider => provider.GetRequiredService<JobEngine>());
        services.AddSingleton<RecurringJobs>();
        services.AddHostedService(provider => provider.GetRequiredService<RecurringJobs>());
        services.AddSingleton(provider => new JobBoard(
            provider.GetRequiredService<JobEngine>(), provider.GetRequiredService<JobQueue>(), provider.GetRequiredService<JobKinds>(),
            provider.GetRequiredService<JobTables>(), provider.GetRequiredService<RecurringJobs>(), provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ILoggerProvider, RunLog>();
        services.Configure<LoggerFilterOptions>(log => log.Rules.Add(RunLog.Filter));
        return services;
    }

    /// <summary>Registers what runs the jobs of one kind; each run has a scope and an instance of its own.</summary>
    /// <param name="services">Where <see cref="AddJobs"/> was called or will be.</param>
    /// <param name="maxConcurrency">
    /// Jobs of this kind that run at the same time; the rest wait in the store and leave the other places to other kinds.
    /// </param>
    public static IServiceCollection AddJobHandler<T>(this IServiceCollection services, int? maxConcurrency = null) where T : class, IJobHandler
    {
        services.TryAddScoped<T>();
        return services.AddSingleton(JobKind.Of<T>(maxConcurrency));
    }

    /// <summary>
    /// Runs <typeparamref name="T"/> when the host has started and then at that distance, never beside itself. It is not
    /// stored: it must be idempotent and must not be what an entitlement or a deadline depends on.
    /// </summary>
    public static IServiceCollection AddRecurringJob<T>(this IServiceCollection services, TimeSpan every) where T : class, IJobHandler
    {
        services.TryAddScoped<T>();
        return services.AddSingleton(new RecurringJob(JobKind.Of<T>(), every));
    }
}
