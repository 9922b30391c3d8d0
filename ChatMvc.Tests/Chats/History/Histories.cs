using System.Text.RegularExpressions;
using AngleSharp.Dom;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Completions.Rendering;
using ChatMvc.Shared;
using ChatMvc.Tests.Billing.Usage;

namespace ChatMvc.Tests.Chats.History;

/// <summary>What tests of the search put into people's chats, and read off its page.</summary>
public static class Histories
{
    private static readonly Cover Free = new(Payer.Operator, 0, 0, Usd.Zero, Hold: null);

    /// <summary>A chat with questions and answers by turns, as they are when all is done; returns its path.</summary>
    public static async Task<string> HasChatAsync(this TestApp app, string name, string title, params string[] texts) =>
        await app.HasChatAsync(name, title, "gpt-6-luna", texts);

    /// <inheritdoc cref="HasChatAsync(TestApp, string, string, string[])"/>
    public static async Task<string> HasChatAsync(this TestApp app, string name, string title, string model, string[] texts)
    {
        var (me, now) = (await app.UserAsync(name), app.Time.GetUtcNow());
        var chat = new Chat(me, title, model, now);
        chat.Rename(title);
        await app.ReadAsync(db => db.WriteAsync(async () =>
        {
            db.Chats.Add(chat);
            await db.SaveChangesAsync();
            var (question, isQuestion) = ((Message?)null, true);
            foreach (var text in texts)
            {
                chat.NextRevision();
                var message = isQuestion || question is null ? Message.From(me, chat, text, RandomKey.OfLength(24), now) : Message.AnswerTo(question, chat, me.Id, model, Free, now);
                if (!isQuestion) message.Complete(text, SafeMarkdown.ToHtml(text), SafeMarkdown.Version, "stop", now);
                db.Messages.Add(message);
                await db.SaveChangesAsync();
                chat.MoveHead(message);
                (question, isQuestion) = (message, !isQuestion);
            }
            return true;
        }));
        return $"/chats/{chat.Key}";
    }

    /// <summary>The page of a search; the rest is of its address.</summary>
    public static Task<Answer> SearchAsync(this Visitor visitor, string typed, string rest = "") => visitor.GetAsync($"/history?q={Uri.EscapeDataString(typed)}{rest}");

    /// <summary>The texts found on a page, without the dots of what was left out; a chat's is its title.</summary>
    public static List<string> Hits(this Answer page)
    {
        Assert.True(page.Status == 200, $"Status {page.Status}:\n{page.Text}");
        return [.. page.Document.QuerySelectorAll(".hit").Select(hit => Text(hit.QuerySelector(".hit-text") ?? hit.QuerySelector("h3")!))];
    }

    /// <summary>How many were found, in words; null where nothing was.</summary>
    public static string? Count(this Answer page) => page.Document.QuerySelector("#count")?.TextContent;

    private static string Text(IElement element) => Regex.Replace(element.TextContent, @"\s+", " ").Trim().Trim('…');
}
