using ChatMvc.Accounts;
using ChatMvc.Billing.Stripe;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing;

/// <summary>
/// Where Stripe's page leads back to. The address proves nothing: Stripe is asked, and until it says that it was paid the
/// page looks again by itself, for some minutes.
/// </summary>
public sealed class PurchaseDoneModel(ChatDb db, CurrentUser me, PurchaseSync sync, ILogger<PurchaseDoneModel> logger) : PageModel
{
    /// <summary>Looks, <see cref="Pause"/> seconds apart: three minutes.</summary>
    public const int MaxLooks = 60;
    public const int Pause = 3;
    private const int MaxSession = 200;

    public Purchase Purchase { get; private set; } = null!;
    /// <summary>The page that looks again; null when there is nothing more to wait for.</summary>
    public string? Next { get; private set; }

    /// <param name="session_id">As Stripe put it in.</param>
    /// <param name="look">Which look this is.</param>
    /// <param name="cancellation">Ends it.</param>
#pragma warning disable CA1707, IDE1006 // Stripe's word in the address.
    public async Task<IActionResult> OnGetAsync(string? session_id, int look, CancellationToken cancellation)
#pragma warning restore CA1707, IDE1006
    {
        if (session_id is not { Length: > 0 and <= MaxSession } || await FindAsync(session_id, cancellation) is null) return NotFound();
        // Once at the beginning and once at the end; in between the webhook's work is looked for.
        if (look is <= 0 or >= MaxLooks) await AskAsync(session_id, cancellation);
        Purchase = (await FindAsync(session_id, cancellation))!;
        if (Purchase.State == PurchaseState.Open && look < MaxLooks)
            Next = $"/billing/done?session_id={Uri.EscapeDataString(session_id)}&look={Math.Max(look, 0) + 1}";
        return Page();
    }

    private Task<Purchase?> FindAsync(string session, CancellationToken cancellation) =>
        db.Purchases.AsNoTracking().SingleOrDefaultAsync(p => p.SessionId == session && p.UserId == me.Id, cancellation);

    private async Task AskAsync(string session, CancellationToken cancellation)
    {
        try
        {
            await StripeClient.WithinPatienceAsync(patience => sync.SessionAsync(session, patience), cancellation);
        }
        catch (StripeException e)
        {
            // The webhook brings it, or the next look.
            StripeLog.SuccessNotAsked(logger, session, e.Status);
        }
    }
}
