using AngleSharp.Dom;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.History;
using ChatMvc.Tests.Billing.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Chats.History;

/// <summary>The index against a scan of all rows, after whatever may happen to them, in any order.</summary>
public sealed class SearchPropertyTests
{
    private const int Steps = 120, CheckEvery = 8, Queries = 6;
    private static readonly string[] Words = ["bread", "breads", "Téa", "tea", "rye", "a", "面", "包", "面包"];
    private static readonly string[] People = ["Maya", "Noor"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_search_finds_what_a_scan_finds(int seed)
    {
        await using var app = await TestApp.StartAsync("RateLimits:Enabled=false");
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var (random, found) = (new Random(seed), 0);
        for (var n = 0; n < 10; n++) await SomeChatAsync(app, random);
        for (var step = 1; step <= Steps; step++)
        {
            await ChangeAsync(app, random);
            if (step % CheckEvery != 0) continue;
            for (var n = 0; n < Queries; n++)
            {
                var (typed, role) = (TypeSomething(random), random.Next(4) switch { 0 => "user", 1 => "assistant", _ => "" });
                var (visitor, name) = random.Next(3) == 0 ? (noor, "Noor") : (maya, "Maya");
                var (hits, scanned) = (await HitsAsync(visitor, typed, role), await ScanAsync(app, name, typed, role));
                Assert.True(scanned.SetEquals(hits), $"Seed {seed}, step {step}, {name} looks for {typed} ({role}): {string.Join(' ', hits.Order())} in place of {string.Join(' ', scanned.Order())}");
                Assert.Equal(hits.Count, hits.Distinct().Count());
                found += hits.Count;
            }
        }
        Assert.True(found > 100, $"Only {found} were found in all.");
    }

    private static async Task ChangeAsync(TestApp app, Random random)
    {
        switch (random.Next(11))
        {
            case 0 or 1:
                await SomeChatAsync(app, random);
                break;
            case 2:
                await app.SqlAsync($"INSERT INTO Messages (ChatId, AskedById, Role, State, Revision, HtmlVersion, Attempt, Interruptions, ReservedMicros, IsWithoutMemory, CreatedAt) SELECT ChatId, AskedById, 'Assistant', 'Failed', 1, 0, 0, 0, 0, 0, 1 FROM Messages ORDER BY {Any(random)} LIMIT 1");
                break;
            case 3:
                await app.SqlAsync($"UPDATE Messages SET Text = '{SaySomething(random)}' WHERE Id = (SELECT Id FROM Messages ORDER BY Text IS NOT NULL, {Any(random)} LIMIT 1)");
                break;
            case 4:
                await app.SqlAsync($"UPDATE Messages SET Text = {(random.Next(3) == 0 ? "''" : $"'{SaySomething(random)}'")}, LeaseUntil = 1 WHERE Id = (SELECT Id FROM Messages ORDER BY {Any(random)} LIMIT 1)");
                break;
            case 5:
                await app.SqlAsync($"UPDATE Messages SET DeletedAt = 1 WHERE Id % 7 = {random.Next(7)}");
                break;
            case 6:
                await app.SqlAsync($"UPDATE Messages SET DeletedAt = NULL WHERE Id % 3 = {random.Next(3)}");
                break;
            case 7:
                await app.SqlAsync($"UPDATE Chats SET Title = '{SaySomething(random)}' WHERE Id = (SELECT Id FROM Chats ORDER BY {Any(random)} LIMIT 1)");
                break;
            case 8:
                await app.SqlAsync($"UPDATE Chats SET DeletedAt = CASE WHEN DeletedAt IS NULL THEN 1 END WHERE Id = (SELECT Id FROM Chats ORDER BY {Any(random)} LIMIT 1)");
                break;
            case 9 when random.Next(2) == 0:
                var chats = await app.ReadAsync(db => db.Chats.Select(c => c.Id).ToListAsync());
                if (chats.Count > 3) await app.ReadAsync(async db => { await ChatSweep.RemoveAsync(db, app.Services.GetRequiredService<UploadFiles>(), chats[random.Next(chats.Count)], default); return true; });
                break;
            case 10:
                await UndoneAsync(app, "UPDATE Messages SET Text = 'tea', DeletedAt = NULL; UPDATE Chats SET Title = 'tea'; DELETE FROM Messages WHERE Id NOT IN (SELECT ParentId FROM Messages WHERE ParentId IS NOT NULL)");
                break;
        }
    }

    private static Task<string> SomeChatAsync(TestApp app, Random random) =>
        app.HasChatAsync(People[random.Next(2)], SaySomething(random), [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => SaySomething(random))]);

    private static async Task UndoneAsync(TestApp app, string sql) => await Assert.ThrowsAsync<InvalidOperationException>(() => app.ReadAsync(db => db.WriteAsync<int>(async () =>
    {
        await db.Database.ExecuteSqlRawAsync(sql);
        throw new InvalidOperationException("Never mind.");
    })));

    private static string Any(Random random) => $"Id * {random.Next(1, 1_000_000)} % 1009";

    private static string SaySomething(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => Words[random.Next(Words.Length)]));

    private static string TypeSomething(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(n =>
        (n > 0 && random.Next(4) == 0 ? "-" : "") + random.Next(5) switch
        {
            0 => $"\"{Words[random.Next(Words.Length)]} {Words[random.Next(Words.Length)]}\"",
            1 => Words[random.Next(Words.Length)] + "*",
            2 => "br*",
            _ => Words[random.Next(Words.Length)],
        }));

    private static async Task<List<string>> HitsAsync(Visitor visitor, string typed, string role)
    {
        var hits = new List<string>();
        for (var page = 1; ; page++)
        {
            var shown = await visitor.SearchAsync(typed, $"&role={role}&page={page}");
            Assert.Equal(200, shown.Status);
            hits.AddRange(shown.Document.QuerySelectorAll(".hit h3 a").Select(a => a.GetAttribute("href")!));
            if (shown.Document.QuerySelector(".pages a[rel=next]") is null) return hits;
        }
    }

    // The rules once more, in the plainest words there are for them.
    private static async Task<HashSet<string>> ScanAsync(TestApp app, string name, string typed, string role)
    {
        var terms = System.Text.RegularExpressions.Regex.Matches(typed, "(-?)(?:\"([^\"]*)\"|(\\S+))").ToList();
        bool Finds(string? text) => terms.All(term =>
        {
            var isPhrase = term.Groups[2].Success;
            var (part, isStarred, isExcluded) = (isPhrase ? term.Groups[2].Value : term.Groups[3].Value, term.Value.EndsWith('*'), term.Groups[1].Value == "-");
            var wanted = Spaced(part);
            var last = wanted.Trim().Split(' ')[^1];
            var isPrefix = char.IsAscii(last[0]) && (isStarred && last.Length >= 2 || term == terms[^1] && !isPhrase && !isExcluded && last.Length >= 3);
            return isExcluded != Spaced(text ?? "").Contains(isPrefix ? wanted.TrimEnd() : wanted, StringComparison.Ordinal);
        });
        var me = (await app.UserAsync(name)).Id;
        var found = await app.ReadAsync(async db => (
            Messages: await db.Messages.Where(m => m.DeletedAt == null && m.Chat.DeletedAt == null && m.Chat.Members.Any(u => u.UserId == me) && m.Text != null && m.Text != "").Select(m => new { m.Id, m.Text, m.Role, m.Chat.Key }).ToListAsync(),
            Chats: await db.Chats.Where(c => c.DeletedAt == null && c.Members.Any(u => u.UserId == me)).Select(c => new { c.Key, c.Title }).ToListAsync()));
        return
        [
            .. found.Messages.Where(m => (role.Length == 0 || string.Equals(role, m.Role.ToString(), StringComparison.OrdinalIgnoreCase)) && Finds(m.Text)).Select(m => $"/chats/{m.Key}?at={m.Id}#m-{m.Id}"),
            .. found.Chats.Where(c => role.Length == 0 && Finds(c.Title)).Select(c => $"/chats/{c.Key}"),
        ];
    }

    private static string Spaced(string text) =>
        $" {string.Join(' ', text.ToLowerInvariant().Replace("é", "e").Replace("面", " 面 ").Replace("包", " 包 ").Replace("*", "").Split(' ', StringSplitOptions.RemoveEmptyEntries))} ";
}
