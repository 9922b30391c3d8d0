using System.CommandLine;
using ChatMvc.Data;
using ChatMvc.Shared;

namespace ChatMvc.Control;

internal static class ServerCommands
{
    public static Command Serve(Func<string[], Task<int>> serve)
    {
        var command = new Command("serve", "Serves the site until it is told to stop. SIGTERM stores what is being written and ends it within ten seconds.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((typed, _) => serve([.. typed.UnmatchedTokens]));
        return command;
    }

    public static Command Migrate() =>
        new Command("migrate", "Brings chat.db to this program's schema, as the next start would, and serves nothing. A copy is taken before. The server must not run.")
            .Does((_, settings) => MigrateAsync(settings));

    private static async Task<int> MigrateAsync(string[] settings)
    {
        var builder = Program.CreateBuilder(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.AddData(builder.AddSettings<ServerSettings>());
        await using var app = builder.Build();
        var applied = app.MigrateDatabase();
        // Else the next start would take this for a crash.
        app.Services.GetRequiredService<StopMark>().Clear();
        return await CommandLine.SayAsync(applied.Count == 0
            ? "chat.db has the schema of this program already."
            : $"chat.db was brought up to date: {string.Join(", ", applied)}.");
    }
}
