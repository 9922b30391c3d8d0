using ChatMvc.Accounts;
using ChatMvc.Bench.Load;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Completions.Rendering;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Bench.Servers;

/// <summary>
/// Puts people with signed-in devices and rooms with histories into a data directory before the server starts, by the
/// app's own classes and keys: hundreds of sign-ins by code would take hours, for that is what the limits are for.
/// </summary>
internal sealed class Seed : IAsyncDisposable
{
    private const string Model = "gpt-6-luna";
    private const long FirstPhone = 12_125_550_000;
    /// <summary>Of the first person that is made.</summary>
    public static string FirstNumber => $"+{FirstPhone}";
    private readonly WebApplication app;
    private readonly ChatDb db;
    private readonly IServiceScope scope;
    private int people;
    private int talks;

    private Seed(WebApplication app)
    {
        this.app = app;
        scope = app.Services.CreateScope();
        db = scope.ServiceProvider.GetRequiredService<ChatDb>();
    }

    /// <param name="dataDirectory">Is made when it is missing.</param>
    /// <param name="standIn">Is never asked.</param>
    public static Seed Open(string dataDirectory, StandInProcess standIn) => new(Program.Build(
        ["--environment=Production", .. Site.Settings(dataDirectory, port: 0, standIn).Select(s => $"--{s.Key}={s.Value}")],
        builder => builder.Logging.ClearProviders()));

    /// <summary>Somebody who is signed in.</summary>
    public async Task<Person> PersonAsync()
    {
        var key = RandomKey.OfLength(32);
        var user = new User(PhoneNumber.Parse($"+{FirstPhone + people++}"), DateTimeOffset.UtcNow);
        await db.WriteAsync(() =>
        {
            db.Sessions.Add(new Session(user, key, "Bench", DateTimeOffset.UtcNow, scope.ServiceProvider.GetRequiredService<SessionSettings>()));
            return Task.CompletedTask;
        });
        db.ChangeTracker.Clear();
        return new Person(user.Id, await CookieAsync(key));
    }

    /// <summary>The same with $100 of credit.</summary>
    public async Task<Person> RichPersonAsync()
    {
        var person = await PersonAsync();
        await db.WriteAsync(() => db.Database.ExecuteSqlAsync($"""
            INSERT INTO "LedgerEntries" ("UserId", "LiveMode", "Kind", "AmountMicros", "BalanceMicros", "Reference", "CreatedAt")
            VALUES ({person.Id}, 0, 'TopUp', 100000000, 100000000, 'pi_bench', 0)
            """));
        return person;
    }

    /// <summary>Rooms that their owner has named, each with so many questions and answers.</summary>
    public async Task<IReadOnlyList<Room>> RoomsAsync(Person owner, int count, int exchanges)
    {
        var me = await db.Users.AsNoTracking().SingleAsync(u => u.Id == owner.Id);
        var chats = Enumerable.Range(1, count).Select(n => Named(me, $"Bread, part {n}")).ToList();
        await db.WriteAsync(async () =>
        {
            db.Chats.AddRange(chats);
            await db.SaveChangesAsync();
            for (var n = 0; n < exchanges; n++) await ExchangeAsync(me, chats, n);
        });
        db.ChangeTracker.Clear();
        return [.. chats.Select(c => new Room(owner, c.Key))];
    }

    public async Task<Room> RoomAsync(Person owner, int exchanges) => (await RoomsAsync(owner, 1, exchanges))[0];

    /// <summary>A room in which so much was said, questions and answers by turns, written by a function; as rows, without a page to show them.</summary>
    public async Task TalkAsync(Person owner, int messages, Func<Random, bool, string> text)
    {
        var me = await db.Users.AsNoTracking().SingleAsync(u => u.Id == owner.Id);
        var chat = Named(me, $"Chat {talks}");
        var random = new Random(talks++);
        await db.WriteAsync(async () =>
        {
            db.Chats.Add(chat);
            await db.SaveChangesAsync();
            for (var n = 0; n < messages; n++)
            {
                var (isAnswer, now) = (n % 2 == 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                await db.Database.ExecuteSqlAsync($"""
                    INSERT INTO "Messages" ("ChatId", "AskedById", "Role", "State", "Revision", "Text", "HtmlVersion", "Model", "Attempt", "Interruptions", "ReservedMicros", "IsWithoutMemory", "CreatedAt")
                    VALUES ({chat.Id}, {owner.Id}, {(isAnswer ? "Assistant" : "User")}, 'Done', 1, {text(random, isAnswer)}, 0, {(isAnswer ? Model : null)}, 0, 0, 0, 0, {now})
                    """);
            }
        });
        db.ChangeTracker.Clear();
    }

    /// <summary>A room with so many short answers, and so many bytes of finished article to each, as rows.</summary>
    public async Task ArchiveAsync(Person owner, int messages, int articleBytes)
    {
        var me = await db.Users.AsNoTracking().SingleAsync(u => u.Id == owner.Id);
        var chat = Named(me, "Archive");
        await db.WriteAsync(async () =>
        {
            db.Chats.Add(chat);
            await db.SaveChangesAsync();
            await db.Database.ExecuteSqlAsync($"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages})
                INSERT INTO "Messages" ("ChatId", "AskedById", "Role", "State", "Revision", "Text", "Html", "HtmlVersion", "Model", "Attempt", "Interruptions", "ReservedMicros", "IsWithoutMemory", "CreatedAt")
                SELECT {chat.Id}, {owner.Id}, 'Assistant', 'Done', 1, 'Loaf ' || i, hex(randomblob({articleBytes / 2})), 0, {Model}, 0, 0, 0, 0, 1760000000000 + i FROM n
                """);
        });
        db.ChangeTracker.Clear();
    }

    /// <summary>People who have never done anything.</summary>
    public Task<int> StrangersAsync(int count) => db.WriteAsync(() => db.Database.ExecuteSqlAsync($"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO "Users" ("Phone", "CreatedAt", "Theme", "SafetyKey") SELECT '+1310' || (5000000 + i), 1760000000000 + i, 'System', 'x' FROM n
        """));

    /// <summary>Answers on a person's books, spread over their chats, three models and the present month.</summary>
    public Task<int> UsageAsync(Person owner, int answers)
    {
        var now = DateTimeOffset.UtcNow;
        var from = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var length = now.ToUnixTimeMilliseconds() - from;
        return db.WriteAsync(() => db.Database.ExecuteSqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {answers} - 1)
            INSERT INTO "Completions" ("Kind", "ChatId", "MessageId", "UserId", "Attempt", "Payer", "Model", "StartedAt", "FinishedAt", "Outcome",
              "PromptTokens", "CachedTokens", "CacheWriteTokens", "CompletionTokens", "ReasoningTokens", "IsEstimate", "CostMicros")
            SELECT 'Answer', 1 + i / 20 % 10000, 1000000000 + i, {owner.Id}, 1, 'Pro', 'model-' || (i % 3), {from} + i * {length} / {answers}, {from} + i * {length} / {answers} + 3000, 'stop',
              500 + i % 1000, i % 100, 0, i % 700, i % 50, i % 100 = 0, 100 + i % 5000 FROM n
            """));
    }

    public async ValueTask DisposeAsync()
    {
        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        scope.Dispose();
        // As after an orderly stop: it was built, but never ran.
        app.Services.GetRequiredService<StopMark>().Clear();
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }

    // In a scope of its own, as every request has: the handler of a scope keeps its first context.
    private async Task<string> CookieAsync(string key)
    {
        await using var request = app.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = request.ServiceProvider };
        await SessionCookie.SignInAsync(http, key);
        return http.Response.Headers.SetCookie.ToString().Split(';')[0];
    }

    private static Chat Named(User owner, string title)
    {
        var chat = new Chat(owner, title, Model, DateTimeOffset.UtcNow);
        chat.Rename(title);
        return chat;
    }

    // Without what was saved before, of which there may be thousands, to be looked through for changes each time.
    private async Task ExchangeAsync(User me, List<Chat> chats, int number)
    {
        db.ChangeTracker.Clear();
        db.Chats.AttachRange(chats);
        var now = DateTimeOffset.UtcNow;
        var (questionText, answerText) = (Prose.Question(number), Prose.Answer(number));
        var answers = new List<(Chat Chat, Message Answer)>();
        foreach (var chat in chats)
        {
            chat.NextRevision();
            var question = Message.From(me, chat, questionText, RandomKey.OfLength(24), now);
            var answer = Message.AnswerTo(question, chat, me.Id, Model, new Cover(Payer.Operator, 0, 0, Usd.Zero, Hold: null), now);
            answer.Complete(answerText, SafeMarkdown.ToHtml(answerText), SafeMarkdown.Version, "stop", now);
            db.Messages.AddRange(question, answer);
            answers.Add((chat, answer));
        }
        await db.SaveChangesAsync();
        foreach (var (chat, answer) in answers) chat.MoveHead(answer);
        await db.SaveChangesAsync();
    }
}
