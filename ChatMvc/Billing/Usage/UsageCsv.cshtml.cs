using ChatMvc.Accounts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Net.Http.Headers;

namespace ChatMvc.Billing.Usage;

/// <summary>A month of requests as a file.</summary>
public sealed class UsageCsvModel(CurrentUser me, UsageReports reports, UsageFile file, TimeProvider time) : PageModel
{
    public async Task<IActionResult> OnGetAsync(string? month, CancellationToken cancellation)
    {
        var zone = reports.ZoneOf(me.User);
        if (UsageMonths.Find(month, me.User, zone, time) is not { } found) return NotFound();
        Response.ContentType = "text/csv; charset=utf-8; header=present";
        Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"usage-{found}.csv" }.ToString();
        await file.WriteAsync(me.User, found, zone, Response.Body, cancellation);
        return new EmptyResult();
    }
}
