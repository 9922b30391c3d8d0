using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Data;

/// <summary>
/// The file <c>running</c> stands in the data directory while the server runs. One that stands at the start tells of a
/// crash or a power cut: then the database is looked over before it is served.
/// </summary>
public sealed class StopMark(DataDirectory directory)
{
    /// <summary>Above this the check takes too long for a start; <c>doctor</c> does it instead.</summary>
    private const long LargestChecked = 256 * 1024 * 1024;

    private string File => Path.Combine(directory.Path, "running");

    /// <exception cref="SettingsException">The database is damaged.</exception>
    public void Check(SqliteConnection chat)
    {
        var wasRunning = System.IO.File.Exists(File);
        System.IO.File.WriteAllBytes(File, []);
        if (!wasRunning || new FileInfo(directory.ChatDatabase) is not { Exists: true, Length: <= LargestChecked }) return;
        if (!IsSound(chat)) throw Migrator.Damaged();
    }

    public void Clear() => System.IO.File.Delete(File);

    private static bool IsSound(SqliteConnection chat)
    {
        try
        {
            using var command = chat.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            return command.ExecuteScalar() is "ok";
        }
        // Where the first page is bad there is no verdict.
        catch (SqliteException e) when (Migrator.IsDamage(e))
        {
            return false;
        }
    }
}
