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
    /// <param name="phone">Of a country that is served.</param>
    /// <param name="browser">The secret of the browser that asks; only there will the code be good.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<AskedForCode> AskForAsync(PhoneNumber phone, string browser, CancellationToken cancellation)
    {
        SmsMessage? sms = null;
        var answer = await db.WriteAsync<AskedForCode>(async () =>
        {
            var wait = await limits.WaitForNextAsync(phone.ToString(), RandomKey.Hash(browser), cancellation);
            if (wait > TimeSpan.Zero) return new AskedForCode.TooSoon(wait);
            wait = await outbox.WaitForTheDailyLimitAsync(cancellation);
            if (wait > TimeSpan.Zero) return new AskedForCode.DayUsedUp(wait);
            await RetireEarlierAsync(browser, cancellation);
            sms = await MaySignInAsync(phone, cancellation) ? PutCode(phone, browser) : PutBlank(phone, browser);
            return new AskedForCode.OnItsWay();
        }, cancellation);
        if (sms is not null) await outbox.RingAsync(sms);
        return answer;
    }

    /// <summary>The code this browser asked for last, whatever became of it.</summary>
    public Task<OneTimeCode?> NewestOfAsync(string browser, CodePurpose purpose, CancellationToken cancellation)
    {
        var hash = RandomKey.Hash(browser);
        return db.OneTimeCodes.Where(c => c.BrowserHash == hash && c.Purpose == purpose)
            .OrderByDescending(c => c.Id).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>The message that carries a code: of the same moment and to the same number.</summary>
    public Task<SmsMessage?> MessageOfAsync(OneTimeCode code, CancellationToken cancellation) =>
        db.SmsMessages.AsNoTracking().FirstOrDefaultAsync(s => s.CreatedAt == code.CreatedAt && s.To == code.Phone, cancellation);

    private async Task RetireEarlierAsync(string browser, CancellationToken cancellation)
    {
        var hash = RandomKey.Hash(browser);
        var earlier = await db.OneTimeCodes
            .Where(c => c.BrowserHash == hash && c.Purpose == CodePurpose.SignIn && c.RedeemedAt == null && c.RetiredAt == null)
            .ToListAsync(cancellation);
        earlier.ForEach(c => c.Retire(time.GetUtcNow()));
    }

    // Both questions are asked of every number: what it costs tells nothing.
    private async Task<bool> MaySignInAsync(PhoneNumber phone, CancellationToken cancellation)
    {
        var hasAccount = await db.Users.AnyAsync(u => u.Phone == phone.ToString(), cancellation);
        var forAccountsOnly = await outbox.IsForAccountsOnlyAsync(cancellation);
        return hasAccount || !forAccountsOnly && signUp.Admits(phone);
    }

    private SmsMessage PutCode(PhoneNumber phone, string browser)
    {
        var (code, digits) = OneTimeCode.Make(phone, CodePurpose.SignIn, browser, time.GetUtcNow(), settings);
        db.OneTimeCodes.Add(code);
        return outbox.Put(phone, text.Of(digits), code.CreatedAt);
    }

    private SmsMessage PutBlank(PhoneNumber phone, string browser)
    {
        var code = OneTimeCode.MakeBlank(phone, CodePurpose.SignIn, browser, time.GetUtcNow(), settings);
        db.OneTimeCodes.Add(code);
        return outbox.Withhold(phone, code.CreatedAt);
    }
}
