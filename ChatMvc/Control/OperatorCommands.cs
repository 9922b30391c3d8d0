using System.CommandLine;
using System.Globalization;
using ChatMvc.Data;
using ChatMvc.Operators.Access;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Control;

/// <summary><c>operator add</c>, <c>remove</c> and <c>list</c>: who may open <c>/ops</c>, beside the numbers of the setting <c>Operators</c>.</summary>
internal static class OperatorCommands
{
    public static Command Create() => new("operator", "Those who run it, and may open /ops.")
    {
        NumberCommand.Create("add", "Lets a number open /ops, and sign up whatever SignUp:Mode is.", ControlCommands.AddOperator),
        NumberCommand.Create("remove", "Takes back what 'operator add' gave.", ControlCommands.RemoveOperator),
        List(),
    };

    private static Command List() =>
        new Command("list", "Says who may open /ops. It only reads, also beside a running server.").Does((_, settings) => ListAsync(settings));

    private static async Task<int> ListAsync(string[] typed)
    {
        var settings = Settings.Read<ServerSettings>(Program.CreateBuilder(typed).Configuration);
        var file = Path.Combine(DataDirectory.PathOf(settings.DataDirectory), "chat.db");
        try
        {
            string[] lines = [.. OperatorNumbers.From(settings).Configured.Select(n => $"{n} by the setting Operators").Order(StringComparer.Ordinal), .. Granted(file)];
            return await CommandLine.SayAsync(lines.Length == 0 ? "There are no operators. Name one in the setting Operators, or with 'operator add PHONE'." : string.Join(Environment.NewLine, lines));
        }
        catch (SqliteException e)
        {
            return await CommandLine.RefuseAsync($"{file} cannot be read: {e.Message.TrimEnd('.')}.", CommandLine.CannotBeDone);
        }
    }

    private static IEnumerable<string> Granted(string file)
    {
        // No server has run yet.
        if (!File.Exists(file)) yield break;
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Phone, GrantedAt FROM OperatorGrants ORDER BY GrantedAt, Phone";
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return string.Create(CultureInfo.InvariantCulture, $"{rows.GetString(0)} since {DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)):yyyy-MM-dd}");
    }
}
