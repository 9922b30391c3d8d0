namespace ChatMvc.Tests.Crash;

/// <summary>What a crash or a power cut may leave behind that no restart heals.</summary>
public sealed class DamageTests
{
    /// <summary>Bytes from the start of the file: its header, or a page further on.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4096 * 3)]
    public async Task A_damaged_database_is_not_served_and_named_in_the_last_line(int position)
    {
        await using var app = await MortalApp.StartAsync();
        using (await app.SignInAsAsync("Maya")) { }
        // An orderly end first, so that what is damaged does not lie in the write-ahead log a second time.
        await app.Server.TerminateAsync();
        await app.RestartAsync();
        await app.KillAsync();
        await DamageAsync(Path.Combine(app.Folder, "chat.db"), position);

        var server = app.Begin();

        Assert.Equal(1, await server.ExitCodeAsync());
        Assert.Contains("chat.db is damaged or no database. Restore a backup.", server.Output);
        Assert.DoesNotContain("Unhandled exception", server.Output);
    }

    private static async Task DamageAsync(string file, int position)
    {
        await using var stream = File.Open(file, FileMode.Open, FileAccess.Write);
        stream.Position = position;
        await stream.WriteAsync(Enumerable.Repeat((byte)0x5a, 4096).ToArray());
    }
}
