using System.Diagnostics;
using ChatMvc.Sms;
using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Control;

/// <summary>Who may open <c>/ops</c>, by command.</summary>
public sealed class OperatorCommandTests : IDisposable
{
    private const string Olga = "+12125550101";
    private const string Configured = "+12125550199";
    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Beside_a_server_a_number_is_in_with_the_next_request_and_out_with_the_one_after()
    {
        await using var app = await AccountApp.StartInAsync(folder, "SignUp:Mode=closed");
        using var olga = app.Browser();
        await olga.AskAsync(Olga);
        Assert.Equal(SmsState.Withheld, await app.ReadAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync()));

        Assert.Equal((0, $"{Olga} is an operator now. It has no account yet, and may sign up whatever SignUp:Mode is.", ""), await RunAsync("operator", "add", "(212) 555-0101"));

        app.Time.Advance(TimeSpan.FromMinutes(1));
        await olga.SignInAsync(Olga);
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
        Assert.Contains("already", (await RunAsync("operator", "add", Olga)).Output, StringComparison.Ordinal);
        Assert.StartsWith($"{Olga} since 20", (await RunAsync("operator", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("operator", "remove", Olga)).ExitCode);
        Assert.Equal(404, (await olga.GetAsync("/ops/audit")).Status);
        Assert.Equal((0, $"{Olga} is no operator.", ""), await RunAsync("operator", "remove", Olga));
        var deeds = await app.ReadAsync(db => db.AuditEntries.OrderBy(e => e.Id).Select(e => $"{e.Actor}: {e.Action} {e.Subject}").ToListAsync());
        Assert.Equal([$"command line: add operator number {Olga}", $"command line: remove operator number {Olga}"], deeds);
        Assert.DoesNotContain("2125550101", app.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_it_is_written_down_all_the_same_and_an_invitation_too()
    {
        Assert.Equal(0, (await RunAsync("operator", "add", Olga)).ExitCode);
        Assert.Equal(0, (await RunAsync("user", "invite", "+12125550102")).ExitCode);
        await using var app = await AccountApp.StartInAsync(folder, "SignUp:Mode=closed");
        using var olga = app.Browser();
        await olga.SignInAsync(Olga);
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
        Assert.Equal(["add operator", "invite"], await app.ReadAsync(db => db.AuditEntries.Where(e => e.Actor == "command line").OrderBy(e => e.Id).Select(e => e.Action).ToListAsync()));
    }

    [Fact]
    public async Task Who_is_one_by_the_settings_stays_one_and_listing_makes_no_file()
    {
        var none = await RunAsync("operator", "list");
        Assert.Equal(0, none.ExitCode);
        Assert.StartsWith("There are no operators.", none.Output, StringComparison.Ordinal);
        Assert.Equal((0, $"{Configured} by the setting Operators", ""), await RunAsync("operator", "list", $"--Operators={Configured}"));
        Assert.Empty(Directory.GetFiles(folder));
        var (code, output, error) = await RunAsync("operator", "remove", Configured, $"--Operators={Configured}");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("setting Operators", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "'operator --help'", "operator")]
    [InlineData(2, "'operator add --help'", "operator", "add")]
    [InlineData(2, "not a phone number", "operator", "remove", "hello")]
    [InlineData(2, "is no setting", "operator", "list", "all")]
    [InlineData(1, "Operators is malformed", "operator", "list", "--Operators=hello")]
    public async Task What_cannot_be_done_is_said_in_one_line(int exitCode, string words, params string[] typed)
    {
        var (code, output, error) = await RunAsync(typed);
        Assert.Equal((exitCode, ""), (code, output));
        Assert.Contains(words, Assert.Single(error.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("operator remove PHONE", "--help")]
    [InlineData("whatever SignUp:Mode is", "operator", "add", "--help")]
    [InlineData("list", "operator", "--help")]
    public async Task Help_names_what_can_be_typed(string words, params string[] typed)
    {
        var (code, output, _) = await RunAsync(typed);
        Assert.Equal(0, code);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] typed)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. typed])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
            Environment = { ["DataDirectory"] = folder, ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output).Trim(), (await error).Trim());
    }
}
