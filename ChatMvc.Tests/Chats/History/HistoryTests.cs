using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.History;
using ChatMvc.Tests.Billing.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Chats.History;

/// <summary>Whatever was said is found by its words, by whom it was said to and by nobody else.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=100", "RateLimits:Enabled=false");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_question_is_found_as_soon_as_it_is_sent_and_its_answer_as_soon_as_it_is_done()
    {
        app.OpenAI.WillAnswer("Flour, water and **patience**.");
        var chat = await maya.StartChatAsync("What does bread take?");
        Assert.Equal(["What does bread take?", "What does bread take?"], (await maya.SearchAsync("bread take")).Hits());
        var answer = await maya.LastAnswerAsync(chat);

        var page = await maya.SearchAsync("patience");

        Assert.Equal(["Flour, water and patience."], page.Hits());
        Assert.Equal($"{chat}?at={answer.MessageId()}#m-{answer.MessageId()}", page.Document.QuerySelector(".hit a")!.GetAttribute("href"));
        Assert.Equal("patience", page.Document.QuerySelector(".hit-text mark")!.TextContent);
        Assert.Equal("1 message", page.Count());
    }

    [Theory]
    [InlineData("rye bread", "I bake bread of rye.|Rye bread, baked slowly.")]
    [InlineData("RYE", "I bake bread of rye.|Rye bread, baked slowly.")]
    [InlineData("\"rye bread\"", "Rye bread, baked slowly.")]
    [InlineData("“rye bread”", "Rye bread, baked slowly.")]
    [InlineData("\"rye bread", "Rye bread, baked slowly.")]
    [InlineData("rye -baked", "I bake bread of rye.")]
    [InlineData("rye -\"of rye\"", "Rye bread, baked slowly.")]
    [InlineData("bak* rye", "I bake bread of rye.|Rye bread, baked slowly.")]
    [InlineData("slow", "Rye bread, baked slowly.")]
    [InlineData("slow rye", "")]
    [InlineData("ry", "")]
    [InlineData("cafe", "Un café crème, s’il vous plaît.")]
    [InlineData("CRÈME plait", "Un café crème, s’il vous plaît.")]
    [InlineData("s'il", "Un café crème, s’il vous plaît.")]
    [InlineData("学习", "我在学习GPT模型。")]
    [InlineData("模型 gpt", "我在学习GPT模型。")]
    [InlineData("习学", "")]
    [InlineData("ニュース", "今日のニュースです")]
    [InlineData("서울", "서울에서 만나요")]
    [InlineData("ชอบ", "ผมชอบกินข้าว")]
    [InlineData("елка", "Новогодняя ёлка")]
    [InlineData("αθηνα", "Η Αθήνα τη νύχτα")]
    [InlineData("ΝΥΧΤΑ", "Η Αθήνα τη νύχτα")]
    [InlineData("e\u0301le\u0300ve", "Un élève")]
    [InlineData("eleve", "Un élève")]
    public async Task Words_are_found_as_people_write_them(string typed, string found)
    {
        await app.HasChatAsync("Maya", "-", "Rye bread, baked slowly.", "I bake bread of rye.", "Un café crème, s’il vous plaît.", "我在学习GPT模型。",
            "今日のニュースです", "서울에서 만나요", "ผมชอบกินข้าว", "Новогодняя ёлка", "Η Αθήνα τη νύχτα", "Un élève");

        var page = await maya.SearchAsync(typed);

        Assert.Equal(found.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(), page.Hits().Order());
        Assert.All(page.Document.QuerySelectorAll(".hit-text"), text => Assert.NotNull(text.QuerySelector("mark")));
    }

    [Fact]
    public async Task Titles_come_first_then_what_says_most_of_it_then_what_is_newest()
    {
        await app.HasChatAsync("Maya", "About other things", "bread once among many other words that are not about it at all", "bread, bread and bread", "one bread", "one bread!");
        await app.HasChatAsync("Maya", "Bread at home", "Nothing of the kind");

        var page = await maya.SearchAsync("bread");

        Assert.Equal(["Bread at home", "bread, bread and bread", "one bread!", "one bread", "bread once among many other words that are not about it at all"], page.Hits());
        Assert.Equal("1 chat and 4 messages", page.Count());
        Assert.Equal("Bread", page.Document.QuerySelector(".hit h3 mark")!.TextContent);
    }

    [Fact]
    public async Task What_is_deleted_is_not_found_and_what_is_had_back_is()
    {
        var chat = await app.HasChatAsync("Maya", "Bread at home", "About bread", "Bread it is");
        Assert.Equal(3, (await maya.SearchAsync("bread")).Hits().Count);
        await app.SqlAsync("UPDATE Messages SET DeletedAt = 1 WHERE Role = 'User'");
        Assert.Equal(["Bread at home", "Bread it is"], (await maya.SearchAsync("bread")).Hits());
        Assert.Equal("1 chat and 1 message", (await maya.SearchAsync("bread")).Count());
        await app.SqlAsync("UPDATE Messages SET DeletedAt = NULL");
        Assert.Equal(3, (await maya.SearchAsync("bread")).Hits().Count);

        var deleted = await maya.SubmitAsync((await maya.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>(".room-delete form")!);
        Assert.Empty((await maya.SearchAsync("bread")).Hits());
        await maya.SubmitAsync((await maya.GetAsync(deleted.Location!)).Document.QuerySelector<IHtmlFormElement>(".undo form, form.undo")!);
        Assert.Equal(3, (await maya.SearchAsync("bread")).Hits().Count);

        var room = await maya.GetAsync(chat);
        await maya.SubmitAsync(room.Document.QuerySelector<IHtmlFormElement>("form.room-settings")!, ("title", "Sourdough"));
        Assert.Equal(["About bread", "Bread it is"], (await maya.SearchAsync("bread")).Hits().Order());
        Assert.Equal(["Sourdough"], (await maya.SearchAsync("sourdough")).Hits());

        var id = await app.ReadAsync(db => db.Chats.Select(c => c.Id).SingleAsync());
        await app.ReadAsync(async db => { await ChatSweep.RemoveAsync(db, app.Services.GetRequiredService<UploadFiles>(), id, default); return true; });
        Assert.Empty((await maya.SearchAsync("bread")).Hits());
        Assert.Equal((0, 0), await IndexedAsync());
    }

    [Fact]
    public async Task Nobody_finds_a_word_of_somebody_elses_not_even_by_counting()
    {
        using var noor = await app.SignInAsAsync("Noor");
        await app.HasChatAsync("Maya", "Secret bread", "My secret bread", "A secret recipe");
        await app.HasChatAsync("Noor", "Tea", "Plain bread");

        foreach (var typed in new[] { "secret", "secr*", "secret -tea", "\"secret bread\"", "u1", "ruser", "Facts", "-secret bread" })
        {
            var (found, never) = (await noor.SearchAsync(typed), await noor.SearchAsync(typed.Replace("secret", "zebras").Replace("secr*", "zebr*")));
            Assert.Equal(typed.EndsWith("t bread") ? ["Plain bread"] : [], found.Hits());
            Assert.Equal(never.Count(), found.Count());
            Assert.DoesNotContain("My secret", found.Text, StringComparison.Ordinal);
        }
        // Also where the index says that it is hers, the room has the last word.
        await app.SqlAsync("UPDATE Messages SET AskedById = (SELECT Id FROM Users ORDER BY Id DESC LIMIT 1) WHERE Text LIKE '%secret%'");
        Assert.Empty((await noor.SearchAsync("secret")).Hits());
    }

    [Fact]
    public async Task Text_is_shown_as_text_whatever_is_in_it()
    {
        const string Hostile = "<script>alert('bread')</script> <mark>bread</mark> &amp; \"bread\" \uE000bread\uE001";
        await app.HasChatAsync("Maya", "<b>bread</b>", Hostile);

        var page = await maya.SearchAsync("bread <img src=x onerror=alert(1)> \"</mark><script>", "");
        Assert.Empty(page.Hits());
        Assert.Empty(page.Document.QuerySelectorAll("main script, main img"));
        page = await maya.SearchAsync("bread");

        Assert.Equal(["<b>bread</b>", "<script>alert('bread')</script> <mark>bread</mark> &amp; \"bread\" \uE000bread\uE001"], page.Hits());
        Assert.Empty(page.Document.QuerySelectorAll("main script, main b"));
        Assert.All(page.Document.QuerySelectorAll("mark"), mark => Assert.Equal("bread", mark.InnerHtml));
    }

    [Fact]
    public async Task A_long_text_is_shown_about_the_words_that_were_looked_for()
    {
        await app.HasChatAsync("Maya", "-", string.Concat(Enumerable.Repeat("Nothing of interest. ", 100)) + "Here is the bread at last." + string.Concat(Enumerable.Repeat(" And then nothing.", 100)));
        var page = await maya.SearchAsync("bread");

        var text = page.Document.QuerySelector(".hit-text")!.TextContent.Trim();
        Assert.Contains("Here is the bread at last.", text);
        Assert.InRange(text.Length, 150, 260);
        Assert.Matches("^….*…$", text);
    }

    [Fact]
    public async Task Days_models_and_writers_narrow_it_down_and_days_are_the_persons()
    {
        await app.LivesInAsync("Maya", "Pacific/Kiritimati", app.Time.GetUtcNow().AddYears(-1));
        await app.HasChatAsync("Maya", "-", "luna", ["bread, asked in May", "bread, told in May"]);
        await app.HasChatAsync("Maya", "-", "sol", ["bread, asked in June", "bread, told in June"]);
        // There it is the first of June already.
        await app.SqlAsync($"UPDATE Messages SET CreatedAt = {UsagePageTests.At("2026-05-31T10:00Z").ToUnixTimeMilliseconds()} WHERE Text LIKE '%June'");
        await app.SqlAsync($"UPDATE Messages SET CreatedAt = {UsagePageTests.At("2026-05-31T09:59Z").ToUnixTimeMilliseconds()} WHERE Text LIKE '%May'");

        async Task FindsAsync(string rest, params string[] found) => Assert.Equal(found, (await maya.SearchAsync("bread", rest)).Hits().Order());
        await FindsAsync("&from=2026-06-01", "bread, asked in June", "bread, told in June");
        await FindsAsync("&from=2026-05-31&to=2026-05-31", "bread, asked in May", "bread, told in May");
        await FindsAsync("&from=2026-06-01&to=2026-06-01", "bread, asked in June", "bread, told in June");
        await FindsAsync("&from=2001-01-01&to=2026-05-31&role=user", "bread, asked in May");
        await FindsAsync("&to=2026-05-30");
        await FindsAsync("&from=2026-06-02&to=2999-12-31");
        await FindsAsync("&role=assistant", "bread, told in June", "bread, told in May");
        await FindsAsync("&model=sol", "bread, told in June");
        await FindsAsync("&model=sol&role=user");
        await FindsAsync("&from=&to=&model=&role=", "bread, asked in June", "bread, asked in May", "bread, told in June", "bread, told in May");
    }

    [Theory]
    [InlineData("bread", "&from=tomorrow", "#from")]
    [InlineData("bread", "&to=2026-02-30", "#to")]
    [InlineData("bread", "&from=2026-02-02&to=2026-02-01", "#from")]
    [InlineData("bread", "&to=9999-12-31", "#to")]
    [InlineData("bread", "&role=system", "#role")]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "", "#words")]
    [InlineData("200", "", "#words")]
    public async Task What_cannot_be_looked_for_is_refused_in_words_with_the_form_kept(string typed, string rest, string field)
    {
        if (typed == "200") typed = new string('a', 201);
        var page = await maya.SearchAsync(typed, rest);
        Assert.Equal(422, page.Status);
        Assert.NotNull(page.Notice("error"));
        Assert.Equal(typed, page.Document.QuerySelector<IHtmlInputElement>("#words")!.Value);
        if (field != "#role") Assert.Equal("true", page.Document.QuerySelector(field)!.GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task There_are_twenty_on_a_page_and_an_end_of_the_pages()
    {
        await app.HasChatAsync("Maya", "Bread", [.. Enumerable.Range(1, 45).Select(n => $"bread number {n}")]);
        var (path, all, pages) = ("/history?q=bread&role=", new List<string>(), 0);
        while (path is not null)
        {
            var page = await maya.GetAsync(path);
            Assert.InRange(page.Hits().Count, 1, Searches.PerPage);
            all.AddRange(page.Hits());
            pages++;
            path = page.Document.QuerySelector(".pages a[rel=next]")?.GetAttribute("href");
        }
        Assert.Equal((3, 46), (pages, all.Distinct().Count()));
        Assert.Equal("Bread", all[0]);

        foreach (var beyond in new[] { "0", "-1", "4", $"{Searches.MaxPage}", $"{Searches.MaxPage + 1}", "2147483647" })
            Assert.Equal(404, (await maya.GetAsync($"/history?q=bread&page={beyond}")).Status);
    }

    [Fact]
    public async Task A_word_that_is_everywhere_is_ranked_among_the_newest_and_the_page_says_so()
    {
        await app.HasChatAsync("Maya", "-", "bread of old");
        var (chat, user) = await app.ReadAsync(async db => (await db.Chats.Select(c => c.Id).SingleAsync(), await db.Users.Select(u => u.Id).SingleAsync()));
        await app.SqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Searches.MaxMessages})
            INSERT INTO Messages (ChatId, AskedById, Role, State, Revision, Text, HtmlVersion, Attempt, Interruptions, ReservedMicros, IsWithoutMemory, CreatedAt)
            SELECT {chat}, {user}, 'User', 'Done', 1, 'bread ' || i, 0, 0, 0, 0, 0, 1 FROM n
            """);

        var page = await maya.SearchAsync("bread");

        Assert.Equal("More than 2,000 messages", page.Count());
        Assert.Contains("the newest of them", page.Text);
        Assert.Equal(20, (await maya.SearchAsync("bread", "&page=100")).Hits().Count);
        Assert.Equal(404, (await maya.SearchAsync("bread", "&page=101")).Status);
        Assert.Equal(["bread of old"], (await maya.SearchAsync("bread old")).Hits());
    }

    [Fact]
    public async Task Whatever_is_typed_is_looked_for_and_never_a_fault()
    {
        await app.HasChatAsync("Maya", "Bread", "bread and tea", "Tea AND bread OR NOT near");
        var random = new Random(20261121);
        string[] pieces =
        [
            "\"", "'", "*", "-", "(", ")", "{", "}", ":", "^", "+", ",", ".", "\\", "/", "%", "_", ";", "--", "\0", "\u0001", "\n", "\t", " ", "  ", "\u3000", "“", "»", "bread", "tea", "AND", "OR", "NOT", "NEAR(",
            "NEAR(bread tea, 2)", "Facts : u1", "Text:", "col:x", "rowid", "ранок", "面", "包", "ß", "İ", "ſ", "e\u0301", "\u0301", "😀", "\uD83D", "\uDE00", "\uFFFF", "\u202E", "<b>", "&", "=", "1", "ก", "ั", "ア", "DROP TABLE Messages", "?", "@p", "$user",
        ];
        for (var n = 0; n < 300; n++)
        {
            var typed = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (typed.Length > SearchQuery.MaxLength) continue;
            // What .NET cannot put into an address is none of the server's.
            var address = string.Concat(System.Text.Encoding.UTF8.GetBytes(typed).Select(b => $"%{b:X2}"));
            var page = await maya.GetAsync($"/history?q={address}");
            Assert.True(page.Status is 200 or 422 || page.Status == 400 && typed.Contains('\0'), $"{typed} gave {page.Status}:\n{page.Text}");
        }
        Assert.Equal(2, (await maya.SearchAsync("bread -xyz and")).Hits().Count);
    }

    [Theory]
    [InlineData("-bread")]
    [InlineData("!!!")]
    [InlineData("\"\"")]
    [InlineData("😀")]
    public async Task Where_there_is_nothing_to_look_for_the_page_says_what_to_try(string typed)
    {
        await app.HasChatAsync("Maya", "Bread", "bread 😀 !!!");
        var page = await maya.SearchAsync(typed);
        Assert.Empty(page.Hits());
        Assert.Contains("Try fewer words", page.Text);
    }

    [Fact]
    public async Task The_page_explains_itself_and_the_rail_leads_to_it()
    {
        var page = await maya.GetAsync("/history");
        Assert.Equal(200, page.Status);
        Assert.Contains("rye bread", page.Document.QuerySelector(".facts")!.TextContent);
        var field = (await maya.GetAsync("/chats")).Document.QuerySelector<IHtmlInputElement>(".rail form[action='/history'] input[name=q]");
        Assert.NotNull(field?.GetAttribute("aria-label"));
    }

    [Fact]
    public async Task What_was_said_before_there_was_an_index_is_in_it()
    {
        await app.HasChatAsync("Maya", "Bread at home", "About bread", "面包和水");
        await app.SqlAsync("INSERT INTO Messages (ChatId, AskedById, Role, State, Revision, HtmlVersion, Attempt, Interruptions, ReservedMicros, IsWithoutMemory, CreatedAt) SELECT ChatId, AskedById, 'Assistant', 'Queued', 1, 0, 0, 0, 0, 0, 1 FROM Messages LIMIT 1");
        await app.ReadAsync(async db =>
        {
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync("20261121214812_Chatroom");
            await migrator.MigrateAsync();
            return true;
        });
        Assert.Equal(["Bread at home", "About bread"], (await maya.SearchAsync("bread")).Hits());
        Assert.Equal(["面包和水"], (await maya.SearchAsync("面包")).Hits());
        Assert.Equal((2, 1), await IndexedAsync());
        // Each row can be taken out of it again.
        await app.SqlAsync("DELETE FROM Messages");
        await app.SqlAsync("DELETE FROM Chats");
        Assert.Equal((0, 0), await IndexedAsync());
    }

    [Fact]
    public async Task A_running_answer_costs_the_index_nothing_until_it_has_a_text()
    {
        await app.HasChatAsync("Maya", "-", "About bread");
        await app.SqlAsync("INSERT INTO Messages (ChatId, AskedById, Role, State, Revision, HtmlVersion, Attempt, Interruptions, ReservedMicros, IsWithoutMemory, CreatedAt) SELECT ChatId, AskedById, 'Assistant', 'Streaming', 1, 0, 1, 0, 0, 0, 1 FROM Messages LIMIT 1");
        var before = await app.ReadAsync(ChangesAsync);
        await app.SqlAsync("UPDATE Messages SET LeaseUntil = 1, Attempt = Attempt + 1, State = 'Streaming', Revision = Revision + 1, Html = 'x'");
        Assert.Equal(before, await app.ReadAsync(ChangesAsync));
        await app.SqlAsync("UPDATE Messages SET Text = 'bread' WHERE State = 'Streaming'");
        Assert.NotEqual(before, await app.ReadAsync(ChangesAsync));

        static async Task<string> ChangesAsync(ChatMvc.Data.ChatDb db) =>
            string.Join(' ', await db.Database.SqlQueryRaw<string>("SELECT id || ':' || hex(block) AS Value FROM MessageSearch_data ORDER BY id").ToListAsync());
    }

    [Theory]
    [InlineData(Searches.MessageSql, 4)]
    [InlineData(Searches.ChatSql, 3)]
    public async Task It_is_read_off_the_index_and_each_row_by_its_key(string sql, int tables)
    {
        var plan = await app.PlanAsync(sql.Replace("$match", "'bread'").Replace("$user", "1").Replace("$from", "1").Replace("$until", "2").Replace("$most", "3"));
        var steps = plan.Where(step => step.StartsWith("SEARCH", StringComparison.Ordinal) || step.StartsWith("SCAN", StringComparison.Ordinal)).ToList();
        // The last one goes through what the first ones found.
        Assert.Equal(tables + 1, steps.Count);
        Assert.Matches(@"^SCAN f VIRTUAL TABLE INDEX \d+:M\d", steps[0]);
        Assert.All(steps[1..^1], step => Assert.Matches(@"^SEARCH \w+ USING (INTEGER PRIMARY KEY \(rowid=\?\)|(COVERING )?INDEX sqlite_autoindex_ChatMembers_1 \(ChatId=\? AND UserId=\?\))$", step));
        Assert.Matches(@"^SCAN \(?subquery", steps[^1].ToLowerInvariant().Replace("scan", "SCAN"));
    }

    // Messages and chats that the index holds.
    private Task<(int, int)> IndexedAsync() => app.ReadAsync(async db => (
        await db.Database.SqlQueryRaw<int>("SELECT count(*) AS Value FROM MessageSearch_docsize").SingleAsync(),
        await db.Database.SqlQueryRaw<int>("SELECT count(*) AS Value FROM ChatSearch_docsize").SingleAsync()));
}
