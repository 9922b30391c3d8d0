using System.Net.Http.Headers;
using System.Text;
using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

public class StripeApiTests : StripeServer
{
    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Bearer sk_test_other")]
    [InlineData("Bearer sk_live_sandbox")]
    [InlineData("Basic bm9ib2R5Og==")]
    [InlineData("Basic ???")]
    public async Task Without_the_key_nothing_is_told(string? authorization)
    {
        var reply = await Send(HttpMethod.Get, "customers", authorization, null);
        Assert.Equal((401, "invalid_request_error"), (reply.Status, reply.Error.Text("type")));
        Assert.DoesNotContain("sk_live_sandbox", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_may_also_come_as_the_user_of_basic_authentication()
    {
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(SandboxStripe.SecretKey + ":"));
        Assert.Equal(200, (await Send(HttpMethod.Get, "prices", basic, null)).Status);
    }

    [Fact]
    public async Task JSON_bodies_strange_brackets_and_too_much_are_refused()
    {
        var json = await Send(HttpMethod.Post, "customers", null, new StringContent("""{"email":"a@b.c"}""", Encoding.UTF8, "application/json"), keyed: true);
        Assert.Equal((400, "invalid_request_error"), (json.Status, json.Error.Text("type")));
        foreach (var name in new[] { "metadata[a", "metadata]a[", "[a]", "a[b][c][d][e][f][g]", "metadata[[a]]" })
            Assert.Equal(400, (await Post("customers", (name, "x"))).Status);
        Assert.Equal(413, (await Post("customers", ("description", new string('x', 64 * 1024)))).Status);
        Assert.Equal(400, (await Post("customers", ("description", new string('x', 5_001)))).Status);
        Assert.Empty(Stripe.All("customer"));
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_and_the_version_and_other_versions_are_refused()
    {
        var reply = await Get("prices");
        Assert.Matches("^req_[A-Za-z0-9]{14}$", reply.Headers["Request-Id"]);
        Assert.Equal(SandboxStripe.ApiVersion, reply.Headers["Stripe-Version"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbox/stripe/v1/prices");
        request.Headers.Add("Authorization", $"Bearer {SandboxStripe.SecretKey}");
        request.Headers.Add("Stripe-Version", "2024-06-20");
        using var other = await Http.SendAsync(request);
        Assert.Equal(400, (int)other.StatusCode);
    }

    [Theory]
    [InlineData("customers", "emial", "a@b.c", "parameter_unknown")]
    [InlineData("customers", "email", "nobody", "email_invalid")]
    [InlineData("checkout/sessions", "mode", "", "parameter_missing")]
    [InlineData("billing_portal/sessions", "customer", "cus_none", "resource_missing")]
    [InlineData("billing_portal/sessions", "customer", "", "parameter_missing")]
    [InlineData("refunds", "charge", "ch_none", "resource_missing")]
    [InlineData("refunds", "amount", "1", "parameter_missing")]
    public async Task What_is_wrong_is_named(string path, string name, string value, string code)
    {
        var reply = await Post(path, (name, value));
        Assert.Equal((400, code), (reply.Status, reply.Error.Text("code")));
    }

    [Fact]
    public async Task An_unknown_id_is_404_in_the_address_and_400_as_a_parameter()
    {
        var missing = await Get("subscriptions/sub_none");
        Assert.Equal((404, "resource_missing", "id"), (missing.Status, missing.Error.Text("code"), missing.Error.Text("param")));
        Assert.Equal(404, (await Get("coupons")).Status);
        Assert.Equal(404, (await Get($"subscriptions/{await Customer()}")).Status);
        Assert.Equal(400, (await Post("checkout/sessions", ForPro("cus_none"))).Status);
    }

    [SpecFact]
    public async Task Errors_and_lists_are_the_documents()
    {
        var spec = VendorSpec.Load("stripe");
        spec.AssertValid("error", (await Post("customers", ("emial", "x"))).Text);
        await Customer();
        foreach (var path in new[] { "/v1/prices", "/v1/events", "/v1/invoice_payments" })
        {
            var schema = spec.Document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
            spec.AssertValid(schema, (await Get(path["/v1/".Length..])).Text);
        }
    }

    [Fact]
    public async Task The_same_key_gives_the_same_answer_and_does_the_work_once()
    {
        var first = await Call(HttpMethod.Post, "customers", "customer-7", ("email", "maya@example.org"), ("name", "Maya"));
        var again = await Call(HttpMethod.Post, "customers", "customer-7", ("name", "Maya"), ("email", "maya@example.org"));
        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.Equal(("true", first.Headers["Request-Id"]), (again.Headers["Idempotent-Replayed"], again.Headers["Original-Request"]));
        Assert.False(first.Headers.ContainsKey("Idempotent-Replayed"));
        Assert.Single(Stripe.All("customer"));

        var other = await Call(HttpMethod.Post, "customers", "customer-7", ("email", "maya@example.com"));
        Assert.Equal((400, "idempotency_error"), (other.Status, other.Error.Text("type")));
        var elsewhere = await Call(HttpMethod.Post, "billing_portal/sessions", "customer-7", ("email", "maya@example.org"), ("name", "Maya"));
        Assert.Equal("idempotency_error", elsewhere.Error.Text("type"));
        Time.Advance(TimeSpan.FromHours(25));
        Assert.NotEqual(first.Json.Id(), (await Call(HttpMethod.Post, "customers", "customer-7", ("email", "maya@example.com"))).Json.Id());
        Assert.Equal(400, (await Call(HttpMethod.Post, "customers", new string('k', 256), ("name", "Maya"))).Status);
    }

    [Fact]
    public async Task What_was_refused_does_not_use_up_its_key()
    {
        Assert.Equal(400, (await Call(HttpMethod.Post, "customers", "k-1", ("email", "nobody"))).Status);
        Assert.Equal(200, (await Call(HttpMethod.Post, "customers", "k-1", ("email", "maya@example.org"))).Status);
    }

    [Fact]
    public async Task A_twin_of_a_call_on_its_way_is_told_to_wait()
    {
        Stripe.Behaviour = new() { DelayMs = 10_000, Times = 1 };
        var first = Call(HttpMethod.Post, "customers", "k-2", ("name", "Maya"));
        while (Stripe.Behaviour.Times is not null) await Task.Delay(10);
        var twin = await Call(HttpMethod.Post, "customers", "k-2", ("name", "Maya"));
        Assert.Equal((409, "idempotency_key_in_use"), (twin.Status, twin.Error.Text("code")));
        await StopAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => first);
    }

    [Fact]
    public async Task Lists_come_newest_first_in_pages_and_filtered()
    {
        for (var i = 0; i < 5; i++) await Made("customers", ("name", $"Number {i}"));
        var first = await Read("customers", ("limit", "2"));
        Assert.Equal(["Number 4", "Number 3"], first.Data().Select(c => c.Text("name")));
        Assert.True(first.GetProperty("has_more").GetBoolean());
        var next = await Read("customers", ("limit", "3"), ("starting_after", first.Data()[1].Id()));
        Assert.Equal(["Number 2", "Number 1", "Number 0"], next.Data().Select(c => c.Text("name")));
        Assert.False(next.GetProperty("has_more").GetBoolean());
        var back = await Read("customers", ("limit", "2"), ("ending_before", next.Data()[1].Id()));
        Assert.Equal(["Number 3", "Number 2"], back.Data().Select(c => c.Text("name")));
        foreach (var (name, value) in new[] { ("limit", "0"), ("limit", "101"), ("limit", "x"), ("starting_after", "cus_none"), ("shape", "round") })
            Assert.Equal(400, (await Get("customers", (name, value))).Status);

        var events = await Read("events", ("type", "customer.created"), ("created[gte]", $"{Time.GetUtcNow().ToUnixTimeSeconds() - 60}"));
        Assert.Equal(5, events.Data().Count);
        Assert.Empty((await Read("events", ("created[lt]", $"{Time.GetUtcNow().ToUnixTimeSeconds() - 60}"))).Data());
        Assert.Empty((await Read("events", ("types[]", "invoice.paid"), ("types[]", "charge.*"))).Data());
        Time.Advance(TimeSpan.FromDays(31));
        Assert.Empty((await Read("events")).Data());
        Assert.Single((await Read("prices", ("lookup_keys[]", "pro"), ("active", "true"), ("expand[]", "data.product"))).Data());
        Assert.Empty((await Read("prices", ("lookup_keys[]", "basic"))).Data());
    }

    [Fact]
    public async Task A_customer_is_changed_key_by_key_and_deleting_it_cancels_its_subscription()
    {
        var (customer, subscription) = await Subscribed();
        var changed = await Made($"customers/{customer}", ("email", ""), ("metadata[user_id]", ""), ("metadata[plan]", "pro"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, changed.GetProperty("email").ValueKind);
        Assert.Equal("""{"plan":"pro"}""", changed.GetProperty("metadata").GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(400, (await Post($"customers/{customer}", ("name", "Max"), ("email", "nobody"))).Status);
        Assert.Equal("Maya", (await Read($"customers/{customer}")).Text("name"));

        var deleted = await Call(HttpMethod.Delete, $"customers/{customer}", null);
        Assert.True(deleted.Json.GetProperty("deleted").GetBoolean());
        Assert.Equal("canceled", (await Read($"subscriptions/{subscription}")).Text("status"));
        Assert.True((await Read($"customers/{customer}")).GetProperty("deleted").GetBoolean());
        Assert.Equal(404, (await Post($"customers/{customer}", ("name", "Max"))).Status);
        Assert.Equal(404, (await Call(HttpMethod.Delete, $"customers/{customer}", null)).Status);
        Assert.Equal(400, (await Post("checkout/sessions", ForPro(customer))).Status);
        Assert.Equal(["customer.deleted", "customer.subscription.deleted"], Stripe.Events.Take(2).Select(e => (string)e["type"]!));
    }

    [Fact]
    public async Task Only_what_refers_to_something_can_be_expanded()
    {
        var (_, subscription) = await Subscribed();
        var whole = await Read($"subscriptions/{subscription}", ("expand[]", "customer"), ("expand[]", "items.data.price.product"));
        Assert.Equal("Maya", whole.GetProperty("customer").Text("name"));
        Assert.Equal("Pro", whole.GetProperty("items").Data()[0].GetProperty("price").GetProperty("product").Text("name"));
        foreach (var path in new[] { "status", "nothing", "_card", "customer.nothing", "a.b.c.d.e" })
            Assert.Equal(400, (await Get($"subscriptions/{subscription}", ("expand[]", path))).Status);
    }

    [Fact]
    public async Task Calls_are_kept_for_tests_with_their_keys_and_without_secrets()
    {
        await Call(HttpMethod.Post, "customers", "k-3", ("name", "Maya"));
        var call = Stripe.Calls[^1];
        Assert.Equal(("POST", "customers", "k-3", 200, "name=4:Maya\n"), (call.Method, call.Path, call.IdempotencyKey, call.Status, call.Parameters));
        Assert.DoesNotContain(SandboxStripe.SecretKey, await Http.GetStringAsync("/sandbox/stripe/calls"), StringComparison.Ordinal);
    }

    private async Task<StripeReply> Send(HttpMethod method, string path, string? authorization, HttpContent? content, bool keyed = false)
    {
        using var request = new HttpRequestMessage(method, $"/sandbox/stripe/v1/{path}") { Content = content };
        if (keyed) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SandboxStripe.SecretKey);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await Http.SendAsync(request);
        return await StripeReply.OfAsync(response);
    }
}
