using ChatMvc.Data;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What came of typing a code to sign in.</summary>
/// <param name="Code">Whether it was right.</param>
/// <param name="SessionKey">When it was: what the cookie has to hold; the database knows its hash alone.</param>
/// <param name="Closed">Where no accounts are opened for now and this would have been one: the operator's words for it.</param>
public sealed record SignInAnswer(CodeAnswer Code, string? SessionKey, string? Closed = null);

/// <summary>Turns a code into a signed-in device, and a signed-in device back into a stranger.</summary>
public sealed class SignIns(ChatDb db, OneTimeCodes codes, FormerUses formerUses, SessionSettings sessions, Maintenance maintenance, TimeProvider time)
{
    private const int KeyLength = 32;

    /// <param name="digits">Six.</param>
    /// <param name="browser">The secret of the browser that they were typed in.</param>
    /// <param name="device">That browser in words.</param>
    /// <param name="replaced">The session this browser had until now: it ends.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task<SignInAnswer> RedeemAsync(
        string digits, string browser, string device, long? replaced, CancellationToken cancellation) =>
        db.WriteAsync(async () =>
        {
            var answer = await codes.JudgeAsync(digits, CodePurpose.SignIn, browser, null, cancellation);
            if (answer is not CodeAnswer.Right(var code)) return new SignInAnswer(answer, null);
            if (await ClosedToAsync(code.Phone, cancellation) is { } words) return new SignInAnswer(answer, null, words);
            if (replaced is { } old) await EndAsync(old, cancellation);
            return new SignInAnswer(answer, Begin(await WithFormerUsesAsync(await OfAsync(PhoneNumber.Parse(code.Phone), cancellation), cancellation), device));
        }, cancellation);

    // Asked once the code was right: whether a number has an account is for its owner alone to know.
    private async Task<string?> ClosedToAsync(string phone, CancellationToken cancellation) =>
        await maintenance.RefusalAsync(db, phone, cancellation) is { } words && !await db.Users.AnyAsync(u => u.Phone == phone, cancellation) ? words : null;

    // A newcomer's number may have been here before.
    private async Task<User> WithFormerUsesAsync(User user, CancellationToken cancellation)
    {
        if (user.Id != 0) return user;
        db.Users.Add(user);
        await db.SaveChangesAsync(cancellation);
        await formerUses.GiveToAsync(user, cancellation);
        return user;
    }

    public Task SignOutAsync(long session, CancellationToken cancellation) =>
        db.WriteAsync(() => EndAsync(session, cancellation), cancellation);

    /// <summary>Signs a person in, inside the caller's transaction.</summary>
    /// <returns>What the cookie has to hold; the database knows its hash alone.</returns>
    public string Begin(User user, string device)
    {
        var key = RandomKey.OfLength(KeyLength);
        db.Sessions.Add(new Session(user, key, device, time.GetUtcNow(), sessions));
        return key;
    }

    /// <summary>Ends this person's sessions on all devices but one, inside the caller's transaction.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="kept">The session that goes on; null for none.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task EndOthersAsync(long userId, long? kept, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return db.Sessions.Where(s => s.UserId == userId && s.Id != kept && s.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), cancellation);
    }

    private async Task<User> OfAsync(PhoneNumber phone, CancellationToken cancellation)
    {
        if (await db.Users.FirstOrDefaultAsync(u => u.Phone == phone.ToString(), cancellation) is { } user) return user;
        (await db.Invitations.FirstOrDefaultAsync(i => i.Phone == phone.ToString(), cancellation))?.Accept(time.GetUtcNow());
        return new User(phone, time.GetUtcNow());
    }

    /// <summary>Ends a session, inside the caller's transaction.</summary>
    public async Task EndAsync(long session, CancellationToken cancellation) =>
        (await db.Sessions.FirstOrDefaultAsync(s => s.Id == session, cancellation))?.Revoke(time.GetUtcNow());
}
