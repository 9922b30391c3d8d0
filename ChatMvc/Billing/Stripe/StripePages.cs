using ChatMvc.Shared;
using Microsoft.AspNetCore.Hosting.Server;

namespace ChatMvc.Billing.Stripe;

/// <summary>Where Stripe's own pages are, and where they lead back to.</summary>
public sealed class StripePages(Upstreams upstreams, ServerSettings settings, IServer server)
{
    private static readonly string[] Real = ["https://checkout.stripe.com", "https://billing.stripe.com"];

    /// <summary>Where our forms may lead: to Stripe's checkout and portal, or to the sandbox, which may be this server by another of its names.</summary>
    public IEnumerable<string> Origins => upstreams.StripeIsSandbox ? [Upstreams.AddressForBrowsers(server)] : Real;

    /// <summary>This server as people use it: only in Development is that taken from the request.</summary>
    public Uri Here(HttpRequest request) => settings.PublicUrl ?? new Uri($"{request.Scheme}://{request.Host}");
}
