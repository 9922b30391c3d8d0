using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>Who takes text messages: Twilio, or the person at the console.</summary>
public interface ISmsCarrier
{
    /// <summary>Tries once, within ten seconds.</summary>
    /// <param name="id">The message's row: what the carrier reports of it later comes back under this.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="text">In clear.</param>
    Task<SmsOutcome> SendAsync(long id, PhoneNumber to, string text);
}

/// <summary>What became of a message at the carrier.</summary>
public abstract record SmsOutcome
{
    /// <param name="Sid">The carrier's id of it, where there is one.</param>
    public sealed record Taken(string? Sid) : SmsOutcome;

    /// <summary>It certainly did not leave, and will not.</summary>
    /// <param name="ErrorCode">Twilio's code, such as 21211.</param>
    public sealed record Refused(int? ErrorCode) : SmsOutcome;

    /// <summary>It certainly did not leave: nothing is sent twice by asking again.</summary>
    /// <param name="ErrorCode">Twilio's code, such as 20429; null when it never heard of it.</param>
    /// <param name="RetryAfter">How long Twilio wants to be left alone.</param>
    public sealed record NotTaken(int? ErrorCode, TimeSpan? RetryAfter) : SmsOutcome;

    /// <summary>It may have left.</summary>
    public sealed record Uncertain : SmsOutcome;
}
