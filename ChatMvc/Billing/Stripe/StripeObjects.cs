using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatMvc.Billing.Stripe;

// Stripe's objects, as much of them as is looked at. Times are Unix seconds, amounts the currency's smallest unit.

public sealed record ListObject<T>(IReadOnlyList<T> Data, bool HasMore);

public sealed record CustomerObject(string Id, bool Deleted, bool Livemode);

public sealed record PortalObject(string Id, string Url);

public sealed record SessionObject(string Id, bool Livemode)
{
    /// <summary><c>open</c>, <c>complete</c> or <c>expired</c>.</summary>
    public string? Status { get; init; }
    /// <summary><c>paid</c>, <c>unpaid</c> or <c>no_payment_required</c>.</summary>
    public string? PaymentStatus { get; init; }
    public string? Mode { get; init; }
    public string? Url { get; init; }
    public string? ClientReferenceId { get; init; }
    public long? AmountTotal { get; init; }
    public string? Currency { get; init; }
    public long? ExpiresAt { get; init; }
    public long Created { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    [JsonConverter(typeof(IdConverter))]
    public string? Customer { get; init; }
    [JsonConverter(typeof(IdConverter))]
    public string? Subscription { get; init; }
    [JsonConverter(typeof(ExpandedConverter<PaymentIntentObject>))]
    public PaymentIntentObject? PaymentIntent { get; init; }

    public bool IsPaid => Status == "complete" && PaymentStatus is "paid" or "no_payment_required";
}

public sealed record PaymentIntentObject(string Id)
{
    /// <summary>Null where the object was not expanded.</summary>
    public string? Status { get; init; }
    [JsonConverter(typeof(ExpandedConverter<ChargeObject>))]
    public ChargeObject? LatestCharge { get; init; }

    /// <summary>A delayed payment that the bank refused.</summary>
    public bool HasFailed => Status is "requires_payment_method" or "canceled";
}

public sealed record ChargeObject(string Id)
{
    public long Amount { get; init; }
    /// <summary>Of all its refunds that have not failed.</summary>
    public long AmountRefunded { get; init; }
    public string? Currency { get; init; }
    public bool Livemode { get; init; }
    public string? ReceiptUrl { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    [JsonConverter(typeof(IdConverter))]
    public string? PaymentIntent { get; init; }
}

public sealed record RefundObject(string Id)
{
    [JsonConverter(typeof(IdConverter))]
    public string? Charge { get; init; }
}

public sealed record DisputeObject(string Id, bool Livemode)
{
    public long Amount { get; init; }
    public string? Currency { get; init; }
    public string? Status { get; init; }
    [JsonConverter(typeof(ExpandedConverter<ChargeObject>))]
    public ChargeObject? Charge { get; init; }
}

public sealed record SubscriptionObject(string Id, string Status, bool Livemode)
{
    [JsonConverter(typeof(IdConverter))]
    public string? Customer { get; init; }
    public long Created { get; init; }
    public long? CancelAt { get; init; }
    public bool CancelAtPeriodEnd { get; init; }
    public long? EndedAt { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    public ListObject<SubscriptionItemObject>? Items { get; init; }
    [JsonConverter(typeof(ExpandedConverter<InvoiceObject>))]
    public InvoiceObject? LatestInvoice { get; init; }

    public IReadOnlyList<SubscriptionItemObject> Parts => Items?.Data ?? [];
}

public sealed record SubscriptionItemObject(string Id)
{
    // Since 2025-03-31 the period is the item's.
    public long? CurrentPeriodEnd { get; init; }
    [JsonConverter(typeof(IdConverter))]
    public string? Price { get; init; }
}

/// <param name="UnitAmount">In the currency's smallest unit; null for prices with tiers or parts of a cent.</param>
public sealed record PriceObject(string Id, long? UnitAmount, string? Currency, PricePeriod? Recurring);

/// <param name="Interval"><c>day</c>, <c>week</c>, <c>month</c> or <c>year</c>.</param>
/// <param name="IntervalCount">How many of them.</param>
public sealed record PricePeriod(string Interval, int IntervalCount);

public sealed record InvoiceObject(string Id)
{
    public bool Livemode { get; init; }
    public string? Status { get; init; }
    [JsonConverter(typeof(IdConverter))]
    public string? Customer { get; init; }
    public long Created { get; init; }
    public long Total { get; init; }
    public string? Currency { get; init; }
    public string? HostedInvoiceUrl { get; init; }
    public string? InvoicePdf { get; init; }
    public long? NextPaymentAttempt { get; init; }
    public InvoiceTimes? StatusTransitions { get; init; }
    public InvoiceParent? Parent { get; init; }

    public string? Subscription => Parent?.SubscriptionDetails?.Subscription;
}

public sealed record InvoiceTimes(long? FinalizedAt);

public sealed record InvoiceParent(InvoiceSubscription? SubscriptionDetails);

public sealed record InvoiceSubscription
{
    [JsonConverter(typeof(IdConverter))]
    public string? Subscription { get; init; }
}

/// <summary>Of which only the type and the id of its object are believed.</summary>
public sealed record EventObject(string? Id, string? Type)
{
    /// <summary><c>event</c>, or <c>v2.core.event</c>.</summary>
    [JsonPropertyName("object")]
    public string? Form { get; init; }
    public bool Livemode { get; init; }
    public string? ApiVersion { get; init; }
    [JsonConverter(typeof(SecondsConverter))]
    public long Created { get; init; }
    public EventData? Data { get; init; }

    public string? ObjectId => Data?.About is { ValueKind: JsonValueKind.Object } about && about.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        ? id.GetString() : null;
}

public sealed record EventData([property: JsonPropertyName("object")] JsonElement About);

public static class StripeJson
{
    private const int MaxDepth = 64;

    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        MaxDepth = MaxDepth,
    };

    public static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    public static DateTimeOffset? Time(long? seconds) => seconds is { } at ? Time(at) : null;
}

/// <summary>The id of an object that Stripe gives as its id or whole.</summary>
internal sealed class IdConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        using var whole = JsonDocument.ParseValue(ref reader);
        return whole.RootElement.ValueKind == JsonValueKind.Object && whole.RootElement.TryGetProperty("id", out var id) ? id.GetString() : null;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>An object that Stripe gives whole where it was asked to, and as its id otherwise.</summary>
internal sealed class ExpandedConverter<T> : JsonConverter<T> where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? JsonSerializer.SerializeToElement(new { id = reader.GetString() }).Deserialize<T>(options)
            : JsonSerializer.Deserialize<T>(ref reader, options);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, options);
}

/// <summary>Unix seconds; thin events have a date in words, which nobody needs.</summary>
internal sealed class SecondsConverter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds)) return Math.Clamp(seconds, 0, uint.MaxValue);
        reader.Skip();
        return 0;
    }

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
