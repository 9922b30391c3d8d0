using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Jobs;

namespace ChatMvc.Sms;

/// <summary>
/// Sends one message. The row is claimed and its text taken out of it before the carrier hears of it: whatever happens
/// then, nobody can send it again.
/// </summary>
public sealed class SendSms(ChatDb db, ISmsCarrier carrier, SmsSeal seal, TimeProvider time, ILogger<SendSms> logger) : IJobHandler
{
    public static string Kind => "sms";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        if (await db.SmsMessages.FindAsync([long.Parse(id, CultureInfo.InvariantCulture)], stopping) is not { } sms) return;
        if (await db.WriteAsync(() => ClaimAsync(sms, stopping), stopping) is not { } body) return;
        // From here on the server's stopping cuts nothing off: an answer that is not awaited is an unknown outcome.
        var outcome = seal.Open(body) is { } text
            ? await carrier.SendAsync(PhoneNumber.Parse(sms.To), text)
            : new SmsOutcome.Refused(null);
        await db.WriteAsync(() => { sms.Settle(outcome, time.GetUtcNow()); return Task.CompletedTask; }, CancellationToken.None);
        if (sms.State != SmsState.Sent) SmsLog.NotSent(logger, sms.Id, sms.State, sms.ErrorCode);
    }

    // Read again behind the gate: another job may have claimed it meanwhile.
    private async Task<byte[]?> ClaimAsync(SmsMessage sms, CancellationToken stopping)
    {
        await db.Entry(sms).ReloadAsync(stopping);
        return sms.HandOver(time.GetUtcNow());
    }
}
