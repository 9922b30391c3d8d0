using System.Net;
using System.Text;
using System.Text.Json;
using ChatMvc.Billing.Stripe;
using ChatMvc.Shared;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Sandbox;
using Microsoft.Extensions.Logging;
using StripeCall = ChatMvc.Sandbox.Stripe.StripeCall;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>How Stripe is called, and what is made of its answers.</summary>
public sealed class StripeClientTests
{
    private const string Customer = """{"id":"cus_1","object":"customer","livemode":false}""";

    [Fact]
    public async Task Calls_carry_the_key_the_version_and_a_form_and_are_repeated_under_one_idempotency_key()
    {
        using var stripe = new FakeStripe(Answer(500), Answer(409), Answer(200, Customer));

        var made = await stripe.Client.CreateCustomerAsync("customer-7-test", new() { ["metadata[user_id]"] = "7" }, CancellationToken.None);

        Assert.Equal("cus_1", made.Id);
        Assert.Equal(3, stripe.Heard.Count);
        Assert.All(stripe.Heard, call => Assert.Equal(
            ("POST", "https://stripe.test/v1/customers", "Bearer rk_test_secret", "2026-10-28.endive", "customer-7-test", "metadata%5Buser_id%5D=7", "application/x-www-form-urlencoded"), call));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_tried_again_and_then_told()
    {
        using var stripe = new FakeStripe(null, null, null, Answer(200, Customer));
        var failure = await Assert.ThrowsAsync<StripeException>(() => stripe.Client.CustomerAsync("cus_1", CancellationToken.None));
        Assert.True(failure is { Status: 0, IsPassing: true });
        Assert.Equal(3, stripe.Heard.Count);
    }

    [Theory]
    [InlineData(400, null, 1)]
    [InlineData(401, null, 1)]
    [InlineData(402, null, 1)]
    [InlineData(404, null, 1)]
    [InlineData(302, null, 1)]
    [InlineData(429, null, 3)]
    [InlineData(500, "false", 1)]
    [InlineData(400, "true", 3)]
    public async Task What_is_worth_another_try_gets_one(int status, string? shouldRetry, int calls)
    {
        using var stripe = new FakeStripe(Answer(status, """{"error":{"type":"invalid_request_error","code":"resource_missing","param":"customer","message":"secret words"}}""", shouldRetry));
        var failure = await Assert.ThrowsAsync<StripeException>(() => stripe.Client.CustomerAsync("cus_1", CancellationToken.None));
        Assert.Equal((status, "invalid_request_error", "resource_missing", "customer", "req_1"), (failure.Status, failure.Type, failure.Code, failure.Param, failure.RequestId));
        Assert.Equal(calls, stripe.Heard.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("null")]
    [InlineData("""{"id":{}}""")]
    public async Task An_answer_that_cannot_be_read_is_a_failure(string body)
    {
        using var stripe = new FakeStripe(Answer(200, body));
        Assert.True((await Assert.ThrowsAsync<StripeException>(() => stripe.Client.CustomerAsync("cus_1", CancellationToken.None))).IsPassing);
    }

    [Fact]
    public async Task The_log_has_the_request_and_no_key_and_no_words_of_theirs()
    {
        using var stripe = new FakeStripe(Answer(402, """{"error":{"type":"card_error","code":"card_declined","message":"secret words"}}"""));
        await Assert.ThrowsAsync<StripeException>(() => stripe.Client.CustomerAsync("cus_1", CancellationToken.None));
        Assert.Contains("GET customers/cus_1: status 402, card_error card_declined, request req_1, attempt 1", stripe.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", stripe.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_read_whether_objects_are_expanded_or_not()
    {
        var session = JsonSerializer.Deserialize<SessionObject>("""
            {"id":"cs_1","livemode":false,"customer":{"id":"cus_1","deleted":true},"subscription":"sub_1","payment_intent":"pi_1","amount_total":null,"metadata":{"a":"b"}}
            """, StripeJson.Options)!;
        Assert.Equal(("cus_1", "sub_1", "pi_1"), (session.Customer, session.Subscription, session.PaymentIntent!.Id));
        var expanded = JsonSerializer.Deserialize<SessionObject>("""
            {"id":"cs_1","livemode":false,"customer":null,"subscription":null,"payment_intent":{"id":"pi_1","status":"succeeded","latest_charge":{"id":"ch_1","amount_refunded":7}}}
            """, StripeJson.Options)!;
        Assert.Equal((null, null, "pi_1", 7), (expanded.Customer, expanded.Subscription, expanded.PaymentIntent!.Id, expanded.PaymentIntent.LatestCharge!.AmountRefunded));
    }

    [SpecFact]
    public async Task Every_request_is_one_of_the_vendors_document()
    {
        await using var app = await TestApp.StartAsync();
        var (maya, payment) = await app.ToppedUpAsync();
        using var _ = maya;
        app.Stripe.Refund(payment, 100);
        app.Stripe.Dispute(payment);
        app.Stripe.Pay(await maya.ToProAsync());
        await app.HeardAllAsync();
        await maya.PressAsync("/billing/portal");
        await maya.ToTopUpAsync(50);
        await app.ReconcileAsync();
        await app.SqlAsync("UPDATE Users SET DeletedAt = 1");
        await app.RunAsync<StripeFarewell>("1");
        var spec = VendorSpec.Load("stripe");
        var calls = app.Stripe.Calls;

        Assert.All(calls, call => Assert.Equal(StripeClient.Version, call.Version));
        Assert.All(calls.Where(c => c.Method == "POST"), call => Assert.NotNull(call.IdempotencyKey));
        var unknown = calls.Where(call => !IsValid(spec, call)).Select(call => $"{call.Method} {call.Path.Split('/')[0]}").Distinct().Order();
        // The document was trimmed to less than is called here; of these the address alone is the request.
        Assert.Equal(["DELETE customers", "GET charges", "GET disputes", "GET invoices", "GET subscriptions", "POST checkout"], unknown);
        Assert.All(calls.Where(c => c.Method == "POST" && c.Path.StartsWith("checkout/sessions/", StringComparison.Ordinal)), c => Assert.EndsWith("/expire", c.Path));
        Assert.Contains(calls, c => c.Path == "checkout/sessions" && c.Parameters.Contains("subscription_data[metadata][purchase]", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.Path == "checkout/sessions" && c.Parameters.Contains("payment_intent_data[metadata][purchase]", StringComparison.Ordinal));
    }

    /// <summary>False where the document has no such address; fails where the request is none of its.</summary>
    private static bool IsValid(JsonSchema spec, StripeCall call)
    {
        var found = spec.Document.GetProperty("paths").EnumerateObject().FirstOrDefault(p => Fits(p.Name, "/v1/" + call.Path));
        if (found.Value.ValueKind != JsonValueKind.Object || !found.Value.TryGetProperty(call.Method.ToLowerInvariant(), out var operation)) return false;
        var sent = SentTree.Parse(call.Parameters);
        if (call.Method == "POST")
        {
            var schema = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/x-www-form-urlencoded").GetProperty("schema");
            spec.AssertValid(schema, sent.Json(spec, schema)!);
            return true;
        }
        var known = operation.GetProperty("parameters").EnumerateArray().Where(p => p.TryGetProperty("in", out var place) && place.GetString() == "query").ToDictionary(p => p.GetProperty("name").GetString()!);
        foreach (var (name, part) in sent.Parts)
        {
            Assert.True(known.ContainsKey(name), $"{call.Method} {call.Path} has no {name}.");
            var schema = known[name].GetProperty("schema");
            spec.AssertValid(schema, part.Json(spec, schema)!);
        }
        return true;
    }

    private static bool Fits(string template, string path)
    {
        var (a, b) = (template.Split('/'), path.Split('/'));
        return a.Length == b.Length && a.Zip(b).All(s => s.First.StartsWith('{') || s.First == s.Second);
    }

    private static Func<HttpResponseMessage> Answer(int status, string body = "", string? shouldRetry = null) => () =>
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        answer.Headers.Add("Request-Id", "req_1");
        if (shouldRetry is not null) answer.Headers.Add("Stripe-Should-Retry", shouldRetry);
        return answer;
    };

    /// <summary>What was sent, as the tree that its brackets say.</summary>
    private sealed class SentTree
    {
        public Dictionary<string, SentTree> Parts { get; } = [];
        private string? text;

        /// <param name="settled">One <c>name=length:value</c> a line.</param>
        public static SentTree Parse(string settled)
        {
            var root = new SentTree();
            for (var at = 0; at < settled.Length;)
            {
                var (equals, colon) = (settled.IndexOf('=', at), settled.IndexOf(':', at));
                var length = int.Parse(settled[(equals + 1)..colon], System.Globalization.CultureInfo.InvariantCulture);
                var node = root;
                foreach (var step in settled[at..equals].Replace("]", "", StringComparison.Ordinal).Split('['))
                    node = node.Parts.TryGetValue(step, out var next) ? next : node.Parts[step] = new SentTree();
                node.text = settled.Substring(colon + 1, length);
                at = colon + 1 + length + 1;
            }
            return root;
        }

        /// <summary>As JSON of the types that a schema wants; null where it does not fit.</summary>
        public string? Json(JsonSchema spec, JsonElement schema)
        {
            if (schema.TryGetProperty("$ref", out var reference)) return Json(spec, spec.Component(reference.GetString()!.Split('/')[^1]));
            if (schema.TryGetProperty("anyOf", out var branches)) return branches.EnumerateArray().Select(branch => Json(spec, branch)).FirstOrDefault(json => json is not null);
            return (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
            {
                "object" when text is null => "{" + string.Join(',', Parts.Select(p => $"{JsonSerializer.Serialize(p.Key)}:{p.Value.Json(spec, Of(schema, p.Key)) ?? "null"}")) + "}",
                "array" when text is null => "[" + string.Join(',', Parts.Select(p => p.Value.Json(spec, schema.GetProperty("items")) ?? "null")) + "]",
                "integer" or "number" => long.TryParse(text, out var number) ? $"{number}" : null,
                "boolean" => text is "true" or "false" ? text : null,
                _ => text is null ? null : JsonSerializer.Serialize(text),
            };
        }

        private static JsonElement Of(JsonElement schema, string name) =>
            schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var property) ? property
            : schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object ? others
            : throw new InvalidOperationException($"The document has no {name}.");
    }

    /// <summary>Answers one after the other, the last for good; null breaks the connection.</summary>
    private sealed class FakeStripe : HttpMessageHandler, ILogger<StripeClient>
    {
        private readonly Func<HttpResponseMessage>?[] answers;
        private readonly StringBuilder log = new();

        public FakeStripe(params Func<HttpResponseMessage>?[] answers)
        {
            this.answers = answers;
            var access = new StripeAccess(new Uri("https://stripe.test"), "rk_test_secret", [], "price_1");
            Client = new StripeClient(new HttpClient(this), new Upstreams(null!, false, false, false, () => access), TimeProvider.System, this);
        }

        public StripeClient Client { get; }
        public string Log => log.ToString();
        public List<(string Method, string Address, string? Key, string? Version, string? Idempotency, string Body, string? Type)> Heard { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string? Header(string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
            Heard.Add((request.Method.Method, request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString(), Header("Stripe-Version"), Header("Idempotency-Key"),
                request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken), request.Content?.Headers.ContentType?.MediaType));
            return answers[Math.Min(Heard.Count, answers.Length) - 1]?.Invoke() ?? throw new HttpRequestException("It broke.");
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.AppendLine($"{formatter(state, exception)} {exception}");
    }
}
