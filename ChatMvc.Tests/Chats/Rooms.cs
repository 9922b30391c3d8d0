using System.Globalization;
using System.Text;
using AngleSharp.Dom;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>What tests of rooms ask and do again and again.</summary>
public static class Rooms
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    extension(Answer page)
    {
        /// <summary>Free messages left; null where nothing is limited.</summary>
        public int? Left => page.Document.QuerySelector("#allowance")?.GetAttribute("data-left") is { } left ? int.Parse(left, CultureInfo.InvariantCulture) : null;

        public IReadOnlyList<IElement> Answers => [.. page.Document.QuerySelectorAll("article[data-role=assistant]")];

        public IReadOnlyList<IElement> Questions => [.. page.Document.QuerySelectorAll("article[data-role=user]")];

        /// <summary>What stands in the message box.</summary>
        public string Typed => page.Compose.QuerySelector("textarea[name=text]")!.TextContent;
    }

    public static long MessageId(this IElement article) => long.Parse(article.Id!["m-".Length..], CultureInfo.InvariantCulture);

    /// <summary>The sentence under a message that says how it ended or why it waits.</summary>
    public static string? Note(this IElement article) => article.QuerySelector(".message-note")?.TextContent;

    public static Task<int> SqlAsync(this TestApp app, string sql) => app.ReadAsync(db => db.WriteAsync(() => db.Database.ExecuteSqlRawAsync(sql)));

    public static Task<List<Message>> MessagesAsync(this TestApp app) => app.ReadAsync(db => db.Messages.AsNoTracking().OrderBy(m => m.Id).ToListAsync());

    /// <summary>The requests for answers by our own rows: the upstream notices the end of a line only after us.</summary>
    public static Task<List<Completion>> AnswerRequestsAsync(this TestApp app) =>
        app.ReadAsync(db => db.Completions.AsNoTracking().Where(c => c.Kind == CompletionKind.Answer).OrderBy(c => c.Id).ToListAsync());

    /// <summary>The upstream's calls for answers, titles left out.</summary>
    public static IReadOnlyList<OpenAICall> AnswerCalls(this TestApp app) => [.. app.OpenAI.Calls.Snapshot().Where(c => c.Kind == CallKind.Answer)];

    /// <summary>The body of the last request for an answer.</summary>
    public static string LastHeard(this TestApp app) => Encoding.UTF8.GetString(app.AnswerCalls()[^1].Body!);

    /// <summary>Waits until it is so, in real time.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string what)
    {
        var until = DateTime.UtcNow + Patience;
        while (!await isSo())
        {
            Assert.True(DateTime.UtcNow < until, $"It did not come to pass: {what}.");
            await Task.Delay(Step);
        }
    }
}
