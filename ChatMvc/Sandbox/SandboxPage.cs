using System.Globalization;
using System.Net;
using System.Text;
using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Sandbox;

/// <summary>What the sandbox is, what passed through it last, and how to steer it: one plain page at <c>/sandbox</c>.</summary>
internal static class SandboxPage
{
    private const int Shown = 25;

    public static Task Write(HttpContext http)
    {
        var openAI = http.RequestServices.GetRequiredService<SandboxOpenAI>();
        var twilio = http.RequestServices.GetRequiredService<SandboxTwilio>();
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Sandbox</title>
              <link rel="stylesheet" href="{Encoded(http.Request.PathBase)}/lib/site.css">
              <link rel="stylesheet" href="{Encoded(http.Request.PathBase)}/lib/sandbox.css">
            </head>
            <body>
            <main class="sandbox">
            <h1>Sandbox</h1>
            <p>OpenAI, Twilio and Stripe, spoken from inside this server in the vendors’ own wire formats. An upstream without a
              key is served from here: nothing leaves this machine, no text message is delivered, no money moves, and answers
              come from a box of recipes and not from a model. This page answers loopback only.</p>
            <h2>Last text messages</h2>
            {Messages(twilio)}
            <h2>Last requests to the model</h2>
            <p>Since the start: answers {openAI.Calls.Answers}, titles {openAI.Calls.Titles}; running now: {openAI.Calls.Running}.</p>
            {Calls(openAI)}
            {StripePanel.Html(http.RequestServices.GetRequiredService<SandboxStripe>())}
            <h2>Steering it</h2>
            <p>Send JSON with <code>PUT</code>; <code>DELETE</code> goes back to normal. With <code>times</code> it holds for so many requests.</p>
            <pre><code>{Encoded(Examples(http))}</code></pre>
            <p>For the model: {Names(typeof(OpenAIBehaviour))}.</p>
            <p>For text messages: {Names(typeof(TwilioBehaviour))}.</p>
            <p>For calls of Stripe: {Names(typeof(StripeBehaviour))}; for its events, by <code>/sandbox/stripe/webhooks</code>: {Names(typeof(StripeDelivery))}.</p>
            <p><code>GET</code> lists and <code>DELETE</code> clears <code>/sandbox/openai/requests</code> and
              <code>/sandbox/twilio/messages</code>; <code>/sandbox/openai/counts</code> and <code>/sandbox/twilio/counts</code> count since the start.</p>
            </main>
            </body>
            </html>

            """, http.RequestAborted);
    }

    private static string Messages(SandboxTwilio twilio) => Table(["To", "Time", "Text", "State", "Reports"],
        twilio.Messages.Reverse().Take(Shown).Select(message => new[] { Encoded(message.To), Time(message.CreatedAt), Encoded(message.Body), State(message.Status, message.ErrorCode), Reports(message) }),
        "No text message yet.");

    private static string State(string status, int? code) => code is null ? status : $"{status} ({code})";

    private static string Reports(SandboxMessage message) => message.Reports.Count == 0
        ? "none yet"
        : string.Join(", ", message.Reports.Select(report => $"{report.Status}, answered {report.Answer?.ToString(CultureInfo.InvariantCulture) ?? "not at all"}"));

    private static string Calls(SandboxOpenAI openAI) => Table(["Time", "Model", "Kind", "State", "Tokens in", "Tokens out"],
        openAI.Calls.Snapshot().Reverse().Take(Shown).Select(call => new[]
        {
            Time(call.ReceivedAt), Encoded(call.Model), OpenAICalls.Word(call.Kind), OpenAICalls.Word(call.State),
            $"{call.PromptTokens}", $"{call.CompletionTokens}",
        }),
        "No request yet.");

    internal static string Table(string[] heads, IEnumerable<string[]> rows, string none)
    {
        var body = new StringBuilder();
        foreach (var row in rows)
            body.Append(CultureInfo.InvariantCulture, $"<tr>{string.Concat(row.Select(cell => $"<td>{cell}</td>"))}</tr>\n");
        return body.Length == 0
            ? $"<p>{none}</p>"
            : $"<div class=\"scroll\"><table>\n<thead><tr>{string.Concat(heads.Select(head => $"<th scope=\"col\">{head}</th>"))}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>";
    }

    private static string Examples(HttpContext http)
    {
        var here = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}/sandbox";
        return $$"""
            curl -X PUT {{here}}/openai/behaviour -d '{"text":"Hello","tokenDelayMs":0}'
            curl -X PUT {{here}}/openai/behaviour -d '{"status":503,"times":1}'
            curl -X PUT {{here}}/openai/behaviour -d '{"cutAfterTokens":20,"times":1}'
            curl -X PUT {{here}}/twilio/behaviour -d '{"code":21610,"times":1}'
            curl -X PUT {{here}}/twilio/behaviour -d '{"report":"undelivered","reportCode":30006,"times":1}'
            curl -X PUT {{here}}/stripe/behaviour -d '{"status":500,"path":"checkout/sessions","done":true,"times":1}'
            curl -X PUT {{here}}/stripe/webhooks -d '{"copies":2,"backwards":true}'
            curl {{here}}/stripe/steer -d do=renew -d id=sub_…
            curl -X DELETE {{here}}/openai/behaviour
            """;
    }

    private static string Names(Type behaviour) => string.Join(", ", behaviour.GetProperties()
        .Where(property => property.CanWrite)
        .Select(property => $"<code>{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name)}</code>"));

    internal static string Time(DateTimeOffset at) =>
        $"<time datetime=\"{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}\">{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC</time>";

    internal static string Encoded(string? text) => WebUtility.HtmlEncode(text) ?? "";
}
