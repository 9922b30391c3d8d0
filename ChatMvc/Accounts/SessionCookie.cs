using System.Security.Claims;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>The cookie of a signed-in device: it holds the session's key, and every request looks the row up.</summary>
public static class SessionCookie
{
    public const string Name = "chat";
    /// <summary>Browsers take a cookie of this prefix over https alone, for this host alone.</summary>
    public const string SecureName = "__Host-chat";
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;
    private const string KeyClaim = "session";

    public static void AddSessionCookie(this IServiceCollection services, SessionSettings sessions)
    {
        services.AddScoped<SessionEvents>();
        services.AddAuthentication(Scheme).AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = Name;
            cookie.Cookie.Path = "/";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.CookieManager = new NamedByScheme();
            cookie.ExpireTimeSpan = sessions.Lifetime;
            cookie.SlidingExpiration = false;
            cookie.EventsType = typeof(SessionEvents);
        });
    }

    public static Task SignInAsync(HttpContext context, string sessionKey) => context.SignInAsync(
        Scheme, new ClaimsPrincipal(new ClaimsIdentity([new Claim(KeyClaim, sessionKey)], Scheme)),
        new AuthenticationProperties { IsPersistent = true });

    public static Task SignOutAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>The key in a cookie that was not tampered with.</summary>
    internal static string? KeyOf(ClaimsPrincipal? principal) => principal?.FindFirstValue(KeyClaim);

    private sealed class NamedByScheme : ICookieManager
    {
        private readonly ChunkingCookieManager cookies = new();

        public string? GetRequestCookie(HttpContext context, string key) => cookies.GetRequestCookie(context, NameFor(context));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
            cookies.AppendResponseCookie(context, NameFor(context), value, options);

        public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
            cookies.DeleteCookie(context, NameFor(context), options);

        private static string NameFor(HttpContext context) => context.Request.IsHttps ? SecureName : Name;
    }
}

/// <summary>Looks the session up on each request, and sends those who have none to the sign-in page.</summary>
internal sealed class SessionEvents(
    IDbContextFactory<ChatDb> databases, CurrentUser me, UnsentTexts unsent, SessionSettings settings, TimeProvider time, ILogger<SessionEvents> logger) : CookieAuthenticationEvents
{
    private static readonly Func<ChatDb, byte[], CancellationToken, Task<Session?>> ByKey =
        EF.CompileAsyncQuery((ChatDb db, byte[] hash, CancellationToken _) => db.Sessions.AsNoTracking().Include(s => s.User).FirstOrDefault(s => s.KeyHash == hash));

    // Whose session it was that is over.
    private long? formerly;

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (IsForAFile(context.HttpContext))
        {
            // Style sheets are the same for everybody: no row is read for them.
            context.RejectPrincipal();
            return;
        }
        var now = time.GetUtcNow();
        var session = await FindAsync(SessionCookie.KeyOf(context.Principal), context.HttpContext.RequestAborted);
        // Whoever is suspended has none: not one either that a request under way began meanwhile.
        if (session?.IsAlive(now, settings) == true && session.User.SuspendedAt is null)
        {
            me.Is(session);
            if (now - session.LastSeenAt >= Session.SeenEvery(settings)) await NoteSeenAsync(session.Id, now);
            return;
        }
        formerly = session?.UserId;
        context.RejectPrincipal();
        await SessionCookie.SignOutAsync(context.HttpContext);
    }

    public override async Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        var page = await unsent.KeepAsync(context.Request, formerly) ?? ReturnUrl.Of(context.Request);
        var signIn = "/signin?returnUrl=" + Uri.EscapeDataString(page);
        context.Response.VariesByHtmx();
        context.Response.StatusCode = context.Request.IsHtmx() ? StatusCodes.Status401Unauthorized : StatusCodes.Status303SeeOther;
        context.Response.Headers[context.Request.IsHtmx() ? "HX-Redirect" : "Location"] = signIn;
    }

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context)
    {
        // What is not for this person does not exist.
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static bool IsForAFile(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;

    private async Task<Session?> FindAsync(string? key, CancellationToken cancellation)
    {
        if (key is null) return null;
        var hash = RandomKey.Hash(key);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await ByKey(db, hash, cancellation);
    }

    // Reading goes on where nothing can be written, as on a full disk.
    private async Task NoteSeenAsync(long session, DateTimeOffset now)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync();
            await db.WriteAsync(() => db.Sessions.Where(s => s.Id == session && s.LastSeenAt < now)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now)));
        }
        catch (SqliteException e)
        {
            AccountLog.NotNotedAsSeen(logger, e, session);
        }
    }
}
