using System.Diagnostics;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Tests.Shared;

/// <summary>A start that cannot be says why, in one line that names the key and never its value.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Limits:BasicMessages=many", "Limits:BasicMessages")]
    [InlineData("Limits:BasicMessages=-1", "Limits:BasicMessages")]
    [InlineData("Limits:BasicMessagez=5", "Limits:BasicMessagez")]
    [InlineData("Limits:BasicMessages:0=5", "Limits:BasicMessages")]
    [InlineData("Otp:Lifetime=00:10:01", "Otp:Lifetime")]
    [InlineData("Otp:Lifetime=5", "Otp:Lifetime")]
    [InlineData("OpenAI:BaseUrl=nonsense", "OpenAI:BaseUrl")]
    [InlineData("OpenAI:Secret=sk-canary", "OpenAI:Secret")]
    [InlineData("Billing:Provider=paypal", "Billing:Provider")]
    [InlineData("SignUp:Mode=2", "SignUp:Mode")]
    [InlineData("Sandbox:Enabled=yes", "Sandbox:Enabled")]
    [InlineData("Site:TimeZone=Mars/Olympus", "Site:TimeZone")]
    [InlineData("Models:Catalog=/nowhere.json", "Models:Catalog")]
    [InlineData("ForwardedHeaders:KnownProxies=proxy", "ForwardedHeaders:KnownProxies")]
    [InlineData("DataDirectory=/proc/chatmvc", "DataDirectory")]
    public void A_setting_that_cannot_be_is_named(string setting, string key)
    {
        var refused = Assert.Throws<SettingsException>(() => Program.Build(["--environment=Development", $"--DataDirectory={folder}", $"--{setting}"]));
        Assert.Contains(key, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain("canary", refused.Message);
    }

    [Fact]
    public void Without_keys_and_sandbox_every_missing_key_is_named_at_once()
    {
        var refused = Assert.Throws<SettingsException>(() => Program.Build(["--environment=Production", "--OPENAI_API_KEY=", $"--DataDirectory={folder}"]));
        foreach (var word in new[] { "PublicUrl", "OpenAI:ApiKey", "Twilio:AccountSid", "Sms:Provider=console", "Stripe:SecretKey", "Billing:Provider=none" })
            Assert.Contains(word, refused.Message);
    }

    [Theory]
    [InlineData("http://*:5000")]
    [InlineData("http://127.0.0.1:5000;http://10.0.0.1:5000")]
    public void The_sandbox_is_not_served_to_the_world_in_Production(string urls)
    {
        var refused = Assert.Throws<SettingsException>(() => Program.Build(["--environment=Production", "--Sandbox:Enabled=true", $"--Urls={urls}", $"--DataDirectory={folder}"]));
        Assert.Contains("Sandbox:Enabled", refused.Message);
    }

    [Fact]
    public async Task The_program_says_why_in_one_line_and_ends_with_an_error()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "--environment=Development", "--Limits:BasicMessages=many", $"--DataDirectory={folder}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Limits:BasicMessages", error);
    }

    [Fact]
    public async Task Lists_are_read_with_commas_and_by_index()
    {
        await using (var app = await TestApp.StartAsync("OpenAI:Models=gpt-6-sol, gpt-6-luna"))
        {
            using var maya = await app.SignInAsAsync("Maya");
            var options = (await maya.GetAsync("/chats")).Document.QuerySelectorAll("select[name=model] option");
            Assert.Equal(["gpt-6-sol", "gpt-6-luna"], options.Select(o => o.TextContent));
        }
        await using (var app = await TestApp.StartAsync("OpenAI:Models:0=gpt-6-sol"))
        {
            using var maya = await app.SignInAsAsync("Maya");
            Assert.Single((await maya.GetAsync("/chats")).Document.QuerySelectorAll("select[name=model] option"));
        }
    }
}
