using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.State;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.InForce;

/// <summary>The settings in force, and what operators set while the server runs: a banner and maintenance.</summary>
public sealed class SettingsModel(ChatDb db, ServerFacts facts, SettingsInForce settings, AuditLog audit) : OpsPage
{
    private const string Here = "/ops/settings";
    private static readonly string TooLong = $"{TypedNotice.MaxLength} characters are the most. Shorten it.";

    private const string Open =
        "It is off. While it is on, accepted answers are written to their end, and new messages and accounts are refused with your words. Operators go on as ever.";

    public IReadOnlyList<SettingInForce> Settings { get; private set; } = [];
    /// <summary>As typed, or as it is.</summary>
    public string? Banner { get; private set; }
    /// <inheritdoc cref="Banner"/>
    public string? Maintenance { get; private set; }
    public bool IsClosed => facts.Find(ServerFacts.Maintenance) is not null;
    /// <summary>Whether maintenance is on, in words.</summary>
    public string Standing { get; private set; } = "";
    /// <summary>The field that was refused.</summary>
    public string? Wrong { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? handler, CancellationToken cancellation) =>
        handler is null ? await ShowAsync(cancellation) : NotFound();

    /// <summary>An empty one is cleared.</summary>
    public async Task<IActionResult> OnPostBannerAsync(string? text, CancellationToken cancellation)
    {
        var banner = TypedNotice.Read(text);
        if (banner?.Length > TypedNotice.MaxLength) return await RefuseAsync("banner", TooLong, cancellation, banner: banner);
        await SetAsync(ServerFacts.Banner, banner, banner is null ? "clear banner" : "set banner", cancellation);
        return Done(Here, banner is null ? "The banner is gone." : "The banner stands on every page that is loaded from now on.");
    }

    /// <param name="words">Why, for people.</param>
    /// <param name="to">"on" or "off".</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public async Task<IActionResult> OnPostMaintenanceAsync(string? words, string? to, CancellationToken cancellation)
    {
        if (to == "off")
        {
            await SetAsync(ServerFacts.Maintenance, null, "end maintenance", cancellation);
            return Done(Here, "Maintenance is off: messages are taken again.");
        }
        var why = TypedNotice.Read(words);
        if (why is null) return await RefuseAsync("maintenance", "Say in a sentence why and until when: people read it above their message box.", cancellation);
        if (why.Length > TypedNotice.MaxLength) return await RefuseAsync("maintenance", TooLong, cancellation, maintenance: why);
        await SetAsync(ServerFacts.Maintenance, why, "begin maintenance", cancellation);
        return Done(Here, "Maintenance is on: what was accepted is answered to its end, and nothing new is taken.");
    }

    private Task SetAsync(string fact, string? value, string action, CancellationToken cancellation) =>
        facts.SetAsync(db, fact, value, before => audit.Note(new Deed(action, $"server {fact}", before, value)), cancellation);

    private Task<IActionResult> RefuseAsync(string field, string why, CancellationToken cancellation, string? banner = null, string? maintenance = null)
    {
        Refuse(why);
        Wrong = field;
        return ShowAsync(cancellation, banner, maintenance);
    }

    private static string StandingWith(int unfinished) => unfinished switch
    {
        0 => "It is on. All answers have ended.",
        1 => "It is on. One accepted answer still waits or is written.",
        _ => $"It is on. {unfinished} accepted answers still wait or are written.",
    };

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation, string? banner = null, string? maintenance = null)
    {
        (Banner, Maintenance) = (banner ?? facts.Find(ServerFacts.Banner), maintenance ?? facts.Find(ServerFacts.Maintenance));
        Standing = IsClosed ? StandingWith(await db.Messages.Unfinished().CountAsync(cancellation)) : Open;
        Settings = settings.Read();
        return Page();
    }
}
