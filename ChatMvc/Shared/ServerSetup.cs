using System.Net;
using ChatMvc.Accounts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Shared;

/// <summary>Kestrel, pages, antiforgery and what stands before every request.</summary>
public static class ServerSetup
{
    /// <summary>Bytes of a request: 32,000 characters are at most 288,000 as a URL-encoded form.</summary>
    private const long MaxRequestBody = 1_000_000;
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    public static void AddServer(this WebApplicationBuilder builder)
    {
        var forwarded = builder.AddSettings<ForwardedHeaderSettings>();
        builder.AddSettings<SiteSettings>().CheckTimeZone();
        builder.AddSettings<RateLimitSettings>();
        builder.Services.AddSingleton<RateLimits>();
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
        });
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = ShutdownTimeout;
            // Pages do not wait for the job store, nor it for them. Jobs do: they run once everything has started.
            host.ServicesStartConcurrently = true;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddRazorPages(pages =>
        {
            pages.Conventions.ConfigureFilter(new ResponseCacheAttribute { NoStore = true, Location = ResponseCacheLocation.None });
            pages.Conventions.ConfigureFilter(new KeepStaleForms());
            pages.Conventions.ConfigureFilter(new EveryPage());
        }).WithRazorPagesAtContentRoot();
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "chat-form";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        builder.Services.AddPageCompression();
        var (proxies, networks) = Parse(forwarded.KnownProxies);
        builder.Services.Configure<ForwardedHeadersOptions>(options => Trust(options, proxies, networks));
        builder.Services.AddSingleton<PartialRenderer>();
    }

    public static void UseServer(this WebApplication app)
    {
        app.UseReference();
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseResponseCompression();
        app.UseExceptionHandler("/error/500");
        app.UseStatusCodePagesWithReExecute("/error/{0}");
        app.UseKnownHosts();
        app.UseRouting();
        app.UseAccounts();
        app.Use(app.Services.GetRequiredService<RateLimits>().PassAsync);
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets();
    }

    private static (List<IPAddress> Addresses, List<System.Net.IPNetwork> Networks) Parse(string[] proxies)
    {
        var parsed = (Addresses: new List<IPAddress>(), Networks: new List<System.Net.IPNetwork>());
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address)) parsed.Addresses.Add(address);
            else if (System.Net.IPNetwork.TryParse(proxy, out var network)) parsed.Networks.Add(network);
            else throw new SettingsException("ForwardedHeaders:KnownProxies lists something that is no address and no network.");
        }
        return parsed;
    }

    // Only the right-most entry counts, and only from a proxy that is known; the framework knows loopback by itself.
    private static void Trust(ForwardedHeadersOptions options, List<IPAddress> addresses, List<System.Net.IPNetwork> networks)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        if (addresses.Count + networks.Count == 0) return;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        addresses.ForEach(options.KnownProxies.Add);
        networks.ForEach(options.KnownIPNetworks.Add);
    }

    private static void CheckTimeZone(this SiteSettings site)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(site.TimeZone, out _))
            throw new SettingsException("Site:TimeZone is no time zone known here; an IANA name such as Europe/Berlin is expected.");
    }
}
