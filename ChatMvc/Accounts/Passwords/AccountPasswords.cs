using ChatMvc.Data;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Passwords;

/// <summary>
/// Signs in by password, and sets, changes and resets it. Numbers with a password, without one and without an account cost the
/// same rows and the same hashing, and get the same answer. Nothing is hashed while the database waits.
/// </summary>
public sealed class AccountPasswords(
    ChatDb db, PasswordHashing hashing, PasswordLimits limits, OneTimeCodes codes, SignIns signIns, PasswordNotice notice, TimeProvider time)
{
    public async Task<PasswordAnswer> SignInAsync(PhoneNumber phone, string password, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var answer = await JudgeAsync(phone, password, null, attempt, cancellation);
        if (answer is not Proof proof) return answer;
        return await db.WriteAsync<PasswordAnswer>(async () =>
        {
            if (await AsJudgedAsync(proof.Owner, cancellation) is not { } owner) return new PasswordAnswer.Wrong();
            if (owner.SuspendedAt is not null) return new PasswordAnswer.Suspended();
            if (proof.Hash is { } stronger) owner.RehashPassword(stronger);
            await limits.ForgetAsync(phone, attempt, cancellation);
            return new PasswordAnswer.Right(await BeginAsync(owner, attempt, cancellation));
        }, cancellation);
    }

    /// <summary>Asks somebody signed in for their password; null when it is theirs, else why not.</summary>
    public async Task<PasswordAnswer?> RefusalAsync(User me, string current, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var phone = PhoneNumber.Parse(me.Phone);
        var answer = await JudgeAsync(phone, current, null, attempt, cancellation);
        if (answer is not Proof) return answer;
        await db.WriteAsync(() => limits.ForgetAsync(phone, attempt, cancellation), cancellation);
        return null;
    }

    /// <summary>Changes the password of somebody signed in.</summary>
    /// <param name="me">As of this request.</param>
    /// <param name="current">The password until now, as typed.</param>
    /// <param name="password">That the rules allow.</param>
    /// <param name="attempt">With the session it is done in.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<PasswordAnswer> ChangeAsync(User me, string current, string password, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var answer = await JudgeAsync(PhoneNumber.Parse(me.Phone), current, password, attempt, cancellation);
        return answer is Proof proof ? await ReplaceAsync(proof.Owner, proof.Hash!, attempt, cancellation) : answer;
    }

    /// <summary>Sets the first password of somebody signed in.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public async Task<PasswordAnswer> SetAsync(User me, string password, PasswordAttempt attempt, CancellationToken cancellation)
    {
        string hash;
        using (var turn = await hashing.EnterAsync(cancellation))
        {
            if (turn is null) return new PasswordAnswer.Busy();
            hash = turn.Hash(password);
        }
        return await ReplaceAsync(me, hash, attempt, cancellation);
    }

    /// <summary>Sets a new password for whoever has the code, and signs them in. Null when too many wait to be hashed.</summary>
    /// <param name="digits">Six.</param>
    /// <param name="password">That the rules allow.</param>
    /// <param name="attempt">Where they were typed.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<SignInAnswer?> ResetAsync(string digits, string password, PasswordAttempt attempt, CancellationToken cancellation)
    {
        // The turn comes first, so that a code is not used up for nothing, and a wrong code costs no hashing.
        using var turn = await hashing.EnterAsync(cancellation);
        if (turn is null) return null;
        var judged = await db.WriteAsync(
            () => codes.JudgeAsync(digits, CodePurpose.ResetPassword, attempt.Browser, null, cancellation), cancellation);
        if (judged is not CodeAnswer.Right(var code)) return new SignInAnswer(judged, null);
        var hash = turn.Hash(password);
        SmsMessage? sms = null;
        var answer = await db.WriteAsync(async () =>
        {
            if (await db.Users.FirstOrDefaultAsync(u => u.Phone == code.Phone && u.DeletedAt == null, cancellation) is not { } owner)
                return new SignInAnswer(new CodeAnswer.Expired(), null);
            if (owner.SuspendedAt is not null) return new SignInAnswer(judged, null, IsSuspended: true);
            sms = await StoreAsync(owner, hash, attempt, cancellation);
            return new SignInAnswer(judged, await BeginAsync(owner, attempt, cancellation));
        }, cancellation);
        await notice.RingAsync(sms);
        return answer;
    }

    /// <summary>A password that was right; what follows from it is still to be stored.</summary>
    /// <param name="Owner">As they were when it was judged.</param>
    /// <param name="Hash">Of the new password, or of this one where it was hashed at a lower cost; null where the stored one stays.</param>
    private sealed record Proof(User Owner, string? Hash) : PasswordAnswer;

    private async Task<PasswordAnswer> JudgeAsync(
        PhoneNumber phone, string password, string? newPassword, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var (guess, wait) = await limits.TakeAsync(phone, attempt, cancellation);
        if (guess is null) return new PasswordAnswer.TooOften(wait);
        var number = phone.ToString();
        var owner = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Phone == number && u.DeletedAt == null, cancellation);
        using var turn = await hashing.EnterAsync(cancellation);
        if (turn is null)
        {
            await limits.GiveBackAsync(guess, cancellation);
            return new PasswordAnswer.Busy();
        }
        return turn.Verify(owner?.PasswordHash, password) switch
        {
            PasswordVerificationResult.Failed => new PasswordAnswer.Wrong(),
            PasswordVerificationResult.SuccessRehashNeeded => new Proof(owner!, turn.Hash(newPassword ?? password)),
            _ => new Proof(owner!, newPassword is null ? null : turn.Hash(newPassword)),
        };
    }

    private async Task<PasswordAnswer> ReplaceAsync(User judged, string hash, PasswordAttempt attempt, CancellationToken cancellation)
    {
        SmsMessage? sms = null;
        var answer = await db.WriteAsync<PasswordAnswer>(async () =>
        {
            if (await AsJudgedAsync(judged, cancellation) is not { } owner || !await IsSignedInAsync(owner, attempt, cancellation))
                return new PasswordAnswer.Wrong();
            sms = await StoreAsync(owner, hash, attempt, cancellation);
            return new PasswordAnswer.Right(await BeginAsync(owner, attempt, cancellation));
        }, cancellation);
        await notice.RingAsync(sms);
        return answer;
    }

    // While it was hashed the password may have been changed, or the account deleted.
    private Task<User?> AsJudgedAsync(User judged, CancellationToken cancellation) => db.Users.FirstOrDefaultAsync(
        u => u.Id == judged.Id && u.PasswordSetAt == judged.PasswordSetAt && u.DeletedAt == null, cancellation);

    private Task<bool> IsSignedInAsync(User owner, PasswordAttempt attempt, CancellationToken cancellation) =>
        db.Sessions.AnyAsync(s => s.Id == attempt.Session && s.UserId == owner.Id && s.RevokedAt == null, cancellation);

    private async Task<SmsMessage?> StoreAsync(User owner, string hash, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var sms = await notice.PutAsync(owner, isFirst: owner.PasswordHash is null, cancellation);
        owner.SetPassword(hash, time.GetUtcNow());
        await limits.ForgetAsync(PhoneNumber.Parse(owner.Phone), attempt, cancellation);
        // Who knew the old one is known no more.
        await db.OneTimeCodes.Where(c => c.Phone == owner.Phone && c.Purpose == CodePurpose.Password).ExecuteDeleteAsync(cancellation);
        await signIns.EndOthersAsync(owner.Id, kept: null, cancellation);
        return sms;
    }

    private async Task<string> BeginAsync(User owner, PasswordAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.Session is { } replaced) await signIns.EndAsync(replaced, cancellation);
        var phone = PhoneNumber.Parse(owner.Phone);
        if (await limits.KnownAsync(phone, attempt, cancellation) is null) db.OneTimeCodes.Add(OneTimeCode.ByPassword(phone, attempt.Browser, attempt.Address, time.GetUtcNow()));
        return signIns.Begin(owner, attempt.Device);
    }
}
