using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ChatMvc.Data;

/// <summary>
/// Sets what SQLite keeps per connection. <c>synchronous=FULL</c>: a commit is on the disk before a browser hears of it.
/// The write-ahead log is kept from growing without bound under long readers.
/// </summary>
internal sealed class SqliteConnections : DbConnectionInterceptor
{
    private const string Pragmas = "PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Set(connection);
        return Task.CompletedTask;
    }

    private static void Set(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }
}
