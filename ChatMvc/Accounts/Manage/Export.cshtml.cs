using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts.Manage;

/// <summary>All that is kept of a person, as a zip: at once while it is small, else made by a job and fetched here.</summary>
public sealed class ExportModel(Exports exports, ExportWriter writer, ExportPace pace, CurrentUser me, SiteSettings site, TimeProvider time) : PageModel
{
    private const string Here = "/account/export";
    private const string Zip = "application/zip";

    public AccountExport? Export { get; private set; }
    /// <summary>It is packed at once: there is nothing to wait for or to press.</summary>
    public bool IsSmall { get; private set; }
    public bool IsReady => Export?.IsReady(time.GetUtcNow()) == true;
    /// <summary>Why none is made now, in words.</summary>
    public string? Notice { get; private set; }
    public string ReadyUntil => Times.Moment(Export!.FinishedAt!.Value + AccountExport.Lifetime, time.GetUtcNow(), Times.Zone(me.User.TimeZone ?? site.TimeZone));

    public async Task<IActionResult> OnGetAsync(string? key, CancellationToken cancellation)
    {
        if (key is not null) return await FetchAsync(key, cancellation);
        if (await exports.IsLargeAsync(me.Id, cancellation)) return await ShowAsync(cancellation);
        if (pace.WaitOf(me.Id) is { } wait) return TooOften(wait);
        var zip = new MemoryStream();
        await writer.WriteAsync(me.User, zip, _ => Task.CompletedTask, cancellation);
        zip.Position = 0;
        return File(zip, Zip, FileName);
    }

    public async Task<IActionResult> OnPostAsync(string? key, CancellationToken cancellation)
    {
        if (key is not null) return NotFound();
        var wait = await exports.AskAsync(me.Id, cancellation);
        if (wait <= TimeSpan.Zero) return HttpContext.SeeOther(Here);
        Notice = $"Your data can be prepared {Exports.MaxPerDay} times a day. You can ask for it again {Waiting.InWords(wait)}.";
        Response.TooManyRequests(wait);
        return await ShowAsync(cancellation);
    }

    private PageResult TooOften(TimeSpan wait)
    {
        IsSmall = true;
        Notice = $"Your data was packed several times just now. You can download it again {Waiting.InWords(wait)}.";
        Response.TooManyRequests(wait);
        return Page();
    }

    private string FileName => $"my-data-{time.GetUtcNow():yyyy-MM-dd}.zip";

    private async Task<IActionResult> FetchAsync(string key, CancellationToken cancellation) =>
        await exports.FindAsync(me.Id, key, cancellation) is { } file ? PhysicalFile(file, Zip, FileName) : NotFound();

    private async Task<PageResult> ShowAsync(CancellationToken cancellation)
    {
        Export = await exports.NewestAsync(me.Id, cancellation);
        return Page();
    }
}
