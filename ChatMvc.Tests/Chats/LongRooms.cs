using ChatMvc.Completions.Rendering;
using ChatMvc.Tests.Chats.History;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>Rooms in which more was said than anybody can send within a test.</summary>
public static class LongRooms
{
    /// <summary>A room with so many messages, numbered from 1, questions and answers by turns; returns its path.</summary>
    public static async Task<string> HasLongRoomAsync(this TestApp app, string name, int messages, int words = 1)
    {
        var path = await app.HasChatAsync(name, "A long story", "Message 1");
        var first = await app.ReadAsync(db => db.Messages.SingleAsync(m => m.Text == "Message 1"));
        var text = string.Concat(Enumerable.Repeat(" words", words));
        await app.SqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {messages})
            INSERT INTO Messages (Id, ParentId, ChatId, AskedById, AuthorId, Role, State, Revision, Text, Html, HtmlVersion, Model, Attempt, Interruptions, ReservedMicros, IsWithoutMemory, CreatedAt)
            SELECT {first.Id} + i - 1, {first.Id} + i - 2, {first.ChatId}, {first.AskedById}, CASE WHEN i % 2 = 1 THEN {first.AskedById} END, CASE WHEN i % 2 = 1 THEN 'User' ELSE 'Assistant' END, 'Done', 1,
              'Message ' || i || CASE WHEN i % 2 = 1 THEN '' ELSE '{text}' END, CASE WHEN i % 2 = 0 THEN '<p>Message ' || i || '{text}</p>' END, {SafeMarkdown.Version},
              CASE WHEN i % 2 = 0 THEN 'gpt-6-luna' END, 0, 0, 0, 0, {first.CreatedAt.ToUnixTimeMilliseconds()} FROM n
            """);
        await app.SqlAsync($"UPDATE Chats SET HeadId = {first.Id + messages - 1} WHERE Id = {first.ChatId}");
        return path;
    }

    /// <summary>The numbers of the messages on a page.</summary>
    public static List<int> Numbers(this Answer page) =>
        [.. page.Document.QuerySelectorAll("article .message-body").Select(body => int.Parse(body.TextContent.Trim().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];
}
