using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Jobs;

/// <summary>What Quartz reaches jobs.db through. The provider's own pool keeps the connections.</summary>
internal sealed class JobConnections : DbProviderFactory
{
    public override DbConnection CreateConnection() => new Connection();

    public override DbCommand CreateCommand() => new SqliteCommand();

    public override DbParameter CreateParameter() => new SqliteParameter();

    private sealed class Connection : SqliteConnection
    {
        // A connection's own settings, which no connection string can say. In WAL, NORMAL may lose the last commits
        // with the power but never the file: chat.db and the sweep are the guarantee. The history is written beside the
        // store: SQLite itself waits for the other by milliseconds, the provider by pauses of 150.
        public override void Open()
        {
            base.Open();
            using var command = CreateCommand();
            command.CommandText = "PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000";
            command.ExecuteNonQuery();
        }
    }
}
