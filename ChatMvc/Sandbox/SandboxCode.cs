using System.Text.RegularExpressions;
using ChatMvc.Shared;

namespace ChatMvc.Sandbox;

/// <summary>Reads a code out of the sandbox's Twilio for the page that asks for it, to whoever sits at this machine.</summary>
public sealed partial class SandboxCode(Upstreams upstreams, IServiceProvider services)
{
    /// <summary>A job sends the message in some milliseconds; the page does not wait longer for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The code sent to a number since a moment, or null: also for a real Twilio and a request from elsewhere.</summary>
    public async Task<string?> FindAsync(HttpContext http, string phone, DateTimeOffset since)
    {
        if (!upstreams.TwilioIsSandbox || !Loopback.Is(http)) return null;
        var twilio = services.GetRequiredService<SandboxTwilio>();
        if (await twilio.WaitForMessageTo(phone, since, Patience, http.RequestAborted) is null) return null;
        // Another browser may have asked for this number since: the first message is ours.
        return twilio.Messages.FirstOrDefault(m => m.To == phone && m.CreatedAt >= since) is { } message && SixDigits().Match(message.Body) is { Success: true } code
            ? code.Value
            : null;
    }

    [GeneratedRegex(@"\b[0-9]{6}\b")]
    private static partial Regex SixDigits();
}
