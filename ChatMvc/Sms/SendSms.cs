using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Jobs;

namespace ChatMvc.Sms;

/// <summary>
/// Sends one message. The row is claimed and its text taken out of it before the carrier hears of it: whatever happens
/// then, nobody can send it again. Only where it certainly did not leave is the text put back, for a later attempt.
/// </summary>
public sealed class SendSms(
    ChatDb db, ISmsCarrier carrier, SmsSeal seal, SmsBlocks blocks, Bell bell, TimeProvider time, ILogger<SendSms> logger) : IJobHandler
{
    public static string Kind => "sms";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        if (await db.SmsMessages.FindAsync([long.Parse(id, CultureInfo.InvariantCulture)], stopping) is not { } sms) return;
        if (await db.WriteAsync(() => ClaimAsync(sms, stopping), stopping) is not { } body) return;
        // From here on the server's stopping cuts nothing off: an answer that is not awaited is an unknown outcome.
        var outcome = seal.Open(body) is { } text
            ? await carrier.SendAsync(sms.Id, PhoneNumber.Parse(sms.To), text)
            : new SmsOutcome.Refused(null);
        await db.WriteAsync(() => SettleAsync(sms, outcome, body), CancellationToken.None);
        if (sms.State is SmsState.Failed or SmsState.Unknown) SmsLog.NotSent(logger, sms.Id, sms.State, sms.ErrorCode);
        if (sms is { State: SmsState.Waiting, NextAttemptAt: { } next }) await RingAgainAsync(sms, next);
    }

    // Read again behind the gate: another job may have claimed it meanwhile.
    private async Task<byte[]?> ClaimAsync(SmsMessage sms, CancellationToken stopping)
    {
        await db.Entry(sms).ReloadAsync(stopping);
        if (await blocks.OfAsync(sms.To, stopping) is { } block) sms.Withhold(block);
        return sms.HandOver(time.GetUtcNow());
    }

    // Again behind the gate: the carrier's report may have come before its answer.
    private async Task SettleAsync(SmsMessage sms, SmsOutcome outcome, byte[] body)
    {
        await db.Entry(sms).ReloadAsync();
        sms.Settle(outcome, body, time.GetUtcNow());
        await blocks.NoteAsync(sms, CancellationToken.None);
    }

    private Task RingAgainAsync(SmsMessage sms, DateTimeOffset next)
    {
        SmsLog.TriedAgainLater(logger, sms.Id, sms.ErrorCode, sms.Attempts);
        return bell.RingAsync<SendSms>(sms.Id, next);
    }
}
