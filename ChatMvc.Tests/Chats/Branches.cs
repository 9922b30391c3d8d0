using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>What tests of branches ask and do again and again.</summary>
public static class Branches
{
    /// <summary>The page of one message of a chat.</summary>
    public static Task<Answer> MessagePageAsync(this Visitor me, string chat, long id) => me.GetAsync($"{RoomOf(chat)}/messages/{id}");

    /// <summary>Submits a form of a message's own page.</summary>
    public static async Task<Answer> ActAsync(this Visitor me, string chat, long id, string action, params (string Name, string Value)[] fields)
    {
        var page = await me.MessagePageAsync(chat, id);
        var form = page.Document.QuerySelector<IHtmlFormElement>($"form[action$='/{action}']");
        Assert.True(form is not null, $"No form {action} (status {page.Status}):\n{page.Text}");
        return await me.SubmitAsync(form!, fields);
    }

    extension(Answer page)
    {
        public IReadOnlyList<string> Bodies => [.. page.Document.QuerySelectorAll("#log > article").Select(a => a.Body())];

        public IReadOnlyList<long> Ids => [.. page.Document.QuerySelectorAll("#log > article").Select(a => a.MessageId())];

        public IElement Article(long id) => page.Document.GetElementById($"m-{id}") ?? throw new InvalidOperationException($"No message {id}:\n{page.Text}");
    }

    /// <summary>Reads on until the page shows the very articles of another.</summary>
    public static Task UntilShowsAsync(this RoomFollower follower, Answer page)
    {
        var expected = RoomFollower.Articles(page.Document);
        return follower.UntilAsync(f => RoomFollower.Articles(f.Page).SequenceEqual(expected));
    }

    /// <summary>As "2 of 3"; null of one that stands alone.</summary>
    public static string? Place(this IElement article) => article.QuerySelector(".branches > span")?.TextContent;

    /// <summary>Where the arrow leads, without its fragment.</summary>
    public static string? Arrow(this IElement article, string rel) => article.QuerySelector($".branches [rel={rel}]")?.GetAttribute("href")!.Split('#')[0];

    public static string RoomOf(string chat) => chat.Split('#', '?')[0];

    /// <summary>What the upstream was sent last, role and text.</summary>
    public static IReadOnlyList<(string Role, string Text)> LastPrompt(this TestApp app) =>
        [.. JsonDocument.Parse(app.LastHeard()).RootElement.GetProperty("messages").EnumerateArray()
            .Select(m => (m.GetProperty("role").GetString()!, m.GetProperty("content").ValueKind == JsonValueKind.String
                ? m.GetProperty("content").GetString()!
                : string.Concat(m.GetProperty("content").EnumerateArray().Select(p => p.GetProperty("text").GetString()))))];
}
