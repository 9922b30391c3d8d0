using ChatMvc.Accounts;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing;

/// <summary>What a person has, when more of it comes, and the ways to have more. Nothing of it where nothing is sold.</summary>
public sealed class PlanModel(
    ChatDb db, CurrentUser me, RoomViews views, ModelList models, LimitSettings limits, CreditSettings credit, Plans plans, CreditLedger ledger, Checkouts checkouts, Customers customers,
    StripeClient stripe, StripePages pages, ProPrice proPrice, Statement statement, SiteSettings site) : PageModel
{
    private const string StripeIsDown = "Stripe cannot be reached right now. Nothing was charged. Press the button again in a minute.";
    private const string StripeRefuses = "Stripe did not accept this. Nothing was charged. Try again later, or tell whoever runs this server.";
    private const string NotOffered = "Choose one of the amounts.";

    public AllowanceView Allowance { get; private set; } = null!;
    public PlanState Plan { get; private set; } = null!;
    public Usd Balance { get; private set; }
    /// <summary>Whether Stripe has something to manage: invoices, a card, a subscription.</summary>
    public bool IsCustomer { get; private set; }
    /// <summary>What just happened, in words.</summary>
    public string? Done { get; private set; }
    /// <summary>Why the last action failed, in words.</summary>
    public string? Error { get; private set; }

    /// <summary>Such as <c>$20.00 a month</c>; null while Stripe has not told it.</summary>
    public string? ProPrice { get; private set; }
    public IReadOnlyList<StatementLine> Lines { get; private set; } = [];
    /// <summary>The entry that the next page goes on below; null on the last one.</summary>
    public long? OlderThan { get; private set; }
    public bool IsNewest { get; private set; } = true;
    public IReadOnlyList<Invoice> Invoices { get; private set; } = [];
    public bool AllModelsAreFree => models.AllAreBasic;

    public string Window => Times.InWords(limits.Window);
    public int FreeMessages => limits.BasicMessages;
    public IEnumerable<Usd> TopUps => credit.TopUpCents.Select(Usd.OfCents);
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);

    public async Task<IActionResult> OnGetAsync(string? handler, string? notice, long? before, CancellationToken cancellation)
    {
        if (handler is not null) return NotFound();
        Done = notice switch
        {
            "cancelled" => "Nothing was bought and nothing was charged.",
            "pro" => "You have a subscription already. You can manage it here.",
            _ => null,
        };
        return await ShowAsync(cancellation, before);
    }

    public Task<IActionResult> OnPostCheckoutAsync(CancellationToken cancellation) => BuyAsync(PurchaseKind.Pro, 0, cancellation);

    public async Task<IActionResult> OnPostTopUpAsync(string? amount, CancellationToken cancellation) =>
        CreditSettings.CentsOf(amount) is { } cents && credit.TopUpCents.Contains(cents)
            ? await BuyAsync(PurchaseKind.TopUp, cents, cancellation)
            : await RefuseAsync(StatusCodes.Status422UnprocessableEntity, NotOffered, cancellation);

    public async Task<IActionResult> OnPostPortalAsync(CancellationToken cancellation)
    {
        if (await customers.FindAsync(me.Id, cancellation) is not { } customer) return HttpContext.SeeOther("/billing");
        try
        {
            var portal = await stripe.CreatePortalAsync($"portal-{RandomKey.OfLength(24)}", customer, new Uri(pages.Here(Request), "/billing"), cancellation);
            return HttpContext.SeeOther(portal.Url);
        }
        catch (StripeException e)
        {
            return await RefuseAsync(e, cancellation);
        }
    }

    private async Task<IActionResult> BuyAsync(PurchaseKind kind, long cents, CancellationToken cancellation)
    {
        if (!plans.AreSold) return NotFound();
        try
        {
            return await checkouts.BeginAsync(me.Id, kind, cents, pages.Here(Request), cancellation) switch
            {
                CheckoutStart.Pay(var page) => HttpContext.SeeOther(page.AbsoluteUri),
                CheckoutStart.Paid(var session) => HttpContext.SeeOther($"/billing/done?session_id={session}"),
                _ => HttpContext.SeeOther("/billing?notice=pro"),
            };
        }
        catch (StripeException e)
        {
            return await RefuseAsync(e, cancellation);
        }
    }

    private Task<IActionResult> RefuseAsync(StripeException failure, CancellationToken cancellation) =>
        RefuseAsync(StatusCodes.Status503ServiceUnavailable, failure.IsPassing ? StripeIsDown : StripeRefuses, cancellation);

    private async Task<IActionResult> RefuseAsync(int status, string words, CancellationToken cancellation)
    {
        if (Request.IsHtmx()) return Htmx.ErrorNotice(status, words);
        (Response.StatusCode, Error) = (status, words);
        return await ShowAsync(cancellation);
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation, long? before = null)
    {
        if (!plans.AreSold) return NotFound();
        Allowance = await views.AllowanceAsync(me.User, await models.DefaultAsync());
        Plan = await plans.OfAsync(db, me.User, cancellation);
        Balance = await ledger.BalanceAsync(db, me.Id);
        ProPrice = await proPrice.InWordsAsync();
        await FillStatementAsync(before, cancellation);
        IsCustomer = await customers.FindAsync(me.Id, cancellation) is not null;
        Response.AllowFormsTo(pages.Origins);
        return Page();
    }

    private const int MaxInvoices = 24;

    private async Task FillStatementAsync(long? before, CancellationToken cancellation)
    {
        var lines = await statement.OfAsync(db, me.Id, before, cancellation);
        IsNewest = before is null;
        OlderThan = lines.Count > Statement.LinesPerPage ? lines[Statement.LinesPerPage - 1].Id : null;
        Lines = [.. lines.Take(Statement.LinesPerPage)];
        Invoices = await db.Invoices.AsNoTracking().Where(i => i.UserId == me.Id && i.LiveMode == ledger.LiveMode && i.Status != "draft")
            .OrderByDescending(i => i.CreatedAt).Take(MaxInvoices).ToListAsync(cancellation);
    }
}
