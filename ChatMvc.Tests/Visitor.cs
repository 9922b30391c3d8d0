using System.Net;
using System.Security.Cryptography.X509Certificates;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace ChatMvc.Tests;

/// <summary>A person at a browser without scripts: keeps cookies, follows no redirect by itself, fills in the forms it sees.</summary>
public sealed class Visitor(Uri address, X509Certificate2? trusted = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SocketsHttpHandler handler = new()
    {
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = 100,
        SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => trusted?.GetCertHashString() == shown?.GetCertHashString() },
    };
    private HttpClient? http;

    public HttpClient Http => http ??= new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    public CookieContainer Cookies => handler.CookieContainer;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    /// <summary>Submits a form with what stands in it, except for the fields given here.</summary>
    public Task<Answer> SubmitAsync(IHtmlFormElement form, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, form.GetAttribute("action")!, Fields(form, fields), []);

    public Task<Answer> SubmitByHtmxAsync(IHtmlFormElement form, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, form.GetAttribute("action")!, Fields(form, fields), [("HX-Request", "true")]);

    /// <summary>What stands in a form, with these fields in place of its own.</summary>
    public static Dictionary<string, string> Fields(IHtmlFormElement form, params (string Name, string Value)[] fields)
    {
        var all = new Dictionary<string, string>();
        foreach (var input in form.QuerySelectorAll<IHtmlInputElement>("input[name]")) all[input.Name!] = input.Value;
        foreach (var area in form.QuerySelectorAll<IHtmlTextAreaElement>("textarea[name]")) all[area.Name!] = area.Value;
        foreach (var select in form.QuerySelectorAll<IHtmlSelectElement>("select[name]")) all[select.Name!] = select.Value ?? "";
        foreach (var (name, value) in fields) all[name] = value;
        return all;
    }

    public async Task SignInAsync(string phone)
    {
        var page = await GetAsync("/signin");
        var asked = await SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!, ("phone", phone));
        Assert.Equal(303, asked.Status);
        var (code, digits) = await CodeAsync(asked.Location!);
        Assert.Equal(303, (await SubmitAsync(code.Document.QuerySelector<IHtmlFormElement>("form:has([name=code])")!, ("code", digits))).Status);
    }

    // The page waits three seconds for the text message, which a busy machine may send later.
    private async Task<(Answer Page, string Digits)> CodeAsync(string path)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var page = await GetAsync(path);
            if (page.Document.QuerySelector("#sandbox-code")?.TextContent is { } digits) return (page, digits);
            Assert.True(DateTime.UtcNow < until, $"No code on the page:\n{page.Text}");
        }
    }

    /// <summary>Starts a chat and returns its path.</summary>
    public async Task<string> StartChatAsync(string text)
    {
        var answer = await SubmitAsync((await GetAsync("/chats")).Compose, ("text", text));
        Assert.True(answer.Status == 303, $"Status {answer.Status}:\n{answer.Text}");
        return answer.Location!;
    }

    /// <summary>Sends a message in a chat.</summary>
    public async Task<Answer> SayAsync(string chat, string text) => await SubmitAsync((await GetAsync(chat)).Compose, ("text", text));

    /// <summary>Loads the room until its last answer has ended.</summary>
    public async Task<IElement> LastAnswerAsync(string chat)
    {
        var until = DateTime.UtcNow + Patience;
        for (var look = 1; ; look++)
        {
            var page = await GetAsync(chat);
            Assert.True(page.Status == 200, $"Status {page.Status}:\n{page.Text}");
            var last = page.Document.QuerySelectorAll("article[data-role=assistant]")[^1];
            if (last.GetAttribute("data-state") is "done" or "stopped" or "failed") return last;
            Assert.True(DateTime.UtcNow < until, $"The answer stayed {last.GetAttribute("data-state")}.");
            // A whole page each time: rarer, the longer it takes.
            await Task.Delay(Math.Min(300, 40 * look));
        }
    }

    public async Task<IElement> AnswerInStateAsync(string chat, string state)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var last = (await GetAsync(chat)).Document.QuerySelectorAll("article[data-role=assistant]")[^1];
            if (last.GetAttribute("data-state") == state) return last;
            Assert.True(DateTime.UtcNow < until, $"The answer stayed {last.GetAttribute("data-state")}.");
            await Task.Delay(20);
        }
    }

    public void Dispose()
    {
        http?.Dispose();
        handler.Dispose();
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, Dictionary<string, string>? fields, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (fields is not null) request.Content = new FormUrlEncodedContent(fields);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString,
            response.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase))
        { ContentHeaders = response.Content.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase) };
    }
}

/// <summary>What a page of chats holds.</summary>
public static class ChatPages
{
    extension(Answer page)
    {
        public IHtmlFormElement Compose => page.Document.QuerySelector<IHtmlFormElement>("form#compose")
            ?? throw new InvalidOperationException($"No message box (status {page.Status}):\n{page.Text}");

        public string Allowance => System.Text.RegularExpressions.Regex.Replace(page.Document.QuerySelector("#allowance")?.TextContent ?? "", @"\s+", " ").Trim();

        public string? Notice(string kind) => page.Document.QuerySelector($"[data-notice={kind}]")?.TextContent.Trim();
    }

    public static string Body(this IElement article) => article.QuerySelector(".message-body")!.TextContent.Trim();

    public static string State(this IElement article) => article.GetAttribute("data-state")!;

    public static IHtmlFormElement Form(this IElement article, string action) =>
        article.QuerySelector<IHtmlFormElement>($"form[action$='/{action}']") ?? throw new InvalidOperationException($"No form {action} in {article.OuterHtml}");
}

/// <summary>What came back for a request.</summary>
public sealed record Answer(int Status, string Text, string? Location, Dictionary<string, string[]> Headers)
{
    public IHtmlDocument Document => field ??= new HtmlParser().ParseDocument(Text);

    public Dictionary<string, string[]> ContentHeaders { get; init; } = [];

    public string? ContentHeader(string name) => ContentHeaders.TryGetValue(name, out var values) ? string.Join("; ", values) : null;

    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join("; ", values) : null;
}
