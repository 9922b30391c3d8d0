using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>Who takes text messages: Twilio, or the person at the console.</summary>
public interface ISmsCarrier
{
    /// <summary>Tries once, within ten seconds.</summary>
    Task<SmsOutcome> SendAsync(PhoneNumber to, string text);
}

/// <summary>What became of a message at the carrier.</summary>
public abstract record SmsOutcome
{
    /// <param name="Sid">The carrier's id of it, where there is one.</param>
    public sealed record Taken(string? Sid) : SmsOutcome;

    /// <summary>It certainly did not leave.</summary>
    /// <param name="ErrorCode">Twilio's code, such as 21211.</param>
    public sealed record Refused(int? ErrorCode) : SmsOutcome;

    /// <summary>It may have left.</summary>
    public sealed record Uncertain : SmsOutcome;
}
