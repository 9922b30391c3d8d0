using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ChatMvc.Data;

/// <summary>
/// Sets what SQLite keeps per connection. <c>synchronous=FULL</c>: a commit is on the disk before a browser hears of it.
/// The write-ahead log is kept from growing without bound under long readers.
/// </summary>
internal sealed class SqliteConnections : DbConnectionInterceptor
{
    private const string Pragmas = "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;";
    // Not compiled against: its type is of the SQLitePCLRaw that the bridge stands in for.
    private static readonly Func<SqliteConnection, object> HandleOf =
        typeof(SqliteConnection).GetProperty("Handle")!.GetMethod!.CreateDelegate<Func<SqliteConnection, object>>();

    private readonly ConditionalWeakTable<object, object> known = [];

    // A plain connection: the provider's own brings fifteen functions for decimals and the like, which nothing here uses
    // and which are registered and taken away again with every use of the connection.
    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(new SqliteConnection(eventData.ConnectionString));

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Set(connection);
        return Task.CompletedTask;
    }

    // The provider keeps native connections in a pool, and they keep what was set: once for each is enough.
    private void Set(DbConnection connection)
    {
        if (!known.TryAdd(HandleOf((SqliteConnection)connection), this)) return;
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }
}
