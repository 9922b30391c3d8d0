using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

public enum BillingProvider { Stripe, None }

[Section("Billing")]
public sealed class BillingSettings
{
    /// <summary>With <c>none</c> nothing is sold and nothing is limited.</summary>
    public BillingProvider Provider { get; set; } = BillingProvider.Stripe;
    [SpanRange("00:00:00", "60.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromDays(3);
}

[Section("Limits")]
public sealed class LimitSettings
{
    [Range(0, 1_000_000)]
    public int BasicMessages { get; set; } = 5;
    [SpanRange("00:00:01", "366.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);
    /// <summary>Answers of one person generated at once.</summary>
    [Range(1, 10_000)]
    public int ConcurrentAnswers { get; set; } = 3;
    /// <summary>Answers of one person that may wait.</summary>
    [Range(0, 10_000)]
    public int QueuedAnswers { get; set; } = 20;
}

[Section("Stripe")]
public sealed class StripeSettings
{
    public string? SecretKey { get; set; }
    /// <summary>Two while the endpoint's secret is rolled.</summary>
    public string[] WebhookSecret { get; set; } = [];
    public string? ProPriceId { get; set; }
    public Uri BaseUrl { get; set; } = new("https://api.stripe.com");

    /// <summary>Whether the key moves real money; Stripe's test keys say so in their names.</summary>
    public bool IsLive => SecretKey is { } key && (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal));

    public bool HasSomeKeys => SecretKey is not null || WebhookSecret.Length > 0 || ProPriceId is not null;

    public bool HasKeys => SecretKey is not null && WebhookSecret.Length > 0 && ProPriceId is not null;
}
