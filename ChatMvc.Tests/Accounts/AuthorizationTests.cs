using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Chats;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

/// <summary>Every route that the app knows, asked for by who has no business there: one that is new is in it by itself.</summary>
public sealed partial class AuthorizationTests : IAsyncLifetime
{
    private const string ExportKey = "abcdefghijklmnop12345678";
    /// <summary>What anybody may open, by the beginning of its address.</summary>
    private static readonly string[] OpenToAll = ["/signin", "/password/", "/healthz", "/readyz", "/metrics", "/webhooks/", "/sandbox", "/error/"];
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("RateLimits:Enabled=false");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_stranger_is_sent_to_sign_in_from_every_route_that_is_not_open_to_all()
    {
        using var stranger = new Visitor(app.Address);
        var (token, asked) = (await TokenAsync(stranger), 0);
        foreach (var path in Paths("abcdefghijklmnop", "1", ExportKey).Where(p => p != "/" && !OpenToAll.Any(o => p.StartsWith(o, StringComparison.Ordinal))))
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                var answer = await stranger.SendAsync(method, path, method == HttpMethod.Post ? token : null, []);
                Assert.True(answer.Status is 404 or 405 || answer is { Status: 303, Location: not null } && answer.Location.StartsWith("/signin", StringComparison.Ordinal),
                    $"{method} {path}: {answer.Status} {answer.Location}");
                asked++;
            }
        }
        Assert.InRange(asked, 50, 2_000);
    }

    [Fact]
    public async Task To_anybody_else_what_is_ones_own_is_as_if_it_never_was()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("A secret");
        var answer = await maya.LastAnswerAsync(chat);
        await app.SqlAsync($"INSERT INTO AccountExports (UserId, Key, State, CreatedAt, FinishedAt, ChatsInAll, ChatsDone) SELECT Id, '{ExportKey}', 'Done', 1, {app.Time.GetUtcNow().ToUnixTimeMilliseconds()}, 1, 1 FROM Users");
        var before = (await maya.GetAsync(chat)).Document.QuerySelectorAll("article").Length;
        using var noor = await app.SignInAsAsync("Noor");
        var (token, asked) = (await TokenAsync(noor), 0);
        string[] mayas = [.. Paths(chat["/chats/".Length..], answer.Id![2..], ExportKey)], nobodys = [.. Paths("abcdefghijklmnop", "987654321", "zyxwvutsrqponmlk87654321")];
        foreach (var (hers, none) in mayas.Zip(nobodys).Where(p => p.First != p.Second && !p.First.StartsWith("/sandbox", StringComparison.Ordinal)))
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                var fields = method == HttpMethod.Post ? token : null;
                var (real, made) = (await noor.SendAsync(method, hers, fields, []), await noor.SendAsync(method, none, fields, []));
                Assert.True(real.Status is 404 or 405, $"{method} {hers}: {real.Status} {real.Location}");
                Assert.Equal(Shape(made), Shape(real));
                asked++;
            }
        }
        Assert.InRange(asked, 20, 2_000);
        Assert.Equal(before, (await maya.GetAsync(chat)).Document.QuerySelectorAll("article").Length);
    }

    /// <summary>The address of each route and of each of its pages' handlers.</summary>
    private IEnumerable<string> Paths(string chat, string message, string export)
    {
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<StaticAssetDescriptor>() is not null) continue;
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/');
            path = Key().Replace(path, path.StartsWith("/account/export", StringComparison.Ordinal) ? export : chat);
            path = Regex.Replace(path, "{mid[^}]*}", message);
            foreach (var handler in Handler().IsMatch(path) ? Handlers : [""]) yield return Rest().Replace(Handler().Replace(path, handler), "200");
        }
    }

    private static readonly string[] Handlers = ["", .. typeof(Program).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PageModel)))
        .SelectMany(t => t.GetMethods()).Select(m => HandlerName().Match(m.Name)).Where(m => m.Success).Select(m => m.Groups[1].Value.ToLowerInvariant()).Distinct().Order()];

    private static async Task<Dictionary<string, string>> TokenAsync(Visitor visitor)
    {
        var page = await visitor.GetAsync("/signin");
        if (page.Status == 303) page = await visitor.GetAsync("/signout");
        return new() { ["__RequestVerificationToken"] = page.Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value };
    }

    private static string Shape(Answer answer)
    {
        var headers = answer.Headers.Where(h => h.Key is not "Date" and not "Set-Cookie").OrderBy(h => h.Key).Select(h => $"{h.Key}: {h.Value[0]}");
        return $"{answer.Status} {answer.Location} {string.Join(' ', headers)}\n{answer.Text}";
    }

    [GeneratedRegex("{key[^}]*}")]
    private static partial Regex Key();

    [GeneratedRegex(@"\{handler(:regex\([^)]*\)[^}]*|[^}]*)\}")]
    private static partial Regex Handler();

    [GeneratedRegex("{[^}]*}")]
    private static partial Regex Rest();

    [GeneratedRegex("^OnPost(.+?)(Async)?$")]
    private static partial Regex HandlerName();
}
