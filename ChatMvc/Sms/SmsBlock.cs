using ChatMvc.Accounts;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Sms;

/// <summary>A number that is sent nothing for a while, because the carrier said that nothing arrives there.</summary>
public sealed class SmsBlock
{
    // Ours alone knows of a START: after a short while Twilio is asked again.
    private static readonly TimeSpan AfterStop = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Landline = TimeSpan.FromDays(30);
    private static readonly TimeSpan UnknownNumber = TimeSpan.FromDays(7);

    private SmsBlock() { }

    public SmsBlock(PhoneNumber phone, int errorCode, DateTimeOffset until)
    {
        Phone = phone.ToString();
        Renew(errorCode, until);
    }

    /// <summary>E.164.</summary>
    public string Phone { get; private set; } = "";
    /// <summary>Twilio's code, such as 21610.</summary>
    public int ErrorCode { get; private set; }
    public DateTimeOffset Until { get; private set; }

    /// <summary>How long a number gets nothing after this code of Twilio's; null for codes that say nothing of the number.</summary>
    public static TimeSpan? LengthAfter(int? errorCode) => errorCode switch
    {
        TwilioCode.Stopped => AfterStop,
        TwilioCode.NotMobile or TwilioCode.Landline => Landline,
        TwilioCode.UnknownNumber => UnknownNumber,
        _ => null,
    };

    public void Renew(int errorCode, DateTimeOffset until) => (ErrorCode, Until) = (errorCode, until);
}

/// <summary>Knows the numbers that are sent nothing.</summary>
public sealed class SmsBlocks(ChatDb db, TimeProvider time)
{
    /// <summary>The block in force for a number (E.164).</summary>
    public Task<SmsBlock?> OfAsync(string phone, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return db.SmsBlocks.FirstOrDefaultAsync(b => b.Phone == phone && b.Until > now, cancellation);
    }

    /// <summary>Blocks the number of a message that failed for a reason which lies there, inside the caller's transaction.</summary>
    public async Task NoteAsync(SmsMessage sms, CancellationToken cancellation)
    {
        if (sms.State is not (SmsState.Failed or SmsState.Undelivered)) return;
        if (sms.ErrorCode is not { } code || SmsBlock.LengthAfter(code) is not { } length) return;
        var until = time.GetUtcNow() + length;
        if (await db.SmsBlocks.FindAsync([sms.To], cancellation) is { } block) block.Renew(code, until);
        else db.SmsBlocks.Add(new SmsBlock(PhoneNumber.Parse(sms.To), code, until));
    }
}
