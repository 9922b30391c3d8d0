using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>What a page of the chat list holds, and its forms.</summary>
public static class ListPages
{
    extension(Answer page)
    {
        /// <summary>The titles in the list, from the top.</summary>
        public List<string> Titles => [.. page.Document.QuerySelectorAll(".chats a").Select(a => a.FirstChild!.TextContent)];

        public List<string> Headings => [.. page.Document.QuerySelectorAll("#chosen h3").Select(h => h.TextContent)];

        public List<string> RailTitles => [.. page.Document.QuerySelectorAll("#rail-chats li a").Select(a => a.FirstChild!.TextContent)];

        public List<string> RailHeadings => [.. page.Document.QuerySelectorAll("#rail-chats h2").Select(h => h.TextContent)];

        public List<string> Folders => [.. page.Document.QuerySelectorAll(".folders a").Select(a => a.TextContent)];

        public IHtmlFormElement Bulk => page.Document.QuerySelector<IHtmlFormElement>("form#chosen")!;

        public IHtmlFormElement Undo => page.Document.QuerySelector<IHtmlFormElement>("form.undo") ?? throw new InvalidOperationException($"Nothing to undo:\n{page.Text}");

        public string? Older => page.Document.QuerySelector(".pages a[rel=next]")?.GetAttribute("href");

        public string? MarkOf(string title) =>
            page.Document.QuerySelectorAll("#rail-chats a, .chats a").FirstOrDefault(a => a.FirstChild!.TextContent == title)?.QuerySelector(".visually-hidden")?.TextContent.Trim();
    }

    /// <summary>Presses a button of the list with these chats chosen.</summary>
    public static Task<Answer> ChooseAsync(this Visitor visitor, Answer page, string what, IEnumerable<string> chats, string folder = "", bool byHtmx = false) =>
        visitor.PostAsync(page.Bulk.GetAttribute("action")!,
            [("__RequestVerificationToken", Visitor.Fields(page.Bulk)["__RequestVerificationToken"]), ("do", what), ("folder", folder), .. chats.Select(c => ("keys", c["/chats/".Length..]))], byHtmx);

    /// <summary>Undoes what the page offers to undo.</summary>
    public static Task<Answer> UndoAsync(this Visitor visitor, Answer page)
    {
        var (action, fields) = UndoOf(page);
        return visitor.PostAsync(action, fields);
    }

    /// <summary>Posts fields of which several may have one name.</summary>
    public static async Task<Answer> PostAsync(this Visitor visitor, string path, IEnumerable<(string Name, string Value)> fields, bool byHtmx = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (byHtmx) request.Headers.Add("HX-Request", "true");
        using var response = await visitor.Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString,
            response.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Presses a button of the room's settings.</summary>
    public static async Task<Answer> PlaceAsync(this Visitor visitor, string chat, string how, params (string Name, string Value)[] fields)
    {
        var form = (await visitor.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>($".room-place form[action$='/{how}']")!;
        var button = form.QuerySelector("button")!;
        return await visitor.SubmitAsync(form, [.. button.HasAttribute("name") ? [(button.GetAttribute("name")!, button.GetAttribute("value")!)] : Array.Empty<(string, string)>(), .. fields]);
    }

    public static async Task<List<string>> StartChatsAsync(this Visitor visitor, params string[] texts)
    {
        var chats = new List<string>();
        foreach (var text in texts)
        {
            chats.Add(await visitor.StartChatAsync(text));
            await visitor.LastAnswerAsync(chats[^1]);
        }
        return chats;
    }

    public static (string Action, List<(string Name, string Value)> Fields) UndoOf(Answer page) => (page.Undo.GetAttribute("action")!,
        [("__RequestVerificationToken", Visitor.Fields(page.Undo)["__RequestVerificationToken"]), ("undo", page.Undo.QuerySelector("button")!.GetAttribute("value")!)]);

    /// <summary>Rows of chats with one turn each a minute older than the one before, named by their number from the newest.</summary>
    public static async Task ManyChatsAsync(this TestApp app, int count)
    {
        var now = app.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await app.SqlAsync($$"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{count}})
            INSERT INTO Chats (Key, Title, TitleSource, Model, Revision, CostMicros, UnknownCosts, EstimatedCosts, IsWithoutMemory, CreatedAt)
            SELECT printf('many%012d', i), 'Chat ' || i, 'Person', 'gpt-6-luna', 2, 0, 0, 0, 0, {{now}} FROM n
            """);
        await app.SqlAsync($"""
            INSERT INTO ChatMembers (ChatId, UserId, JoinedAt, ActiveAt, DraftVersion, ReadRevision)
            SELECT c.Id, (SELECT MIN(Id) FROM Users), {now}, {now} - 60000 * (CAST(substr(Key, 5) AS INTEGER) / 2), 0, 2 FROM Chats c WHERE Key LIKE 'many%'
            """);
    }
}
