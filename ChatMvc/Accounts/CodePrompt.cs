using ChatMvc.Sandbox;
using ChatMvc.Sms;

namespace ChatMvc.Accounts;

/// <summary>What a page says of a code that is on its way.</summary>
/// <param name="Code">The code this browser asked for last.</param>
/// <param name="Delivery">How far the message came.</param>
/// <param name="NewNumbersAgain">
/// Messages are kept for numbers that have an account; when new ones get codes again, in words. Said to everybody alike.
/// </param>
/// <param name="SandboxDigits">The code itself, where the text message went to the sandbox.</param>
public sealed record CodePrompt(OneTimeCode Code, CodeDelivery? Delivery, string? NewNumbersAgain, string? SandboxDigits)
{
    public string MaskedPhone => PhoneNumber.Parse(Code.Phone).Masked;
    /// <summary>What is wrong with what was typed, in words.</summary>
    public string? Error { get; init; }
}

/// <summary>Finds what there is to say of a code, for each page that asks for one.</summary>
public sealed class CodePrompts(OneTimeCodes codes, CodeDeliveries deliveries, CodeLimits limits, SmsOutbox outbox, SandboxCode sandbox)
{
    /// <summary>Of the code that this browser asked for last, whatever became of it; null when it asked for none.</summary>
    public async Task<CodePrompt?> OfAsync(HttpContext http, CodePurpose purpose, long? userId = null)
    {
        var cancellation = http.RequestAborted;
        if (await codes.NewestOfAsync(BrowserSecret.Of(http), purpose, cancellation) is not { } code || code.UserId != userId) return null;
        return new CodePrompt(code,
            await deliveries.OfAsync(BrowserSecret.Of(http), purpose, userId, cancellation),
            await NewNumbersAgainAsync(code.Phone, cancellation),
            code.RedeemedAt is null ? await sandbox.FindAsync(http, code.Phone, code.CreatedAt) : null);
    }

    private async Task<string?> NewNumbersAgainAsync(string phone, CancellationToken cancellation) =>
        await outbox.IsForAccountsOnlyAsync(cancellation) ? "tomorrow"
        : await limits.IsForAccountsOnlyAsync(phone, cancellation) ? "in an hour"
        : null;
}
