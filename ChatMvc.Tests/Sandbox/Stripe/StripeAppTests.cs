using System.Net.Http.Headers;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>The sandbox's Stripe inside the whole server.</summary>
public class StripeAppTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_app_is_told_where_its_Stripe_is_and_events_come_to_the_app()
    {
        await using var app = await TestApp.StartAsync();
        var access = app.Services.GetRequiredService<Upstreams>().Stripe;
        Assert.Equal($"http://127.0.0.1:{app.Address.Port}/sandbox/stripe", access.BaseUrl.AbsoluteUri);
        Assert.Equal((SandboxStripe.SecretKey, SandboxStripe.ProPriceId, app.Stripe.WebhookSecret), (access.SecretKey, access.ProPriceId, Assert.Single(access.WebhookSecrets)));

        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", access.SecretKey) } };
        using var price = await http.GetAsync($"{access.BaseUrl}/v1/prices/{access.ProPriceId}");
        Assert.Equal(200, (int)price.StatusCode);
        using var customer = await http.PostAsync($"{access.BaseUrl}/v1/customers", new FormUrlEncodedContent([KeyValuePair.Create("name", "Maya")]));
        Assert.Equal(200, (int)customer.StatusCode);
        Assert.True(await app.Stripe.SettleAsync(Soon));
        // Whatever the app makes of it, it answered.
        Assert.NotNull(app.Stripe.SendingsOf((string)app.Stripe.Events.Single()["id"]!)[0].Answer);
        Assert.True(File.Exists(Path.Combine(app.Folder, "sandbox-stripe.jsonl")));
    }

    [Fact]
    public async Task With_keys_it_is_the_real_one()
    {
        await using var app = await TestApp.StartAsync("Stripe:SecretKey=sk_test_own", "Stripe:WebhookSecret=whsec_new,whsec_old", "Stripe:ProPriceId=price_own", "Stripe:BaseUrl=http://127.0.0.1:9/stripe");
        var upstreams = app.Services.GetRequiredService<Upstreams>();
        Assert.False(upstreams.StripeIsSandbox);
        Assert.Equal(("http://127.0.0.1:9/stripe", "sk_test_own", "price_own"), (upstreams.Stripe.BaseUrl.AbsoluteUri, upstreams.Stripe.SecretKey, upstreams.Stripe.ProPriceId));
        Assert.Equal(["whsec_new", "whsec_old"], upstreams.Stripe.WebhookSecrets);
        Assert.False(File.Exists(Path.Combine(app.Folder, "sandbox-stripe.jsonl")));
    }
}
