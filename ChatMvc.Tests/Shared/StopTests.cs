using System.Runtime.CompilerServices;
using ChatMvc.Tests.Chats;
using Microsoft.AspNetCore.Builder;

namespace ChatMvc.Tests.Shared;

/// <summary>What a server leaves behind that has stopped: no timer, no event, nothing that holds it.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_server_that_was_stopped_is_held_by_nothing()
    {
        var stopped = await UseAsync();

        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(30); stopped.IsAlive && DateTime.UtcNow < until; await Task.Delay(200))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(stopped.IsAlive, "Something still holds it.");
    }

    // Apart, so that no local variable of the test holds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> UseAsync()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));
        return new WeakReference(app.Services);
    }
}
