using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Sms;

public enum SmsProvider { Twilio, Console }

[Section("Sms")]
public sealed class SmsSettings
{
    public SmsProvider Provider { get; set; } = SmsProvider.Twilio;
    /// <summary>Calling codes, digits only; <c>*</c> for all. Without a value: <c>1</c>, or all in the sandbox.</summary>
    public string[] Countries { get; set; } = [];
    /// <summary>The calling code of numbers typed without one. Without a value: the first country.</summary>
    public string? DefaultRegion { get; set; }
    [Range(1, 1_000_000)]
    public int DailyLimit { get; set; } = 500;
}

[Section("Twilio")]
public sealed class TwilioSettings
{
    public string? AccountSid { get; set; }
    public string? AuthToken { get; set; }
    public string? From { get; set; }
    public string? MessagingServiceSid { get; set; }
    public Uri BaseUrl { get; set; } = new("https://api.twilio.com");

    public bool HasKeys => AccountSid is not null && AuthToken is not null && (From ?? MessagingServiceSid) is not null;
}
