using System.Net;
using ChatMvc.Sandbox;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Http;

namespace ChatMvc.Tests.Sandbox;

public class SandboxEdgeTests : SandboxServer
{
    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("127.8.8.8", null, true)]
    [InlineData("::1", null, true)]
    [InlineData("::ffff:127.0.0.1", null, true)]
    [InlineData("::ffff:127.0.0.2", null, true)]
    [InlineData("10.0.0.1", null, false)]
    [InlineData("::ffff:10.0.0.1", null, false)]
    [InlineData(null, null, false)]
    [InlineData("127.0.0.1", "X-Forwarded-For", false)]
    [InlineData("127.0.0.1", "x-original-for", false)]
    [InlineData("127.0.0.1", "Forwarded", false)]
    public void Loopback_is_the_machine_itself_and_no_proxy_on_it(string? address, string? header, bool expected)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        if (header is not null)
            http.Request.Headers[header] = "127.0.0.1";
        Assert.Equal(expected, Loopback.Is(http));
    }

    [Theory]
    [InlineData("GET", "/sandbox")]
    [InlineData("GET", "/sandbox/openai/v1/models")]
    [InlineData("GET", "/sandbox/openai/v1/chat/completions")]
    [InlineData("POST", "/sandbox/openai/v1/chat/completions")]
    [InlineData("PUT", "/sandbox/openai/behaviour")]
    [InlineData("PATCH", "/sandbox/openai/behaviour")]
    [InlineData("GET", "/sandbox/openai/requests")]
    [InlineData("GET", "/sandbox/twilio/messages")]
    [InlineData("POST", "/sandbox/twilio/2010-04-01/Accounts/AC1/Messages.json")]
    [InlineData("POST", "/sandbox/stripe/v1/customers")]
    [InlineData("GET", "/sandbox/stripe/v1/events")]
    [InlineData("GET", "/sandbox/stripe/checkout/cs_test_1")]
    [InlineData("POST", "/sandbox/stripe/portal/bps_1")]
    [InlineData("GET", "/sandbox/stripe/invoice/in_1/pdf")]
    [InlineData("POST", "/sandbox/stripe/steer")]
    [InlineData("PUT", "/sandbox/stripe/webhooks")]
    [InlineData("GET", "/sandbox/nothing")]
    public async Task Whoever_comes_through_a_proxy_sees_nothing_but_404(string method, string path)
    {
        // The proxy's header is consumed by the middleware of a known proxy, and left as it is by an unknown one.
        foreach (var client in new[] { "203.0.113.7", "127.0.0.1", "not an address" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "X-Forwarded-For", client }, { "Authorization", "Bearer k" } } };
            using var response = await Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal("", await response.Content.ReadAsStringAsync());
            Assert.False(response.Headers.Contains("x-request-id") || response.Headers.Contains("Request-Id"));
        }
    }

    [Fact]
    public async Task The_page_says_what_it_is_and_shows_what_passed_encoded_and_without_scripts()
    {
        using var sms = await Sms(("To", "+14155550100"), ("From", SandboxTwilio.From), ("Body", "<script>alert(1)</script>"));
        await Answer("Hi");
        using var response = await Http.GetAsync("/sandbox");
        var html = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("+14155550100", html);
        Assert.Contains("&lt;script&gt;", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("style=", html);
        Assert.Contains("<td>gpt-6-luna</td><td>answer</td><td>done</td>", html);
        Assert.Contains("cutAfterTokens", html);
    }

    [Fact]
    public async Task A_steering_request_over_a_megabyte_is_refused()
    {
        using var response = await Http.PutAsync("/sandbox/openai/behaviour", new StringContent($$"""{"text":"{{new string('x', 1024 * 1024)}}"}"""));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }
}
