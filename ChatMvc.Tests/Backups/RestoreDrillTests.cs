using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Tests.Billing.Stripe;
using ChatMvc.Tests.Control;
using ChatMvc.Tests.Crash;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Backups;

/// <summary>The day on which the disk is gone: a backup that was made while people wrote, and what Stripe knows beyond it.</summary>
public sealed class RestoreDrillTests : IDisposable
{
    private const int Writers = 3;
    private readonly string folder = Directory.CreateTempSubdirectory("drill-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_backup_made_under_load_brings_back_people_chats_and_money_and_Stripe_tells_the_rest()
    {
        await using var app = await MortalApp.StartAsync(null, "Limits:BasicMessages=1000000", "Limits:QueuedAnswers=10000", "RateLimits:Enabled=false");
        app.WillAnswer(KillTests.Text);
        using var maya = await app.SignInAsAsync("Maya");
        var first = (await maya.PressAsync("/billing/topup", ("amount", "10"))).Location!;
        await maya.TryToPostAsync(first, new() { ["outcome"] = "pay" });
        await app.UntilAsync(db => db.LedgerEntries.AnyAsync());
        // Begun before the backup, paid after it, while the last look at Stripe is of just now.
        var second = (await maya.PressAsync("/billing/topup", ("amount", "25"))).Location!;
        await app.ReadAsync(db => db.Database.ExecuteSqlRawAsync(
            "INSERT INTO Reconciliations (LiveMode, StartedAt, FinishedAt, EventsFound, Repaired) VALUES (0, unixepoch() * 1000, unixepoch() * 1000, 0, 0)"));
        var chat = await maya.StartChatAsync("How is bread made?");
        await maya.LastAnswerAsync(chat);

        var backup = Path.Combine(folder, "drill.tar");
        using var enough = new CancellationTokenSource();
        var load = Enumerable.Range(0, Writers).Select(n => WriteAsync(app, $"Writer {n}", enough.Token)).ToList();
        await app.UntilAsync(async db => await db.Messages.Select(m => m.AskedById).Distinct().CountAsync() > Writers);
        var before = await CountAsync(app);
        var made = await Typing.RunAsync(app.Folder, "backup", backup);
        var after = await CountAsync(app);
        await maya.TryToPostAsync(second, new() { ["outcome"] = "pay" });
        // Of this one the backup knows nothing at all.
        var third = (await maya.PressAsync("/billing/topup", ("amount", "5"))).Location!;
        await maya.TryToPostAsync(third, new() { ["outcome"] = "pay" });
        await app.UntilAsync(db => db.Purchases.AllAsync(p => p.State == PurchaseState.Paid));
        await enough.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.True(after > before, "Nobody wrote meanwhile.");
        await app.Server.TerminateAsync();
        var asked = app.OpenAI.Calls.Answers;

        var restored = await Typing.RunAsync(app.Folder, "restore", backup, "--replace");
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        // Stripe is another machine's: what it knows is not of the day of the backup.
        var aside = Assert.Single(Directory.GetDirectories(app.Folder, "before-restore-*"));
        File.Copy(Path.Combine(aside, "sandbox-stripe.jsonl"), Path.Combine(app.Folder, "sandbox-stripe.jsonl"), overwrite: true);
        await app.RestartAsync();

        var room = await maya.GetAsync(chat);
        Assert.Equal((200, KillTests.Text), (room.Status, room.Document.QuerySelector("article[data-role=assistant] .message-body")!.TextContent.Trim()));
        await app.UntilAsync(db => db.Messages.AllAsync(m => m.State != MessageState.Queued && m.State != MessageState.Streaming));
        await app.UntilAsync(async db => await db.Purchases.CountAsync(p => p.State == PurchaseState.Paid) == 3);
        Assert.Equal(40_000_000, await app.ReadAsync(db => db.LedgerEntries.Where(e => e.Kind == LedgerKind.TopUp).SumAsync(e => e.AmountMicros)));
        Assert.Equal("$40.00", await maya.BalanceAsync());
        Assert.InRange(await CountAsync(app), before, after);
        // What was being written ended as failed, with a way to ask again; nothing was asked a second time by itself.
        Assert.Equal(asked, app.OpenAI.Calls.Answers);
        Assert.Empty(await app.DamageAsync());
        await maya.LastAnswerAsync(await maya.StartChatAsync("And how is butter made?"));
        Assert.Equal(asked + 1, app.OpenAI.Calls.Answers);
    }

    private static Task<int> CountAsync(MortalApp app) => app.ReadAsync(db => db.Messages.CountAsync());

    private static async Task WriteAsync(MortalApp app, string name, CancellationToken enough)
    {
        using var writer = await app.SignInAsAsync(name);
        while (!enough.IsCancellationRequested) await writer.StartChatAsync("How is bread made?");
    }
}
