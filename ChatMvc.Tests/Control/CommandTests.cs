using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Control;

/// <summary>Commands, each as a process of its own, beside a server and without one.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Maya = "+12125550101";
    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_number_is_invited_while_the_server_runs()
    {
        await using var app = await AccountApp.StartInAsync(folder, "SignUp:Mode=invited");
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var invited = await RunAsync("user", "invite", "(212) 555-0101");
        Assert.Equal((0, $"{Maya} may sign up now.", ""), invited);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await maya.SignInAsync(Maya);
        Assert.Equal(1, app.Twilio.Received);

        Assert.Contains("has an account", (await RunAsync("user", "invite", Maya)).Output, StringComparison.Ordinal);
        await RunAsync("user", "invite", "+12125550102");
        Assert.Contains("invited before", (await RunAsync("user", "invite", "+12125550102")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("2125550102", app.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_is_invited_where_no_server_ever_ran()
    {
        Assert.Equal((0, $"{Maya} may sign up now.", ""), await RunAsync("user", "invite", Maya));
        Assert.Equal(["chat.db", "lock"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using var app = await AccountApp.StartInAsync(folder, "SignUp:Mode=invited");
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_and_goes_with_the_server()
    {
        var path = Path.Combine(folder, "control.sock");
        // As a kill leaves it.
        await File.WriteAllTextAsync(path, "");
        await using (await AccountApp.StartInAsync(folder))
        {
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task What_is_no_command_is_not_obeyed_and_the_next_one_is_served()
    {
        await using var app = await AccountApp.StartInAsync(folder);
        Assert.Contains("\"done\":false", await SayAsync("{\"command\":\"user remove\",\"phone\":\"+12125550101\"}\n"), StringComparison.Ordinal);
        Assert.Contains("\"done\":false", await SayAsync("{\"command\":\"user invite\",\"phone\":\"hello\"}\n"), StringComparison.Ordinal);
        Assert.Contains("\"done\":false", await SayAsync("{\"command\":\"user invite\"}\n"), StringComparison.Ordinal);
        foreach (var nonsense in new[] { "GET / HTTP/1.1\n", "null\n", new string('x', 10_000), "\0\n" }) Assert.Equal("", await SayAsync(nonsense));
        Assert.Equal(0, await app.ReadAsync(db => db.Invitations.CountAsync()));
        Assert.Equal(0, (await RunAsync("user", "invite", Maya)).ExitCode);
    }

    [Fact]
    public async Task A_path_that_is_too_long_for_a_socket_is_told()
    {
        var deep = Directory.CreateDirectory(Path.Combine(folder, new string('d', 100))).FullName;
        Assert.Equal(0, (await RunInAsync(deep, "user", "invite", Maya)).ExitCode);
        await using var app = await AccountApp.StartInAsync(deep);
        var refused = await RunInAsync(deep, "user", "invite", Maya);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("107 bytes", refused.Error, StringComparison.Ordinal);
        Assert.Contains("107 bytes", app.Log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "There is no command 'fly'. See --help.", "fly")]
    [InlineData(2, "'user --help'", "user")]
    [InlineData(2, "'user invite --help'", "user", "invite")]
    [InlineData(2, "not a phone number", "user", "invite", "hello")]
    [InlineData(2, "goes into quotes", "user", "invite", "+1", "212", "5550101")]
    [InlineData(1, "DataDirectory", "user", "invite", Maya, "--DataDirectory=/proc/chatmvc")]
    public async Task What_cannot_be_done_is_said_in_one_line(int exitCode, string words, params string[] typed)
    {
        var (code, output, error) = await RunAsync(typed);
        Assert.Equal((exitCode, ""), (code, output));
        Assert.Contains(words, Assert.Single(error.Split('\n')), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("user invite PHONE", "--help")]
    [InlineData("PHONE", "user", "invite", "--help")]
    [InlineData("Exit codes", "help")]
    [InlineData("SIGTERM", "serve", "--help")]
    [InlineData("A copy is taken before", "migrate", "--help")]
    [InlineData("--keep", "backup", "--help")]
    [InlineData("--replace", "restore", "--help")]
    [InlineData("--offline", "doctor", "--help")]
    [InlineData("0.1.0", "--version")]
    public async Task Help_names_what_can_be_typed(string words, params string[] typed)
    {
        var (code, output, _) = await RunAsync(typed);
        Assert.Equal(0, code);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] typed) => RunInAsync(folder, typed);

    private static async Task<(int ExitCode, string Output, string Error)> RunInAsync(string directory, params string[] typed)
    {
        // By the environment, so that what is typed stays what it is.
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. typed])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = directory,
            Environment = { ["DataDirectory"] = directory, ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output).Trim(), (await error).Trim());
    }

    /// <summary>What the server answers on its socket; nothing where it hangs up.</summary>
    private async Task<string> SayAsync(string words)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "control.sock")));
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(words));
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
