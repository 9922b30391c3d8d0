using System.Text;
using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>Moves an account to another number, for somebody who holds both phones.</summary>
public sealed class NumberChange(
    ChatDb db, CurrentUser me, OneTimeCodes codes, SignIns signIns, FormerUses formerUses, SmsOutbox outbox, SessionStreams streams, SiteSettings site, TimeProvider time)
{
    /// <summary>How long a code to the old number proves who it is.</summary>
    private static readonly TimeSpan ProofLasts = TimeSpan.FromMinutes(15);

    /// <summary>Whether a code to the old number has shown lately that this browser is the owner's, and not only signed in.</summary>
    public Task<bool> IsProvenAsync(string browser, CancellationToken cancellation)
    {
        var (hash, since) = (RandomKey.Hash(browser), time.GetUtcNow() - ProofLasts);
        return db.OneTimeCodes.AnyAsync(c => c.BrowserHash == hash && c.Purpose == CodePurpose.OldNumber && c.UserId == me.Id
            && c.Phone == me.User.Phone && c.RedeemedAt > since, cancellation);
    }

    /// <summary>Takes the code that was sent to the old number.</summary>
    public Task<CodeAnswer> ProveAsync(string digits, string browser, CancellationToken cancellation) =>
        db.WriteAsync(() => codes.JudgeAsync(digits, CodePurpose.OldNumber, browser, me.Id, cancellation), cancellation);

    /// <summary>Takes the code that was sent to the new number; all other devices are signed out, and this one begins anew.</summary>
    /// <param name="digits">Six.</param>
    /// <param name="browser">The secret of the browser that they were typed in; it got the code for a proof.</param>
    /// <param name="device">That browser in words.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<SignInAnswer> MoveAsync(string digits, string browser, string device, CancellationToken cancellation)
    {
        SmsMessage? told = null;
        List<long> ended = [];
        var answer = await db.WriteAsync(async () =>
        {
            var answer = await codes.JudgeAsync(digits, CodePurpose.NewNumber, browser, me.Id, cancellation);
            if (answer is not CodeAnswer.Right(var code)) return new SignInAnswer(answer, null);
            // Somebody signed up with it since the code was sent.
            if (await db.Users.AnyAsync(u => u.Phone == code.Phone, cancellation)) return new SignInAnswer(new CodeAnswer.Expired(), null);
            var user = await db.Users.SingleAsync(u => u.Id == me.Id, cancellation);
            // An old number that signs up anew has used what it used.
            await formerUses.RememberAsync(user, cancellation);
            told = outbox.Put(PhoneNumber.Parse(user.Phone), Words, time.GetUtcNow());
            user.MoveTo(PhoneNumber.Parse(code.Phone));
            ended = await db.Sessions.Where(s => s.UserId == user.Id && s.RevokedAt == null).Select(s => s.Id).ToListAsync(cancellation);
            await signIns.EndOthersAsync(user.Id, kept: null, cancellation);
            return new SignInAnswer(answer, signIns.Begin(user, device));
        }, cancellation);
        streams.End(ended);
        if (told is not null) await outbox.RingAsync(told);
        return answer;
    }

    // Plain ASCII in one segment.
    private string Words => $"Your account at {(Ascii.IsValid(site.Name) ? site.Name : "our chat")} was moved to another phone number. If that was not you, ask whoever runs it for help.";
}
