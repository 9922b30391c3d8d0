using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What a page says of the way that a code's message takes.</summary>
/// <param name="Purpose">Of the code.</param>
/// <param name="Progress">As far as this browser may know.</param>
/// <param name="IsFollowed">It may still change, and whoever waits is told when it does.</param>
public sealed record CodeDelivery(CodePurpose Purpose, SmsProgress Progress, bool IsFollowed)
{
    /// <summary>Where the page looks for a change.</summary>
    public string Url => $"/signin/code/delivery?purpose={Purpose}&stage={Progress.Stage}";
}

/// <summary>
/// Finds how far a code's message came. What really became of it tells whether a number has an account, wherever others
/// would be sent nothing: so only those hear it who know that anyway. To all others it is handed to the carrier, as a
/// message is that was never sent.
/// </summary>
public sealed class CodeDeliveries(ChatDb db, SmsOutbox outbox, CodeLimits limits, SignUp signUp, IEnumerable<TwilioAccount> accounts, TimeProvider time)
{
    /// <summary>By then no message arrives any more: Twilio drops it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Of the code that this browser asked for last; null when it asked for none. Little work, for it is asked often.</summary>
    /// <param name="browser">The secret of the browser that asks.</param>
    /// <param name="purpose">Of the code.</param>
    /// <param name="userId">Whose account the code acts on, where somebody signed in waits.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<CodeDelivery?> OfAsync(string browser, CodePurpose purpose, long? userId, CancellationToken cancellation)
    {
        var hash = RandomKey.Hash(browser);
        var newest = db.OneTimeCodes.Where(c => c.BrowserHash == hash && c.Purpose == purpose).OrderByDescending(c => c.Id).Take(1);
        var found = await (
            from code in newest
            from sms in db.SmsMessages.Where(s => s.CreatedAt == code.CreatedAt && s.To == code.Phone).DefaultIfEmpty()
            select new
            {
                code.UserId,
                code.CreatedAt,
                code.Phone,
                Sms = sms,
                IsKnown = db.OneTimeCodes.Any(c => c.Phone == code.Phone && c.BrowserHash == hash && c.RedeemedAt != null),
            }).AsNoTracking().FirstOrDefaultAsync(cancellation);
        if (found is null || found.UserId != userId) return null;

        // A number that somebody moves to is not theirs yet: whether it has an account here is not for them to know.
        var isTheirs = found.IsKnown || userId is not null && purpose != CodePurpose.NewNumber;
        var isOpenToAll = purpose == CodePurpose.SignIn && signUp.IsOpen;
        // Asked whatever became of the message, so that the time it takes tells nothing either.
        var forAccountsOnly = await outbox.WasForAccountsOnlyAsync(found.CreatedAt, cancellation) | await limits.WasForAccountsOnlyAsync(found.CreatedAt, found.Phone, cancellation);
        var maySee = isTheirs || isOpenToAll && !forAccountsOnly;
        var progress = maySee ? SmsProgress.Of(found.Sms, SenderNumber) : SmsProgress.HandedOver;
        var isOver = progress.IsFinal || time.GetUtcNow() - found.CreatedAt >= LongestWait;
        return new CodeDelivery(purpose, progress, IsFollowed: !isOver && (isTheirs || isOpenToAll));
    }

    // None without Twilio; a messaging service and a name cannot be answered.
    private string? SenderNumber => accounts.FirstOrDefault()?.From is { } from && from.StartsWith('+') ? from : null;
}
