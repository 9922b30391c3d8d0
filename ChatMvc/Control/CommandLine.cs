using System.CommandLine;
using System.CommandLine.Parsing;
using ChatMvc.Accounts;
using ChatMvc.Operators;
using ChatMvc.Shared;
using ChatMvc.Sms;

namespace ChatMvc.Control;

/// <summary>What can be typed after <c>dotnet ChatMvc.dll</c>. Exit codes: 0 done, 1 it cannot be done, 2 it was typed wrongly.</summary>
internal static class CommandLine
{
    private const string Usage = """
        ChatMvc, a chat server.

          dotnet ChatMvc.dll [serve] [--Key=value ...]                serve it (the default)
          dotnet ChatMvc.dll user invite PHONE [--Key=value ...]      let a number sign up where SignUp:Mode is invited
          dotnet ChatMvc.dll operator add PHONE [--Key=value ...]     let a number open /ops, and sign up whatever SignUp:Mode is
          dotnet ChatMvc.dll operator remove PHONE [--Key=value ...]  take that back
          dotnet ChatMvc.dll operator list [--Key=value ...]          say who may open /ops
          dotnet ChatMvc.dll doctor [--Key=value ...]                 prove the books of the data directory
          dotnet ChatMvc.dll --help                                   this text

        Every setting of the README can be given as --Section:Key=value or as the environment variable Section__Key.
        A command works on the DataDirectory of the settings, whether or not a server runs on it.
        """;

    internal const int CannotBeDone = 1;
    internal const int TypedWrongly = 2;

    /// <param name="args">As typed.</param>
    /// <param name="serve">Serves with these settings.</param>
    public static Task<int> RunAsync(string[] args, Func<string[], Task<int>> serve) => args switch
    {
        ["--help" or "-h" or "help", ..] => SayAsync(Usage),
        ["serve", .. var settings] => serve(settings),
        [] or [['-', ..], ..] => serve(args),
        _ => RunCommandAsync(args),
    };

    private static async Task<int> RunCommandAsync(string[] args)
    {
        var typed = Commands().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (typed.CommandResult.Command is RootCommand) return await RefuseAsync($"There is no command '{args[0]}'. See --help.", TypedWrongly);
        if (typed.Errors is [var error, ..]) return await RefuseAsync($"{error.Message} See '{PathOf(typed.CommandResult)} --help'.", TypedWrongly);
        // Signals and surprises are handled as everywhere else.
        return await typed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static RootCommand Commands() => new("ChatMvc, a chat server.")
    {
        new Command("user", "The people who use it.") { AboutNumber("invite", "Lets a number sign up where SignUp:Mode is invited.", ControlCommands.InviteUser) },
        OperatorCommands.All(),
        Examine(),
    };

    private static Command Examine()
    {
        var doctor = new Command("doctor", "Proves the books of the data directory. It only reads, also beside a running server.") { TreatUnmatchedTokensAsErrors = false };
        doctor.SetAction((typed, _) => ExamineAsync([.. typed.UnmatchedTokens]));
        return doctor;
    }

    private static async Task<int> ExamineAsync(string[] settings)
    {
        if (settings.FirstOrDefault(s => !s.StartsWith("--", StringComparison.Ordinal)) is { } stray) return await RefuseAsync($"'{stray}' is no setting.", TypedWrongly);
        var (isWell, lines) = Doctor.Examine(Settings.Read<ServerSettings>(Program.CreateBuilder(settings).Configuration));
        var words = string.Join(Environment.NewLine, lines);
        return isWell ? await SayAsync(words) : await RefuseAsync(words, CannotBeDone);
    }

    /// <summary>A command that names a number, and is done by whoever holds the database.</summary>
    internal static Command AboutNumber(string name, string description, string asked)
    {
        var phone = new Argument<string>("PHONE") { Description = "The number, with its country code, such as +12125550100." };
        // What follows are settings.
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.Add(phone);
        command.SetAction((typed, _) => AskAsync(asked, typed.GetRequiredValue(phone), [.. typed.UnmatchedTokens]));
        return command;
    }

    private static async Task<int> AskAsync(string asked, string typed, string[] settings)
    {
        if (settings.FirstOrDefault(s => !s.StartsWith("--", StringComparison.Ordinal)) is { } stray)
            return await RefuseAsync($"'{stray}' is no setting. A number with spaces goes into quotes.", TypedWrongly);
        var builder = Program.CreateBuilder(settings);
        var countries = SmsCountries.From(Settings.Read<SmsSettings>(builder.Configuration), twilioIsSandbox: false);
        if (!PhoneNumber.TryParse(typed, countries.DefaultCallingCode, out var number))
            return await RefuseAsync("That is not a phone number. Type it with its country code, such as +12125550100.", TypedWrongly);
        var answer = await ControlClient.AskAsync(builder, new ControlRequest(asked, number.Value.ToString()));
        return answer.Done ? await SayAsync(answer.Words) : await RefuseAsync(answer.Words, CannotBeDone);
    }

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult { Command: not RootCommand } parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;

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
}
