using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>
/// Forgets a person: at once, in one transaction, who they were and every way in; then <see cref="AccountRemoval"/>
/// removes what they wrote.
/// </summary>
public sealed class Deletion(
    ChatDb db, CurrentUser me, OneTimeCodes codes, FormerUses formerUses, SessionStreams streams, LiveRooms rooms, Bell bell, TimeProvider time)
{
    /// <summary>Younger rows still count towards the limits of text messages, which must not begin anew.</summary>
    public static readonly TimeSpan LimitsLookBack = TimeSpan.FromDays(1);

    /// <param name="digits">Six, of a code sent for this very purpose.</param>
    /// <param name="browser">The secret of the browser that they were typed in.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<CodeAnswer> DeleteAsync(string digits, string browser, CancellationToken cancellation)
    {
        Ended? ended = null;
        var answer = await db.WriteAsync(async () =>
        {
            var answer = await codes.JudgeAsync(digits, CodePurpose.DeleteAccount, browser, me.Id, cancellation);
            if (answer is not CodeAnswer.Right(var code)) return answer;
            var user = await db.Users.SingleAsync(u => u.Id == me.Id, cancellation);
            // The account moved to another number meanwhile.
            if (code.Phone != user.Phone) return new CodeAnswer.Expired();
            ended = await ForgetAsync(user, cancellation);
            return answer;
        }, cancellation);
        if (ended is not null) await TellAsync(me.Id, ended);
        return answer;
    }

    /// <summary>Forgets somebody else, for an operator. False where they are gone.</summary>
    /// <param name="person">Whom.</param>
    /// <param name="also">What else belongs into the same write: the audit entry.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<bool> DeleteAsync(long person, Action also, CancellationToken cancellation)
    {
        var ended = await db.WriteAsync(async () =>
        {
            if (await db.Users.SingleOrDefaultAsync(u => u.Id == person && u.DeletedAt == null, cancellation) is not { } user) return null;
            also();
            return await ForgetAsync(user, cancellation);
        }, cancellation);
        if (ended is null) return false;
        await TellAsync(person, ended);
        return true;
    }

    private sealed record Ended(IReadOnlyList<long> Sessions, IReadOnlyList<long> Chats, IReadOnlyList<long> Answers);

    private async Task<Ended> ForgetAsync(User user, CancellationToken cancellation)
    {
        var ended = await EndAllAsync(user.Id, cancellation);
        await formerUses.RememberAsync(user, cancellation);
        await ForgetNumberAsync(user.Phone, cancellation);
        user.Forget(time.GetUtcNow());
        return ended;
    }

    private async Task<Ended> EndAllAsync(long id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var sessions = db.Sessions.Where(s => s.UserId == id && s.RevokedAt == null);
        var chats = db.Chats.Where(c => c.DeletedAt == null && c.Members.Any(m => m.UserId == id) && c.Members.All(m => m.UserId == id));
        var ended = new Ended(
            await sessions.Select(s => s.Id).ToListAsync(cancellation),
            await chats.Select(c => c.Id).ToListAsync(cancellation),
            await db.Messages.Unfinished().Where(m => m.AskedById == id).Select(m => m.Id).ToListAsync(cancellation));
        await sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), cancellation);
        await chats.ExecuteUpdateAsync(set => set.SetProperty(c => c.DeletedAt, now), cancellation);
        return ended;
    }

    private async Task ForgetNumberAsync(string phone, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - LimitsLookBack;
        await db.OneTimeCodes.Where(c => c.Phone == phone && c.CreatedAt < before).ExecuteDeleteAsync(cancellation);
        await db.PasswordGuesses.Where(g => g.Phone == phone && g.GuessedAt < before).ExecuteDeleteAsync(cancellation);
        await db.Invitations.Where(i => i.Phone == phone).ExecuteDeleteAsync(cancellation);
        await db.SmsMessages.Where(s => s.To == phone && s.CreatedAt < before).ExecuteDeleteAsync(cancellation);
        // The younger ones are counted by the day, not by the number. What is on its way keeps it until it is sent.
        await db.SmsMessages.Where(s => s.To == phone && s.State != SmsState.Waiting && s.State != SmsState.Sending)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.To, ""), cancellation);
    }

    private async Task TellAsync(long person, Ended ended)
    {
        streams.End(ended.Sessions);
        foreach (var answer in ended.Answers) rooms.Find(answer)?.Stop();
        foreach (var chat in ended.Chats) rooms.Changed(chat);
        await bell.RingAsync<AccountRemoval>(person);
        await bell.RingAsync<StripeFarewell>(person);
    }
}
