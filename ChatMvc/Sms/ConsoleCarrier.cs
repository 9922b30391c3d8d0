using ChatMvc.Accounts;
using ChatMvc.Shared;

namespace ChatMvc.Sms;

/// <summary>
/// For a server without Twilio: the message is one plain line on standard output, for the person who runs it. Past the
/// logger, because logs are kept and shipped.
/// </summary>
public sealed class ConsoleCarrier(SiteSettings site) : ISmsCarrier
{
    public async Task<SmsOutcome> SendAsync(long id, PhoneNumber to, string text)
    {
        await Console.Out.WriteLineAsync($"{site.Name} message for {to}: {text.ReplaceLineEndings(" ")}");
        return new SmsOutcome.Taken(null);
    }
}
