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

    /// <summary>Codes were asked for a moment ago, or often enough.</summary>
    public sealed record TooSoon(TimeSpan Wait) : AskedForCode
    {
        /// <summary>What there were too many for.</summary>
        public CodeLimit Limit { get; init; }
    }

    /// <summary>The server has sent all the messages it may send in a day.</summary>
    public sealed record DayUsedUp(TimeSpan Wait) : AskedForCode;

    /// <summary>Why there is none just now and when to try again, in words for the page; null when it is on its way.</summary>
    public string? InWords => this switch
    {
        TooSoon soon => $"{Why(soon.Limit)} You can ask for the next one {Waiting.InWords(soon.Wait)}.",
        DayUsedUp(var wait) => $"This server has sent all the text messages it sends in a day. You can ask for the next one {Waiting.InWords(wait)}.",
        _ => null,
    };

    private static string Why(CodeLimit limit) => limit switch
    {
        CodeLimit.Address => "Many codes were asked for from your network and not used.",
        CodeLimit.Range => "Many codes were asked for by numbers like this one and not used.",
        CodeLimit.Server => "This server has sent all the text messages it sends in an hour.",
        _ => "This number was sent codes a moment ago.",
    };
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
            if (await RefusalOfAsync(request, cancellation) is { } refusal) return refusal;
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
        var guesses = await limits.GuessesLeftAsync(code, cancellation);
        if (guesses <= 0) return await LockedAsync(code, cancellation);
        return code.Redeem(digits, browser, time.GetUtcNow(), settings) switch
        {
            Redemption.Redeemed => new CodeAnswer.Right(code),
            Redemption.Wrong when guesses > 1 => new CodeAnswer.Wrong(Math.Min(settings.MaxAttempts - code.Attempts, guesses - 1)),
            Redemption.Wrong or Redemption.Locked => await LockedAsync(code, cancellation),
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
        new CodeAnswer.Locked(await limits.WaitForNextAsync(code, cancellation));

    /// <summary>All limits are asked, and whoever has to wait hears of the one that takes longest.</summary>
    private async Task<AskedForCode?> RefusalOfAsync(CodeRequest request, CancellationToken cancellation)
    {
        var refusal = await limits.RefusalOfAsync(request, cancellation);
        var day = await outbox.WaitForTheDailyLimitAsync(isStranger: !await limits.KnowsAsync(request, cancellation), cancellation);
        return day > (refusal?.Wait ?? TimeSpan.Zero) ? new AskedForCode.DayUsedUp(day) : refusal;
    }

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
        var isInvited = await db.Invitations.AnyAsync(i => i.Phone == request.Phone.ToString(), cancellation);
        var isGranted = await db.OperatorGrants.AnyAsync(g => g.Phone == request.Phone.ToString(), cancellation);
        var forAccountsOnly = await outbox.IsForAccountsOnlyAsync(cancellation) | await limits.IsForAccountsOnlyAsync(request.Phone.ToString(), cancellation);
        return request.Purpose switch
        {
            CodePurpose.SignIn => hasAccount || !forAccountsOnly && signUp.Admits(request.Phone, isInvited, isGranted),
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
        return outbox.Withhold(request.Phone, text.Of(OneTimeCode.NoDigits), code.CreatedAt);
    }
}
