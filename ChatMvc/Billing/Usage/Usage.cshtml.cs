using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

/// <summary>What a person used in a month and what it cost, and the budget they have set themselves.</summary>
public sealed class UsageModel(ChatDb db, CurrentUser me, UsageReports reports, TimeProvider time) : PageModel
{
    private const string Here = "/usage";

    public UsageReport Report { get; private set; } = null!;
    /// <summary>The months beside it that there is a page of.</summary>
    public Month? Earlier { get; private set; }
    /// <inheritdoc cref="Earlier"/>
    public Month? Later { get; private set; }
    public bool IsPresent => Later is null;
    /// <summary>Null without a budget, and on the page of an earlier month.</summary>
    public BudgetUse? Budget { get; private set; }
    /// <summary>As typed, or as it is.</summary>
    public string? TypedAmount { get; private set; }
    /// <summary>Why what was typed is no budget, in words.</summary>
    public string? Wrong { get; private set; }
    /// <summary>What was just done, in words.</summary>
    public string? Done { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? month, string? notice, CancellationToken cancellation)
    {
        Done = notice == "budget" ? "Your budget is saved." : null;
        TypedAmount = me.User.MonthlyBudgetMicros is { } micros ? new Usd(micros).Dollars.ToString("0.00##", System.Globalization.CultureInfo.InvariantCulture) : null;
        return UsageMonths.Find(month, me.User, reports.ZoneOf(me.User), time) is { } shown ? await ShowAsync(shown, cancellation) : NotFound();
    }

    public async Task<IActionResult> OnPostAsync(string? budget, CancellationToken cancellation)
    {
        Wrong = TypedBudget.WhyNot(budget, out var most);
        if (Wrong is null)
        {
            await db.WriteAsync(async () =>
            {
                if (await db.Users.SingleOrDefaultAsync(u => u.Id == me.Id && u.DeletedAt == null, cancellation) is { } user) user.SetBudget(most);
            }, cancellation);
            return HttpContext.SeeOther(Here + "?notice=budget#budget");
        }
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        if (Request.IsHtmx()) return Htmx.ErrorNotice(Response.StatusCode, Wrong);
        TypedAmount = budget;
        return await ShowAsync(Month.Of(time.GetUtcNow(), reports.ZoneOf(me.User)), cancellation);
    }

    private async Task<PageResult> ShowAsync(Month month, CancellationToken cancellation)
    {
        var zone = reports.ZoneOf(me.User);
        Report = await reports.ReadAsync(me.User, month, cancellation);
        Earlier = UsageMonths.First(me.User, zone).IsBefore(month) ? month.Previous : null;
        Later = month.IsBefore(Month.Of(time.GetUtcNow(), zone)) ? month.Next : null;
        if (IsPresent && me.User.MonthlyBudgetMicros is { } most) Budget = new BudgetUse(new Usd(most), Report.Total.Cost, month);
        return Page();
    }
}
