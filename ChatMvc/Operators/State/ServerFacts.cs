using System.Collections.Frozen;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.State;

/// <summary>
/// The facts that operators set, in memory: pages ask for them with every request. Read at the start, and changed here
/// alone.
/// </summary>
public sealed class ServerFacts(IDbContextFactory<ChatDb> databases, TimeProvider time) : IHostedService
{
    /// <summary>A line that every page shows.</summary>
    public const string Banner = "banner";
    /// <summary>Why no new messages are taken, in words for people; absent while they are.</summary>
    public const string Maintenance = "maintenance";
    /// <summary>The model of new chats, in place of the setting's.</summary>
    public const string DefaultModel = "default-model";
    /// <summary>The model that names chats and summarises, in place of the setting's.</summary>
    public const string TitleModel = "title-model";
    /// <summary>When the newest backup was made (Unix milliseconds), its bytes and its file.</summary>
    public const string LastBackup = "last-backup";

    private volatile FrozenDictionary<string, string> facts = FrozenDictionary<string, string>.Empty;

    /// <summary>The value, or null where the fact is not set.</summary>
    public string? Find(string name) => facts.GetValueOrDefault(name);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await ReadAsync(db, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sets a fact, or forgets it for null, with whatever else belongs into the same write.</summary>
    /// <param name="db">Of the caller.</param>
    /// <param name="name">One of ours.</param>
    /// <param name="value">At most <see cref="ServerFact.MaxValue"/> characters.</param>
    /// <param name="also">What else is written: the audit entry. It gets the value until now.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task SetAsync(ChatDb db, string name, string? value, Action<string?> also, CancellationToken cancellation)
    {
        await db.WriteAsync(async () =>
        {
            var fact = await db.ServerFacts.FindAsync([name], cancellation);
            also(fact?.Value);
            if (value is null)
            {
                if (fact is not null) db.ServerFacts.Remove(fact);
            }
            else if (fact is null) db.ServerFacts.Add(new ServerFact(name, value, time.GetUtcNow()));
            else fact.Become(value, time.GetUtcNow());
        }, cancellation);
        await ReadAsync(db, CancellationToken.None);
    }

    private async Task ReadAsync(ChatDb db, CancellationToken cancellation) =>
        facts = (await db.ServerFacts.AsNoTracking().ToDictionaryAsync(f => f.Name, f => f.Value, cancellation)).ToFrozenDictionary();
}
