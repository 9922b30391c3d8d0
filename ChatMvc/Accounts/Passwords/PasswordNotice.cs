using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Passwords;

/// <summary>Tells an owner by text message that a password was set or changed: whoever did it may not be the owner.</summary>
public sealed class PasswordNotice(ChatDb db, SmsOutbox outbox, CodeText text, ServerSettings server, TimeProvider time)
{
    private const int MaxPerDay = 10;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Adds the message to the caller's transaction; null when the day's are used up, the server's or this number's.</summary>
    public async Task<SmsMessage?> PutAsync(User owner, bool isFirst, CancellationToken cancellation)
    {
        if (await outbox.WaitForTheDailyLimitAsync(isStranger: false, cancellation) > TimeSpan.Zero) return null;
        var now = time.GetUtcNow();
        if (await TodaysAsync(owner.Phone, now - Day, cancellation) >= MaxPerDay) return null;
        return outbox.Put(PhoneNumber.Parse(owner.Phone), Words(isFirst), now);
    }

    public Task RingAsync(SmsMessage? sms) => sms is null ? Task.CompletedTask : outbox.RingAsync(sms);

    // Codes are left out, so that nobody keeps the notice away by asking for them.
    private Task<int> TodaysAsync(string phone, DateTimeOffset since, CancellationToken cancellation) => db.SmsMessages.CountAsync(
        s => s.To == phone && s.CreatedAt > since && !db.OneTimeCodes.Any(c => c.Phone == phone && c.CreatedAt == s.CreatedAt), cancellation);

    private string Words(bool isFirst)
    {
        var sentence = $"Your {text.NameInPlainLetters} password was {(isFirst ? "set" : "changed")}. If it was not you, reset it";
        return server.PublicUrl is { } url && CodeText.FitsOneSegment($"{sentence}: {Reset(url)}") ? $"{sentence}: {Reset(url)}" : sentence + ".";
    }

    private static string Reset(Uri publicUrl) => $"{publicUrl.Scheme}://{publicUrl.IdnHost}{(publicUrl.IsDefaultPort ? "" : $":{publicUrl.Port}")}/password/forgot";
}
