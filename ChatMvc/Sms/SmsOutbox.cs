using System.Security.Cryptography;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Sms;

/// <summary>
/// Where messages are left: <see cref="Put"/> inside the transaction that gives the reason for them,
/// <see cref="RingAsync"/> after its commit.
/// </summary>
public sealed class SmsOutbox(ChatDb db, Bell bell, SmsSeal seal, SmsSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    /// <summary>Of the daily limit, for numbers without an account; the rest is kept for those that have one.</summary>
    internal const double NewcomersShare = 0.7;
    /// <summary>Of the daily limit, for all who ask where they are not known; the rest is kept for those who are.</summary>
    private const double StrangersShare = 0.9;

    /// <summary>Adds a message to the caller's transaction.</summary>
    /// <param name="to">Who gets it.</param>
    /// <param name="text">Plain ASCII, at most 160 characters: one segment.</param>
    /// <param name="now">The moment of the row that it speaks of, so that the two find each other.</param>
    public SmsMessage Put(PhoneNumber to, string text, DateTimeOffset now) => Add(new SmsMessage(to, seal.Close(text), now));

    /// <summary>Adds the row of a message that is not sent. The text is sealed like any other, so that it takes as long.</summary>
    public SmsMessage Withhold(PhoneNumber to, string text, DateTimeOffset now)
    {
        seal.Close(text);
        return Add(SmsMessage.Withheld(to, now));
    }

    /// <summary>Has the message sent soon.</summary>
    public Task RingAsync(SmsMessage sms) => bell.RingAsync<SendSms>(sms.Id);

    /// <summary>How long no message can be sent, because the day's are used up; zero when one can.</summary>
    public async Task<TimeSpan> WaitForTheDailyLimitAsync(bool isStranger, CancellationToken cancellation)
    {
        var (used, limit) = (await TodaysAsync(cancellation), isStranger ? (int)Math.Ceiling(settings.DailyLimit * StrangersShare) : settings.DailyLimit);
        if (used < limit) return TimeSpan.Zero;
        var leaves = await Todays.OrderBy(s => s.CreatedAt).Skip(used - limit).Select(s => s.CreatedAt).FirstAsync(cancellation);
        return leaves + Day - time.GetUtcNow();
    }

    /// <summary>Whether what is left of today's messages is kept for numbers that have an account.</summary>
    public async Task<bool> IsForAccountsOnlyAsync(CancellationToken cancellation) =>
        await TodaysAsync(cancellation) >= settings.DailyLimit * NewcomersShare;

    /// <summary>Whether that was so at a moment of the last days. In doubt it was: blocked numbers are counted too.</summary>
    public async Task<bool> WasForAccountsOnlyAsync(DateTimeOffset moment, CancellationToken cancellation)
    {
        var dayBefore = moment - Day;
        return await db.SmsMessages.CountAsync(s => s.CreatedAt > dayBefore && s.CreatedAt < moment && (s.State != SmsState.Withheld || s.ErrorCode != null), cancellation)
            >= settings.DailyLimit * NewcomersShare;
    }

    private IQueryable<SmsMessage> Todays
    {
        get
        {
            var dayAgo = time.GetUtcNow() - Day;
            return db.SmsMessages.Where(s => s.CreatedAt > dayAgo && s.State != SmsState.Withheld);
        }
    }

    private Task<int> TodaysAsync(CancellationToken cancellation) => Todays.CountAsync(cancellation);

    private SmsMessage Add(SmsMessage sms)
    {
        db.SmsMessages.Add(sms);
        return sms;
    }
}

/// <summary>Encrypts the texts that wait, so that neither database nor backup shows a code.</summary>
public sealed class SmsSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("Sms.Body");

    public byte[] Close(string text) => protector.Protect(Encoding.UTF8.GetBytes(text));

    /// <summary>The text, or null when the key it was closed with is gone.</summary>
    public string? Open(byte[] sealedText)
    {
        try
        {
            return Encoding.UTF8.GetString(protector.Unprotect(sealedText));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
