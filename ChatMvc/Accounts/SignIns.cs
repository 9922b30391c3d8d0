using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What came of typing a code.</summary>
public abstract record SignInAnswer
{
    /// <param name="SessionKey">What the cookie has to hold; the database knows its hash alone.</param>
    public sealed record SignedIn(string SessionKey) : SignInAnswer;

    public sealed record Wrong(int TriesLeft) : SignInAnswer;

    /// <summary>Too old, used, or replaced by a newer one.</summary>
    public sealed record Expired : SignInAnswer;

    /// <summary>Too many wrong ones; after the wait a new code can be asked for.</summary>
    public sealed record Locked(TimeSpan Wait) : SignInAnswer;
}

/// <summary>Turns a code into a signed-in device, and a signed-in device back into a stranger.</summary>
public sealed class SignIns(
    ChatDb db, OneTimeCodes codes, CodeLimits limits, OtpSettings otp, SessionSettings sessions, TimeProvider time)
{
    private const int KeyLength = 32;

    /// <param name="digits">Six.</param>
    /// <param name="browser">The secret of the browser that they were typed in.</param>
    /// <param name="device">That browser in words.</param>
    /// <param name="replaced">The session this browser had until now: it ends.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task<SignInAnswer> RedeemAsync(
        string digits, string browser, string device, long? replaced, CancellationToken cancellation) =>
        db.WriteAsync<SignInAnswer>(async () =>
        {
            if (await codes.NewestOfAsync(browser, CodePurpose.SignIn, cancellation) is not { } code) return new SignInAnswer.Expired();
            var guesses = await limits.GuessesLeftAsync(code.Phone, code.BrowserHash, cancellation);
            if (guesses <= 0) return await LockedAsync(code, cancellation);
            switch (code.Redeem(digits, browser, time.GetUtcNow(), otp))
            {
                case Redemption.Redeemed:
                    if (replaced is { } old) await EndAsync(old, cancellation);
                    return await BeginAsync(PhoneNumber.Parse(code.Phone), device, cancellation);
                case Redemption.Wrong:
                    return new SignInAnswer.Wrong(Math.Min(otp.MaxAttempts - code.Attempts, guesses - 1));
                case Redemption.Locked:
                    return await LockedAsync(code, cancellation);
                default:
                    return new SignInAnswer.Expired();
            }
        }, cancellation);

    public Task SignOutAsync(long session, CancellationToken cancellation) =>
        db.WriteAsync(() => EndAsync(session, cancellation), cancellation);

    private async Task<SignInAnswer> LockedAsync(OneTimeCode code, CancellationToken cancellation) =>
        new SignInAnswer.Locked(await limits.WaitForNextAsync(code.Phone, code.BrowserHash, cancellation));

    private async Task<SignInAnswer> BeginAsync(PhoneNumber phone, string device, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var user = await db.Users.FirstOrDefaultAsync(u => u.Phone == phone.ToString(), cancellation) ?? new User(phone, now);
        var key = RandomKey.OfLength(KeyLength);
        db.Sessions.Add(new Session(user, key, device, now, sessions));
        return new SignInAnswer.SignedIn(key);
    }

    private async Task EndAsync(long session, CancellationToken cancellation) =>
        (await db.Sessions.FirstOrDefaultAsync(s => s.Id == session, cancellation))?.Revoke(time.GetUtcNow());
}
