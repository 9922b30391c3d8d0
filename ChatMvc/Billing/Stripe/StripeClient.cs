using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ChatMvc.Shared;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// Stripe's API, the calls that are needed, in Stripe's words: https://docs.stripe.com/api. Form-encoded out, JSON in, at one
/// pinned version. A call that got no answer, or a fault of theirs, is repeated under the same key until the patience ends.
/// </summary>
/// <param name="http">Without redirects, cookies, retries and a time-out of its own.</param>
/// <param name="upstreams">Tells Stripe's address and key, or the sandbox's.</param>
/// <param name="time">For the pauses.</param>
/// <param name="logger">Hears of refusals by Stripe's request id.</param>
public sealed class StripeClient(HttpClient http, Upstreams upstreams, TimeProvider time, ILogger<StripeClient> logger)
{
    public const string Version = "2026-10-28.endive";
    /// <summary>For everything that one page, or one call, asks of Stripe.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);
    /// <summary>Bytes of an answer; a page of a hundred events has about one million.</summary>
    public const int MaxAnswer = 8 * 1024 * 1024;
    /// <summary>Objects in a page of a list: the most that Stripe gives.</summary>
    public const int PageSize = 100;

    private const int MaxAttempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public Task<CustomerObject> CreateCustomerAsync(string key, Dictionary<string, string> parameters, CancellationToken cancellation) =>
        PostAsync<CustomerObject>("customers", parameters, key, cancellation);

    public Task<CustomerObject> CustomerAsync(string id, CancellationToken cancellation) => GetAsync<CustomerObject>($"customers/{id}", cancellation);

    public Task<CustomerObject> DeleteCustomerAsync(string id, CancellationToken cancellation) => DeleteAsync<CustomerObject>($"customers/{id}", cancellation);

    public Task<SessionObject> CreateSessionAsync(string key, Dictionary<string, string> parameters, CancellationToken cancellation) =>
        PostAsync<SessionObject>("checkout/sessions", parameters, key, cancellation);

    /// <summary>With its payment and the charge of it.</summary>
    public Task<SessionObject> SessionAsync(string id, CancellationToken cancellation) =>
        GetAsync<SessionObject>($"checkout/sessions/{id}?expand%5B0%5D=payment_intent.latest_charge", cancellation);

    public Task<SessionObject> ExpireSessionAsync(string id, CancellationToken cancellation) =>
        PostAsync<SessionObject>($"checkout/sessions/{id}/expire", [], $"expire-{id}", cancellation);

    /// <param name="key">A new one for each click: the address lives for minutes.</param>
    /// <param name="customer"><c>cus_…</c></param>
    /// <param name="returnUrl">Where the way back leads.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<PortalObject> CreatePortalAsync(string key, string customer, Uri returnUrl, CancellationToken cancellation) =>
        PostAsync<PortalObject>("billing_portal/sessions", new() { ["customer"] = customer, ["return_url"] = returnUrl.AbsoluteUri }, key, cancellation);

    /// <summary>With its newest invoice.</summary>
    public Task<SubscriptionObject> SubscriptionAsync(string id, CancellationToken cancellation) =>
        GetAsync<SubscriptionObject>($"subscriptions/{id}?expand%5B0%5D=latest_invoice", cancellation);

    public Task<SubscriptionObject> CancelSubscriptionAsync(string id, CancellationToken cancellation) =>
        DeleteAsync<SubscriptionObject>($"subscriptions/{id}", cancellation);

    /// <summary>A page of all subscriptions there ever were, newest first.</summary>
    public Task<ListObject<SubscriptionObject>> SubscriptionsAsync(string? after, CancellationToken cancellation) =>
        GetAsync<ListObject<SubscriptionObject>>($"subscriptions?status=all&limit={PageSize}{After(after)}", cancellation);

    public Task<PriceObject> PriceAsync(string id, CancellationToken cancellation) => GetAsync<PriceObject>($"prices/{id}", cancellation);

    public Task<InvoiceObject> InvoiceAsync(string id, CancellationToken cancellation) => GetAsync<InvoiceObject>($"invoices/{id}", cancellation);

    public Task<ChargeObject> ChargeAsync(string id, CancellationToken cancellation) => GetAsync<ChargeObject>($"charges/{id}", cancellation);

    public Task<RefundObject> RefundAsync(string id, CancellationToken cancellation) => GetAsync<RefundObject>($"refunds/{id}", cancellation);

    /// <summary>With its charge.</summary>
    public Task<DisputeObject> DisputeAsync(string id, CancellationToken cancellation) =>
        GetAsync<DisputeObject>($"disputes/{id}?expand%5B0%5D=charge", cancellation);

    /// <summary>A page of the events since then, newest first. Stripe keeps them for 30 days.</summary>
    public Task<ListObject<EventObject>> EventsAsync(DateTimeOffset since, string? after, CancellationToken cancellation) =>
        GetAsync<ListObject<EventObject>>($"events?created%5Bgte%5D={since.ToUnixTimeSeconds()}&limit={PageSize}{After(after)}", cancellation);

    /// <summary>Does several calls for one page within one <see cref="Patience"/>.</summary>
    /// <exception cref="StripeException">A call failed, or there was no time left for it.</exception>
    public static async Task<T> WithinPatienceAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await work(patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw StripeException.NoAnswer(e);
        }
    }

    private static string After(string? id) => id is null ? "" : $"&starting_after={Uri.EscapeDataString(id)}";

    private Task<T> GetAsync<T>(string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Get, path, null, null, cancellation);

    private Task<T> DeleteAsync<T>(string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Delete, path, null, null, cancellation);

    private Task<T> PostAsync<T>(string path, Dictionary<string, string> parameters, string key, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Post, path, parameters, key, cancellation);

    private Task<T> SendAsync<T>(HttpMethod method, string path, Dictionary<string, string>? parameters, string? key, CancellationToken cancellation) =>
        WithinPatienceAsync(async patience =>
        {
            for (var attempt = 1; ; attempt++)
            {
                var (answer, failure) = await TryAsync<T>(() => CreateMessage(method, path, parameters, key), patience);
                if (failure is null) return answer!;
                StripeLog.Refused(logger, method.Method, PathOf(path), failure.Status, failure.Type, failure.Code, failure.RequestId, attempt);
                if (!failure.MayBeRepeated || attempt == MaxAttempts) throw failure;
                await Task.Delay(PauseAfter(attempt, failure), time, patience);
            }
        }, cancellation);

    private HttpRequestMessage CreateMessage(HttpMethod method, string path, Dictionary<string, string>? parameters, string? key)
    {
        var stripe = upstreams.Stripe;
        var message = new HttpRequestMessage(method, $"{stripe.BaseUrl.AbsoluteUri.TrimEnd('/')}/v1/{path}")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", stripe.SecretKey) },
            Content = parameters is null ? null : new FormUrlEncodedContent(parameters),
        };
        message.Headers.Add("Stripe-Version", Version);
        if (key is not null) message.Headers.Add("Idempotency-Key", key);
        return message;
    }

    private async Task<(T? Answer, StripeException? Failure)> TryAsync<T>(Func<HttpRequestMessage> create, CancellationToken patience)
    {
        try
        {
            using var message = create();
            using var response = await http.SendAsync(message, patience);
            var body = await response.Content.ReadAsByteArrayAsync(patience);
            return response.IsSuccessStatusCode
                ? (JsonSerializer.Deserialize<T>(body, StripeJson.Options) ?? throw new JsonException("null"), null)
                : (default, StripeException.Read(response, body));
        }
        catch (HttpRequestException e)
        {
            return (default, StripeException.NoAnswer(e));
        }
        catch (JsonException e)
        {
            return (default, StripeException.Unreadable(e));
        }
    }

    // Half of it is chance, so that many who wait do not come back together.
    private static TimeSpan PauseAfter(int attempt, StripeException failure)
    {
        var pause = FirstPause * Math.Pow(2, attempt - 1);
        pause *= 0.5 + Random.Shared.NextDouble() / 2;
        if (failure.RetryAfter > pause) pause = failure.RetryAfter.Value;
        return pause < LongestPause ? pause : LongestPause;
    }

    private static string PathOf(string path) => path.Split('?')[0];
}

/// <summary>A call that did not do what was asked.</summary>
public sealed class StripeException : Exception
{
    private const int MaxWord = 100;

    private StripeException(string message, Exception? inner = null) : base(message, inner) { }

    /// <summary>0 without an answer.</summary>
    public int Status { get; private init; }
    /// <summary>Stripe's word, such as <c>invalid_request_error</c>.</summary>
    public string? Type { get; private init; }
    /// <summary>Stripe's word, such as <c>resource_missing</c>.</summary>
    public string? Code { get; private init; }
    /// <summary>The parameter that was wrong.</summary>
    public string? Param { get; private init; }
    public string? RequestId { get; private init; }
    public TimeSpan? RetryAfter { get; private init; }
    /// <summary>The answer that the first request under this key got: the key will never get another.</summary>
    public bool WasReplayed { get; private init; }
    /// <summary>Whether the same call may do better in a moment.</summary>
    public bool MayBeRepeated { get; private init; }

    public bool IsMissing => Status == 404 || Code == "resource_missing";
    /// <summary>The key was used before with other parameters.</summary>
    public bool IsKeyUsedOtherwise => Type == "idempotency_error";
    /// <summary>Nothing is wrong with what was asked: it may do better later.</summary>
    public bool IsPassing => Status is 0 or 409 or 429 or >= 500;

    public static StripeException NoAnswer(Exception inner) => new("Stripe did not answer.", inner) { MayBeRepeated = true };

    public static StripeException Unreadable(Exception inner) => new("Stripe's answer could not be read.", inner);

    public static StripeException Read(HttpResponseMessage response, byte[] body)
    {
        var (status, error) = ((int)response.StatusCode, ErrorIn(body));
        return new StripeException($"Stripe answered {status}.")
        {
            Status = status,
            Type = Short(error?.Type),
            Code = Short(error?.Code),
            Param = Short(error?.Param),
            RequestId = Short(HeaderOf(response, "Request-Id")),
            RetryAfter = response.Headers.RetryAfter?.Delta,
            WasReplayed = HeaderOf(response, "Idempotent-Replayed") == "true",
            MayBeRepeated = HeaderOf(response, "Stripe-Should-Retry") switch
            {
                "true" => true,
                "false" => false,
                _ => response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || status >= 500,
            },
        };
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static string? Short(string? word) => word?.Length > MaxWord ? word[..MaxWord] : word;

    private static ErrorObject? ErrorIn(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<ErrorAnswer>(body, StripeJson.Options)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record ErrorAnswer(ErrorObject? Error);

    private sealed record ErrorObject(string? Type, string? Code, string? Param);
}
