using ChatMvc.Backups;
using ChatMvc.Shared;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Data;

public static class DataSetup
{
    /// <summary>Contexts that are kept for the next use; each holds a few kilobytes and no connection.</summary>
    private const int MaxPooled = 64;

    /// <summary>Opens the data directory and registers the database, its gate and the keys under it.</summary>
    public static DataDirectory AddData(this IHostApplicationBuilder builder, ServerSettings server)
    {
        var directory = DataDirectory.Open(server.DataDirectory);
        // Registered by a factory, so that the container lets go of the lock when the app is disposed.
        builder.Services.AddSingleton(_ => directory);
        builder.Services.AddSingleton<StopMark>();
        builder.Services.AddSingleton<Meters>();
        builder.Services.AddSingleton<WriteGate>();
        // Pooled: a new context costs more than most queries.
        builder.Services.AddPooledDbContextFactory<ChatDb>(options => UseSqlite(options, directory.ChatDatabase), MaxPooled);
        builder.Services.AddScoped(services => services.GetRequiredService<IDbContextFactory<ChatDb>>().CreateDbContext());
        builder.Services.AddDataProtection().SetApplicationName("ChatMvc")
            .PersistKeysToFileSystem(new DirectoryInfo(directory.Keys));
        return directory;
    }

    /// <summary>Brings the database to this program's schema. Before anything else is started.</summary>
    /// <returns>The migrations that were applied.</returns>
    /// <exception cref="SettingsException">The file is from a newer program, or is no database, or a restore was cut off.</exception>
    public static IReadOnlyList<string> MigrateDatabase(this WebApplication app)
    {
        var directory = app.Services.GetRequiredService<DataDirectory>();
        Restore.RefuseHalf(directory.Path);
        var mark = app.Services.GetRequiredService<StopMark>();
        IReadOnlyList<string> applied = [];
        // Without EF, whose own start would cost each start of ours a fifth of its time.
        using (var chat = OpenAsIs(directory.ChatDatabase))
        {
            mark.Check(chat);
            if (!Migrator.IsCurrent(chat))
            {
                using var db = app.Services.GetRequiredService<IDbContextFactory<ChatDb>>().CreateDbContext();
                applied = Migrator.Migrate(db);
            }
        }
        app.Lifetime.ApplicationStopped.Register(mark.Clear);
        return applied;
    }

    public static void UseSqlite(DbContextOptionsBuilder options, string file) => options
        .UseSqlite(ConnectionString(file))
        .EnableThreadSafetyChecks(false)
        .AddInterceptors(new SqliteConnections());

    private static string ConnectionString(string file) =>
        new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();

    private static SqliteConnection OpenAsIs(string file)
    {
        var connection = new SqliteConnection(ConnectionString(file));
        connection.Open();
        return connection;
    }
}
