using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using ChatMvc.Data;
using ChatMvc.Sandbox.Stripe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>The sandbox with a client of its Stripe, a shop that receives its events, and a person at a browser.</summary>
public class StripeServer : SandboxServer
{
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-stripe-").FullName;

    protected FakeTime Time { get; } = new();
    protected Shop Shop { get; private set; } = null!;
    protected Visitor Maya { get; private set; } = null!;
    protected string File => Path.Combine(folder, "sandbox-stripe.jsonl");

    protected override void Prepare(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(_ => DataDirectory.Open(folder));
    }

    public override async Task InitializeAsync()
    {
        Shop = await Shop.StartAsync();
        await BeginAsync();
    }

    public override async Task DisposeAsync()
    {
        Maya.Dispose();
        await Shop.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The process ends, and another begins on the same data directory.</summary>
    protected async Task RestartAsync(Action? between = null)
    {
        Maya.Dispose();
        await StopAsync();
        await base.DisposeAsync();
        between?.Invoke();
        await BeginAsync();
    }

    private async Task BeginAsync()
    {
        await base.InitializeAsync();
        Stripe.WebhookTarget = Shop.Address;
        Maya = new Visitor(Url);
    }

    protected async Task<StripeReply> Call(HttpMethod method, string path, string? key, params (string Name, string Value)[] fields)
    {
        var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        var inQuery = method != HttpMethod.Post;
        using var request = new HttpRequestMessage(method, $"/sandbox/stripe/v1/{path}{(inQuery && fields.Length > 0 ? "?" + await form.ReadAsStringAsync() : "")}")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", SandboxStripe.SecretKey) },
            Content = inQuery ? null : form,
        };
        request.Headers.Add("Stripe-Version", SandboxStripe.ApiVersion);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await Http.SendAsync(request);
        return await StripeReply.OfAsync(response);
    }

    protected Task<StripeReply> Post(string path, params (string Name, string Value)[] fields) => Call(HttpMethod.Post, path, null, fields);

    protected Task<StripeReply> Get(string path, params (string Name, string Value)[] fields) => Call(HttpMethod.Get, path, null, fields);

    protected async Task<JsonElement> Made(string path, params (string Name, string Value)[] fields)
    {
        var reply = await Post(path, fields);
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Json;
    }

    protected async Task<JsonElement> Read(string path, params (string Name, string Value)[] fields)
    {
        var reply = await Get(path, fields);
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Json;
    }

    protected async Task<string> Customer() => (await Made("customers", ("email", "maya@example.org"), ("name", "Maya"), ("metadata[user_id]", "7"))).Id();

    protected (string Name, string Value)[] ForPro(string customer, params (string Name, string Value)[] more) =>
    [
        ("mode", "subscription"), ("customer", customer), ("line_items[0][price]", SandboxStripe.ProPriceId), ("line_items[0][quantity]", "1"),
        ("success_url", $"{Url}billing/done?session_id={{CHECKOUT_SESSION_ID}}"), ("cancel_url", $"{Url}billing"), ("client_reference_id", "7"),
        ("metadata[user_id]", "7"), ("subscription_data[metadata][user_id]", "7"), .. more,
    ];

    protected (string Name, string Value)[] ForCredit(string customer, params (string Name, string Value)[] more) =>
    [
        ("mode", "payment"), ("customer", customer), ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Credit"), ("line_items[0][quantity]", "1"),
        ("success_url", $"{Url}billing/done?session_id={{CHECKOUT_SESSION_ID}}"), ("cancel_url", $"{Url}billing"),
        ("metadata[order]", "12"), ("payment_intent_data[metadata][order]", "12"), .. more,
    ];

    /// <summary>A customer with a paid subscription.</summary>
    protected async Task<(string Customer, string Subscription)> Subscribed()
    {
        var customer = await Customer();
        var session = (await Made("checkout/sessions", ForPro(customer))).Id();
        Stripe.Pay(session);
        return (customer, (await Read($"checkout/sessions/{session}")).Text("subscription"));
    }

    /// <summary>A paid top-up of ten dollars, by its charge.</summary>
    protected async Task<string> Charged()
    {
        var session = (await Made("checkout/sessions", ForCredit(await Customer()))).Id();
        Stripe.Pay(session);
        return (await Read($"checkout/sessions/{session}", ("expand[]", "payment_intent"))).GetProperty("payment_intent").Text("latest_charge");
    }

    /// <summary>Presses a button of a page.</summary>
    protected async Task<Answer> Press(string page, string button)
    {
        var shown = await Maya.GetAsync(page);
        var pressed = shown.Document.QuerySelectorAll("form button").OfType<IHtmlButtonElement>().Single(b => b.TextContent == button);
        return await Maya.SubmitAsync((IHtmlFormElement)pressed.Closest("form")!, (pressed.Name!, pressed.Value));
    }

    /// <summary>The types of some events, in the order in which they were made.</summary>
    protected IEnumerable<string> Types(IEnumerable<string> events) => events.Select(id => (string)Stripe.Find(id)!["type"]!);

    protected async Task Steer(params (string Name, string Value)[] fields)
    {
        using var response = await Http.PostAsync("/sandbox/stripe/steer", new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}

public sealed record StripeReply(int Status, string Text, Dictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
    public JsonElement Error => Json.GetProperty("error");

    public static async Task<StripeReply> OfAsync(HttpResponseMessage response) => new((int)response.StatusCode, await response.Content.ReadAsStringAsync(),
        response.Headers.ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase));
}

internal static class StripeReading
{
    public static string Id(this JsonElement obj) => obj.GetProperty("id").GetString()!;

    public static string Text(this JsonElement obj, string name) => obj.GetProperty(name).GetString()!;

    public static long Number(this JsonElement obj, string name) => obj.GetProperty(name).GetInt64();

    public static List<JsonElement> Data(this JsonElement list) => [.. list.GetProperty("data").EnumerateArray()];
}

/// <summary>An app that receives events, and answers them as it is told.</summary>
public sealed class Shop(WebApplication app) : IAsyncDisposable
{
    public Uri Address => new(app.Urls.First() + "/webhooks/stripe");
    public ConcurrentQueue<Delivered> Events { get; } = [];

    /// <summary>The statuses of the next answers; 200 when there are none.</summary>
    public ConcurrentQueue<int> Answers { get; } = [];

    public static async Task<Shop> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var shop = new Shop(app);
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            shop.Events.Enqueue(new Delivered(body.ToArray(), http.Request.Headers["Stripe-Signature"].ToString(), http.Request.ContentType!));
            http.Response.StatusCode = shop.Answers.TryDequeue(out var status) ? status : 200;
        });
        await app.StartAsync();
        return shop;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>An event as it came: the raw bytes and their signature.</summary>
public sealed record Delivered(byte[] Body, string Signature, string ContentType)
{
    public JsonElement Event => JsonDocument.Parse(Body).RootElement;
    public string Type => Event.Text("type");
    public long Time => long.Parse(Signature.Split(',')[0]["t=".Length..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Checked as Stripe's libraries do it, with code of our own.</summary>
    public bool IsSignedWith(string secret)
    {
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{Time}.{Encoding.UTF8.GetString(Body)}"));
        return Signature.Split(',').Contains("v1=" + Convert.ToHexString(expected).ToLowerInvariant());
    }
}
