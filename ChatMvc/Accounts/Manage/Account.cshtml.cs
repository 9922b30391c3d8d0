using ChatMvc.Data;
using ChatMvc.Operators.Access;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>A person's own page: name, time zone, look, devices, and the way to everything else about the account.</summary>
public sealed class AccountModel(ChatDb db, CurrentUser me, Devices devices, OperatorNumbers operators, SiteSettings site, TimeProvider time) : PageModel
{
    private const string Here = "/account";

    public User Person => me.User;
    /// <summary>As typed, or as it is.</summary>
    public string? Name { get; private set; }
    public string? TimeZoneId { get; private set; }
    public Theme Theme { get; private set; }
    public SignedInDevices Devices { get; private set; } = null!;
    public bool IsOperator { get; private set; }
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);
    public string SiteZone => site.TimeZone;
    /// <summary>What was just done, in words.</summary>
    public string? Done { get; private set; }
    /// <summary>The field that is wrong, and why in words.</summary>
    public (string Field, string Why)? Wrong { get; private set; }

    public bool IsThis(Session session) => session.Id == me.SessionId;

    public async Task<IActionResult> OnGetAsync(string? handler, string? notice, CancellationToken cancellation)
    {
        if (handler is not null) return NotFound();
        Done = WordsOf(notice);
        (Name, TimeZoneId, Theme) = (me.User.DisplayName, me.User.TimeZone, me.User.Theme);
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostAsync(string? displayName, string? timeZone, string? theme, CancellationToken cancellation)
    {
        (Name, TimeZoneId, Theme) = (displayName, TimeZoneChoice.Knows(timeZone) ? timeZone : me.User.TimeZone, ThemeOf(theme) ?? me.User.Theme);
        Wrong = WhatIsWrong(displayName, timeZone, theme, out var name);
        if (Wrong is not null) return await RefuseAsync(cancellation);
        await ChangeAsync(user =>
        {
            user.CallYourself(name, time.GetUtcNow());
            if (!string.IsNullOrEmpty(timeZone)) user.LiveIn(timeZone);
            user.See(ThemeOf(theme)!.Value);
        }, cancellation);
        return HttpContext.SeeOther(Here + "?notice=saved");
    }

    /// <summary>Takes the browser's own time zone for a person who has none; said once, without a word of its own.</summary>
    public async Task<IActionResult> OnPostZoneAsync(string? timeZone, CancellationToken cancellation)
    {
        if (me.User.TimeZone is null && TimeZoneChoice.Knows(timeZone))
            await ChangeAsync(user => user.LiveIn(user.TimeZone ?? timeZone!), cancellation);
        return new StatusCodeResult(StatusCodes.Status204NoContent);
    }

    public async Task<IActionResult> OnPostDeviceAsync(long? session, CancellationToken cancellation)
    {
        if (session is not { } id || !await devices.EndAsync(id, cancellation)) return NotFound();
        return id == me.SessionId ? await LeaveAsync() : HttpContext.SeeOther(Here + "?notice=device");
    }

    public async Task<IActionResult> OnPostOthersAsync(CancellationToken cancellation)
    {
        await devices.EndOthersAsync(cancellation);
        return HttpContext.SeeOther(Here + "?notice=others");
    }

    public async Task<IActionResult> OnPostEverywhereAsync(CancellationToken cancellation)
    {
        await devices.EndAllAsync(cancellation);
        return await LeaveAsync();
    }

    private static (string, string)? WhatIsWrong(string? displayName, string? timeZone, string? theme, out string? name)
    {
        name = null;
        if (!string.IsNullOrWhiteSpace(displayName) && !TypedName.TryRead(displayName, out name)) return ("displayName", TypedName.NotAName);
        if (!string.IsNullOrEmpty(timeZone) && !TimeZoneChoice.Knows(timeZone)) return ("timeZone", "This time zone is not known here. Choose one from the list.");
        return ThemeOf(theme) is null ? ("theme", "Choose one of the three.") : null;
    }

    private static Theme? ThemeOf(string? word) => word switch
    {
        "system" => Theme.System,
        "light" => Theme.Light,
        "dark" => Theme.Dark,
        _ => null,
    };

    private static string? WordsOf(string? notice) => notice switch
    {
        "saved" => "Your changes are saved.",
        "device" => "That device is signed out.",
        "others" => "All other devices are signed out.",
        "number" => "Your phone number is changed. All other devices are signed out.",
        _ => null,
    };

    private Task ChangeAsync(Action<User> change, CancellationToken cancellation) =>
        db.WriteAsync(async () =>
        {
            if (await db.Users.SingleOrDefaultAsync(u => u.Id == me.Id && u.DeletedAt == null, cancellation) is { } user) change(user);
        }, cancellation);

    private async Task<IActionResult> LeaveAsync()
    {
        await SessionCookie.SignOutAsync(HttpContext);
        return HttpContext.SeeOther("/signin");
    }

    private Task<IActionResult> RefuseAsync(CancellationToken cancellation)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ShowAsync(cancellation);
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation)
    {
        if (Request.IsHtmx() && Wrong is { } wrong) return Htmx.ErrorNotice(Response.StatusCode, wrong.Why);
        Devices = await devices.ListAsync(cancellation);
        IsOperator = await operators.IncludeAsync(db, me.User.Phone, cancellation);
        return Page();
    }
}
