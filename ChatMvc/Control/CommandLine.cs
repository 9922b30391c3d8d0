using System.CommandLine;
using System.CommandLine.Parsing;

namespace ChatMvc.Control;

/// <summary>What can be typed after <c>dotnet ChatMvc.dll</c>: the table of contents. Exit codes: 0 done, 1 it cannot be done, 2 it was typed wrongly.</summary>
internal static class CommandLine
{
    public const int CannotBeDone = 1;
    public const int TypedWrongly = 2;

    private const string About = """
        ChatMvc, a chat server. Without a command it serves.

          serve                      serves the site until it is told to stop (the default)
          migrate                    brings the database to this program's schema, and serves nothing
          backup PATH                makes a verified backup, also while the server runs
          restore FILE               puts a backup in the place of the data directory
          doctor                     examines everything, changes nothing, and names remedies
          user invite PHONE          lets a number sign up where SignUp:Mode is invited
          operator add PHONE         lets a number open /ops, and sign up whatever SignUp:Mode is
          operator remove PHONE      takes that back
          operator list              says who may open /ops

        'COMMAND --help' says more. Every setting of the README can be given as --Section:Key=value or as the environment
        variable Section__Key. A command works on the DataDirectory of the settings. Exit codes: 0 it is done, 1 it cannot be
        done, 2 it was typed wrongly.
        """;

    /// <param name="args">As typed.</param>
    /// <param name="serve">Serves with these settings.</param>
    public static Task<int> RunAsync(string[] args, Func<string[], Task<int>> serve) =>
        // Nothing to be parsed: each start of the server would pay for it.
        Array.TrueForAll(args, IsSetting) ? serve(args) : ParseAsync(args is ["help", ..] ? ["--help"] : args, serve);

    private static RootCommand Commands(Func<string[], Task<int>> serve)
    {
        var root = new RootCommand(About)
        {
            ServerCommands.Serve(serve),
            ServerCommands.Migrate(),
            BackupCommands.Backup(),
            BackupCommands.Restore(),
            DoctorCommand.Create(),
            UserCommands.Create(),
            OperatorCommands.Create(),
        };
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((typed, _) => serve([.. typed.UnmatchedTokens]));
        return root;
    }

    private static async Task<int> ParseAsync(string[] args, Func<string[], Task<int>> serve)
    {
        var typed = Commands(serve).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (typed.CommandResult.Command is RootCommand && typed.UnmatchedTokens is [var word, ..] && !word.StartsWith('-'))
            return await RefuseAsync($"There is no command '{word}'. See --help.", TypedWrongly);
        if (typed.Errors is [var error, ..]) return await RefuseAsync($"{error.Message} See '{PathOf(typed.CommandResult)} --help'.", TypedWrongly);
        // Signals and surprises are handled as everywhere else.
        return await typed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>What a command does with what was typed, and with the settings that follow.</summary>
    internal static Command Does(this Command command, Func<ParseResult, string[], Task<int>> run)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((typed, _) => typed.UnmatchedTokens.FirstOrDefault(s => !IsSetting(s)) is { } stray
            ? RefuseAsync($"'{stray}' is no setting and no option. What has spaces goes into quotes. See '{PathOf(typed.CommandResult)} --help'.", TypedWrongly)
            : run(typed, [.. typed.UnmatchedTokens]));
        return command;
    }

    internal static async Task<int> SayAsync(string words)
    {
        await Console.Out.WriteLineAsync(words);
        return 0;
    }

    internal static async Task<int> RefuseAsync(string words, int exitCode)
    {
        await Console.Error.WriteLineAsync(words);
        return exitCode;
    }

    private static bool IsSetting(string typed) => typed.StartsWith("--", StringComparison.Ordinal) && typed.Contains('=');

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult { Command: not RootCommand } parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;
}
