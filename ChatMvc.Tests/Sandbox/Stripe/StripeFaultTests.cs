using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>Calls that go wrong, with and without their work done.</summary>
public class StripeFaultTests : StripeServer
{
    [Fact]
    public async Task A_fault_does_nothing_and_falls_away()
    {
        await SandboxServerSteer("""{"status":500,"times":1,"shouldRetry":true}""");
        var failed = await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"));
        Assert.Equal((500, "api_error", "true"), (failed.Status, failed.Error.Text("type"), failed.Headers["Stripe-Should-Retry"]));
        Assert.Empty(Stripe.All("customer"));
        var taken = await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"));
        Assert.Equal((200, false), (taken.Status, taken.Headers.ContainsKey("Idempotent-Replayed")));
    }

    [Fact]
    public async Task A_fault_after_the_work_loses_the_answer_alone_and_the_key_brings_it_back()
    {
        await SandboxServerSteer("""{"status":500,"done":true,"times":1}""");
        Assert.Equal(500, (await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"))).Status);
        Assert.Single(Stripe.All("customer"));
        var again = await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"));
        Assert.Equal((200, "true"), (again.Status, again.Headers["Idempotent-Replayed"]));
        Assert.Equal(((string)Stripe.All("customer").Single()["id"]!, true), (again.Json.Id(), Stripe.Calls[^1].Replayed));
    }

    [Fact]
    public async Task A_fault_may_be_kept_under_its_key()
    {
        await SandboxServerSteer("""{"status":500,"kept":true,"times":1}""");
        for (var i = 0; i < 2; i++) Assert.Equal(500, (await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"))).Status);
        Assert.Equal(200, (await Call(HttpMethod.Post, "customers", "k-2", ("name", "Maya"))).Status);
        Assert.Single(Stripe.All("customer"));
    }

    [Fact]
    public async Task A_silent_call_has_done_its_work_when_it_is_told_to()
    {
        await SandboxServerSteer("""{"hang":true,"done":true,"times":1}""");
        using var patience = new CancellationTokenSource();
        var calling = Call(HttpMethod.Post, "customers", "k", ("name", "Maya"));
        while (Stripe.All("customer").Count == 0) await Task.Delay(10);
        Assert.False(calling.IsCompleted);
        await RestartAsync();
        // Torn down by the other side, or by ours with the server.
        Assert.True(await Record.ExceptionAsync(() => calling) is HttpRequestException or OperationCanceledException);
        Assert.Equal("true", (await Call(HttpMethod.Post, "customers", "k", ("name", "Maya"))).Headers["Idempotent-Replayed"]);
    }

    [Theory]
    [InlineData(401, "invalid_request_error")]
    [InlineData(402, "card_error")]
    [InlineData(409, "invalid_request_error")]
    [InlineData(429, "invalid_request_error")]
    [InlineData(503, "api_error")]
    public async Task A_fault_holds_for_some_calls_alone(int status, string type)
    {
        await SandboxServerSteer($$"""{"status":{{status}},"path":"checkout/sessions","method":"POST","retryAfterSeconds":7}""");
        var customer = await Customer();
        var failed = await Post("checkout/sessions", ForPro(customer));
        Assert.Equal((status, type, "7"), (failed.Status, failed.Error.Text("type"), failed.Headers["Retry-After"]));
        Assert.Empty((await Read("checkout/sessions")).Data());
        await Http.DeleteAsync("/sandbox/stripe/behaviour");
        await Made("checkout/sessions", ForPro(customer));
    }

    [Theory]
    [InlineData("behaviour", """{"status":200}""")]
    [InlineData("behaviour", """{"done":true}""")]
    [InlineData("behaviour", """{"colour":"red"}""")]
    [InlineData("webhooks", """{"copies":0}""")]
    [InlineData("webhooks", """{"delayMs":-1}""")]
    public async Task Steering_that_makes_no_sense_is_refused(string what, string json)
    {
        using var refused = await Http.PutAsync($"/sandbox/stripe/{what}", new StringContent(json));
        Assert.Equal(400, (int)refused.StatusCode);
        using var unknown = await Http.PostAsync("/sandbox/stripe/steer", new FormUrlEncodedContent([KeyValuePair.Create("do", "dance")]));
        Assert.Equal(400, (int)unknown.StatusCode);
    }

    private Task SandboxServerSteer(string json) => Steer("stripe", json);
}
