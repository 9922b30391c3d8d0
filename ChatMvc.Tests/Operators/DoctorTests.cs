using ChatMvc.Sandbox;
using ChatMvc.Tests.Control;
using ChatMvc.Tests.Crash;
using ChatMvc.Tests.Sandbox;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Tests.Operators;

/// <summary>What <c>doctor</c> sees, and that it says what to do.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private readonly SandboxServer vendors = new();
    private TestApp app = null!;

    private string[] Settings =>
    [
        "--Sms:Provider=console", "--Billing:Provider=none", $"--PublicUrl={app.Address}",
        $"--OpenAI:BaseUrl={new Uri(vendors.Url, SandboxOpenAI.BasePath)}", $"--OpenAI:ApiKey={SandboxOpenAI.ApiKey}",
    ];

    public async Task InitializeAsync()
    {
        await vendors.InitializeAsync();
        app = await TestApp.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await vendors.StopAsync();
        await vendors.DisposeAsync();
    }

    [Fact]
    public async Task Beside_a_server_that_is_well_nothing_is_wrong()
    {
        using (await app.SignInAsAsync("Maya")) { }

        var said = await DoctorAsync(Settings);

        Assert.True(said is { ExitCode: 0, Error: "" }, $"{said}");
        foreach (var words in (string[])["The settings can be read", "the server runs", "their owner's alone", "MB free", "chat.db is sound", "The books balance",
            "note  The server knows of no backup.", "The upstream takes the key", "The clock agrees", "Codes are written", "Nothing is sold", "answers at PublicUrl", "Nothing is wrong."])
            Assert.Contains(words, said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(SandboxOpenAI.ApiKey, said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_backup_it_knows_its_age()
    {
        var folder = Directory.CreateTempSubdirectory("backups-");
        Assert.Equal(0, (await Typing.RunAsync(app.Folder, "backup", folder.FullName)).ExitCode);
        folder.Delete(recursive: true);
        Assert.Contains("ok    The newest backup is 0 hours old.", (await DoctorAsync([.. Settings, "--offline"])).Output, StringComparison.Ordinal);

        Execute("UPDATE ServerFacts SET Value = '1000 5 /nowhere.tar' WHERE Name = 'last-backup'");

        var old = await DoctorAsync([.. Settings, "--offline"]);
        Assert.Equal(1, old.ExitCode);
        Assert.Contains("chatmvc-backup.timer", old.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The upstream refuses the key (401)", "--OpenAI:ApiKey=")]
    [InlineData("The upstream does not answer", "--OpenAI:BaseUrl=http://127.0.0.1:9/v1")]
    [InlineData("webhooks of Stripe and Twilio do not arrive", "--PublicUrl=http://127.0.0.1:9/")]
    [InlineData("Limits:BasicMessages is malformed", "--Limits:BasicMessages=canary")]
    [InlineData("Otp:Lifetimes is not a setting", "--Otp:Lifetimes=canary")]
    [InlineData("Settings are missing: Twilio:AccountSid", "--Sms:Provider=twilio")]
    public async Task What_is_wrong_is_named_with_its_remedy_and_without_secrets(string words, string setting)
    {
        var said = await DoctorAsync([.. Settings, setting]);

        Assert.Equal((1, "Wrong: 1."), (said.ExitCode, said.Error));
        var finding = Assert.Single(said.Output.Split('\n'), line => line.StartsWith("WRONG", StringComparison.Ordinal));
        Assert.Contains(words, finding, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_setting_that_is_malformed_is_named_at_once()
    {
        var said = await DoctorAsync([.. Settings, "--Limits:BasicMessages=many", "--Otp:MaxAttempts=0"]);
        Assert.Equal((1, "Wrong: 2."), (said.ExitCode, said.Error));
    }

    [Fact]
    public async Task Keys_of_Twilio_and_Stripe_are_tried_by_reading()
    {
        string[] keys =
        [
            "--Sms:Provider=twilio", "--Twilio:AccountSid=AC1", "--Twilio:AuthToken=canary", "--Twilio:From=+15550100199", $"--Twilio:BaseUrl={new Uri(vendors.Url, "/sandbox/twilio")}",
            "--Billing:Provider=stripe", "--Stripe:SecretKey=sk_test_canary", "--Stripe:WebhookSecret=whsec_canary", "--Stripe:ProPriceId=price_1", $"--Stripe:BaseUrl={new Uri(vendors.Url, "/sandbox/stripe")}",
        ];

        var said = await DoctorAsync([.. Settings, .. keys]);

        Assert.Equal(1, said.ExitCode);
        Assert.Contains("WRONG Twilio", said.Output, StringComparison.Ordinal);
        Assert.Contains("WRONG Stripe refuses the key (401)", said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_others_may_read_and_books_that_do_not_balance_are_named()
    {
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(Path.Combine(app.Folder, "chat.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Execute("INSERT INTO DailyCosts (UserId, Day, Micros) VALUES (0, 739000, 5)");

        var said = await DoctorAsync([.. Settings, "--offline"]);

        Assert.Equal((1, "Wrong: 2."), (said.ExitCode, said.Error));
        Assert.Contains($"chmod -R go= {app.Folder}", said.Output, StringComparison.Ordinal);
        Assert.Contains("A day's sum is not that of its requests", said.Output, StringComparison.Ordinal);
    }

    private Task<Said> DoctorAsync(string[] settings) => Typing.RunAsync(app.Folder, ["doctor", .. settings]);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={app.Folder}/chat.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
