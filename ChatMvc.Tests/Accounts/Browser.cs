using System.Globalization;

namespace ChatMvc.Tests.Accounts;

/// <summary>What a <see cref="Visitor"/> does at the door, step by step and also wrongly.</summary>
public sealed class Browser : IDisposable
{
    private readonly Uri address;
    private readonly Visitor visitor;

    /// <param name="address">Of the server.</param>
    /// <param name="from">Where the browser is, as a proxy on this machine tells it; null for this machine itself.</param>
    public Browser(Uri address, string? from = null)
    {
        (this.address, visitor) = (address, new Visitor(address));
        if (from is not null) visitor.Http.DefaultRequestHeaders.Add("X-Forwarded-For", from);
    }

    public System.Net.CookieContainer Cookies => visitor.Cookies;

    public string? Cookie(string name) => Cookies.GetCookies(address)[name]?.Value;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => visitor.GetAsync(path, headers);

    /// <summary>Posts fields with a good token.</summary>
    public async Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) =>
        await PostBareAsync(path, [], [.. fields, ("__RequestVerificationToken", await TokenAsync())]);

    public Task<Answer> PostBareAsync(string path, (string Name, string Value)[] headers, params (string Name, string Value)[] fields) =>
        visitor.SendAsync(HttpMethod.Post, path, fields.ToDictionary(f => f.Name, f => f.Value), headers);

    public Task<Answer> AskAsync(string phone, string? returnUrl = null) =>
        PostAsync("/signin", returnUrl is null ? [("phone", phone)] : [("phone", phone), ("returnUrl", returnUrl)]);

    public Task<Answer> TypeAsync(string code) => PostAsync("/signin/code", ("code", code));

    /// <summary>The code that the sandbox shows on the page.</summary>
    public async Task<string> CodeAsync()
    {
        // Each look waits three seconds for the text message, which a busy machine may send later.
        const int Looks = 10;
        for (var look = 1; ; look++)
        {
            var page = await GetAsync("/signin/code");
            if (page.Document.QuerySelector("#sandbox-code")?.TextContent is { } code) return code;
            if (look == Looks) throw new InvalidOperationException($"No code on the page:\n{page.Text}");
        }
    }

    public async Task SignInAsync(string phone)
    {
        Assert.Equal(303, (await AskAsync(phone)).Status);
        Assert.Equal(303, (await TypeAsync(await CodeAsync())).Status);
        Assert.Equal(200, (await GetAsync("/me")).Status);
    }

    public void Dispose() => visitor.Dispose();

    // Any page with a form will do; signed in, the sign-in page has none.
    private async Task<string> TokenAsync()
    {
        var page = await GetAsync("/signin");
        if (page.Status == 303) page = await GetAsync("/signout");
        return page.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
    }
}

public static class RefusedAnswers
{
    extension(Answer answer)
    {
        public string Error => answer.Document.QuerySelector("[data-notice=error]")?.TextContent.Trim() ?? "";

        /// <summary>Seconds.</summary>
        public int RetryAfter => int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture);
    }
}
