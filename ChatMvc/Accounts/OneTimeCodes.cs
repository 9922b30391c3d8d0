using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What came of asking for a code.</summary>
public abstract record AskedForCode
{
    /// <summary>A code is on its way, or so it looks.</summary>
    public sealed record OnItsWay : AskedForCode;

    /// <summary>This number was sent codes a moment ago, or often enough this hour.</summary>
    public sealed record TooSoon(TimeSpan Wait) : AskedForCode;

    /// <summary>The server has sent all the messages it may send in a day.</summary>
    public sealed record DayUsedUp(TimeSpan Wait) : AskedForCode;
}

/// <summary>
/// Gives out one-time codes. Numbers with an account, without one and those that may not have one get the same rows,
/// the same answer and the same amount of work; only the message differs.
/// </summary>
public sealed class OneTimeCodes(
    ChatDb db, CodeLimits limits, SmsOutbox outbox, SignUp signUp, CodeText text, OtpSettings settings, TimeProvider time)
{
    /// <summary>Makes a code and has it sent.</summary>
    public async Task<AskedForCode> AskForAsync(CodeRequest request, CancellationToken cancellation)
    {
        SmsMessage? sms = null;
        var answer = await db.WriteAsync<AskedForCode>(async () =>
        {
            var wait = await limits.WaitForNextAsync(request.Phone.ToString(), RandomKey.Hash(request.Browser), cancellation);
            if (wait > TimeSpan.Zero) return new AskedForCode.TooSoon(wait);
            wait = await outbox.WaitForTheDailyLimitAsync(cancellation);
            if (wait > TimeSpan.Zero) return new AskedForCode.DayUsedUp(wait);
            await RetireEarlierAsync(request, cancellation);
            sms = await MayGetOneAsync(request, cancellation) ? PutCode(request) : PutBlank(request);
            return new AskedForCode.OnItsWay();
        }, cancellation);
        if (sms is not null) await outbox.RingAsync(sms);
        return answer;
    }

    /// <summary>Judges typed digits, inside the caller's transaction, which commits whatever the answer is.</summary>
    /// <param name="digits">Six.</param>
    /// <param name="purpose">What the code is to be good for.</param>
    /// <param name="browser">The secret of the browser that they were typed in.</param>
    /// <param name="userId">Whose account it acts on, where somebody signed in types it.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<CodeAnswer> JudgeAsync(string digits, CodePurpose purpose, string browser, long? userId, CancellationToken cancellation)
    {
        if (await NewestOfAsync(browser, purpose, cancellation) is not { } code || code.UserId != userId) return new CodeAnswer.Expired();
        var guesses = await limits.GuessesLeftAsync(code.Phone, code.BrowserHash, cancellation);
        if (guesses <= 0) return await LockedAsync(code, cancellation);
        return code.Redeem(digits, browser, time.GetUtcNow(), settings) switch
        {
            Redemption.Redeemed => new CodeAnswer.Right(code),
            Redemption.Wrong => new CodeAnswer.Wrong(Math.Min(settings.MaxAttempts - code.Attempts, guesses - 1)),
            Redemption.Locked => await LockedAsync(code, cancellation),
            _ => new CodeAnswer.Expired(),
        };
    }

    /// <summary>The code this browser asked for last, whatever became of it.</summary>
    public Task<OneTimeCode?> NewestOfAsync(string browser, CodePurpose purpose, CancellationToken cancellation)
    {
        var hash = RandomKey.Hash(browser);
        return db.OneTimeCodes.Where(c => c.BrowserHash == hash && c.Purpose == purpose)
            .OrderByDescending(c => c.Id).FirstOrDefaultAsync(cancellation);
    }

    private async Task<CodeAnswer> LockedAsync(OneTimeCode code, CancellationToken cancellation) =>
        new CodeAnswer.Locked(await limits.WaitForNextAsync(code.Phone, code.BrowserHash, cancellation));

    private async Task RetireEarlierAsync(CodeRequest request, CancellationToken cancellation)
    {
        var hash = RandomKey.Hash(request.Browser);
        var earlier = await db.OneTimeCodes
            .Where(c => c.BrowserHash == hash && c.Purpose == request.Purpose && c.RedeemedAt == null && c.RetiredAt == null)
            .ToListAsync(cancellation);
        earlier.ForEach(c => c.Retire(time.GetUtcNow()));
    }

    // All questions are asked of every number: what it costs tells nothing.
    private async Task<bool> MayGetOneAsync(CodeRequest request, CancellationToken cancellation)
    {
        var hasAccount = await db.Users.AnyAsync(u => u.Phone == request.Phone.ToString(), cancellation);
        var forAccountsOnly = await outbox.IsForAccountsOnlyAsync(cancellation);
        return request.Purpose switch
        {
            CodePurpose.SignIn => hasAccount || !forAccountsOnly && signUp.Admits(request.Phone),
            CodePurpose.NewNumber => !hasAccount,
            _ => hasAccount,
        };
    }

    private SmsMessage PutCode(CodeRequest request)
    {
        var (code, digits) = OneTimeCode.Make(request, time.GetUtcNow(), settings);
        db.OneTimeCodes.Add(code);
        return outbox.Put(request.Phone, text.Of(digits), code.CreatedAt);
    }

    private SmsMessage PutBlank(CodeRequest request)
    {
        var code = OneTimeCode.MakeBlank(request, time.GetUtcNow(), settings);
        db.OneTimeCodes.Add(code);
        return outbox.Withhold(request.Phone, code.CreatedAt);
    }
}
