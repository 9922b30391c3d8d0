using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>A number that is sent nothing for a while, because the carrier said that nothing arrives there.</summary>
public sealed class SmsBlock
{
    private SmsBlock() { }

    public SmsBlock(PhoneNumber phone, int errorCode, DateTimeOffset until)
    {
        Phone = phone.ToString();
        ErrorCode = errorCode;
        Until = until;
    }

    /// <summary>E.164.</summary>
    public string Phone { get; private set; } = "";
    /// <summary>Twilio's code, such as 21610.</summary>
    public int ErrorCode { get; private set; }
    public DateTimeOffset Until { get; private set; }
}
