using System.Net.Sockets;
using System.Text;
using ChatMvc.Data;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>What systemd hears of a server, on a socket of its own.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notify-");
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ServiceManagerTests() => socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "notify")));

    public void Dispose()
    {
        socket.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_hears_that_the_server_is_ready_and_lives_and_stops()
    {
        var app = await TestApp.StartAsync($"NOTIFY_SOCKET={folder.FullName}/notify", "WATCHDOG_USEC=3000000");
        Assert.Equal("READY=1", await HearAsync());
        Assert.Equal("WATCHDOG=1", await HearAsync());
        Assert.Equal("WATCHDOG=1", await HearAsync());
        await app.DisposeAsync();
        string last;
        while ((last = await HearAsync()) == "WATCHDOG=1") { }
        Assert.Equal("STOPPING=1", last);
    }

    [Fact]
    public async Task A_write_gate_that_is_stuck_is_not_told_alive_until_it_is_free_again()
    {
        await using var app = await TestApp.StartAsync($"NOTIFY_SOCKET={folder.FullName}/notify", "WATCHDOG_USEC=300000");
        Assert.Equal("READY=1", await HearAsync());
        using (await app.Services.GetRequiredService<WriteGate>().EnterAsync(CancellationToken.None))
        {
            // What was told before the gate was held.
            while (socket.Poll(TimeSpan.FromMilliseconds(250), SelectMode.SelectRead)) await HearAsync();
            Assert.False(socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectRead));
        }
        Assert.Equal("WATCHDOG=1", await HearAsync());
    }

    private async Task<string> HearAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var words = new byte[100];
        return Encoding.ASCII.GetString(words, 0, await socket.ReceiveAsync(words, limit.Token));
    }
}
