using System.IO.Compression;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Accounts.Manage;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Chats.Attachments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed class AccountExportTests : IAsyncLifetime
{
    private const string Page = "/account/export";
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_small_account_is_a_zip_at_once_with_each_chat_as_JSON_and_as_Markdown()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("A **pelican**, of course.");
        var chat = await maya.StartChatAsync("Which bird is “this”? <b>é</b>");
        await maya.LastAnswerAsync(chat);
        using var zip = await FetchAsync(maya, Page);
        var account = Json(zip, "account.json");
        Assert.Equal(TestApp.PhoneOf("Maya"), account.GetProperty("phone").GetString());
        Assert.Equal("system", account.GetProperty("theme").GetString());
        Assert.Equal(1, account.GetProperty("devices").GetArrayLength());
        Assert.Equal(1, account.GetProperty("freeMessages").GetArrayLength());
        Assert.NotEqual(0, Json(zip, "usage.json").GetArrayLength());
        Assert.Equal(0, Json(zip, "contexts.json").GetArrayLength());
        var json = Json(zip, Assert.Single(zip.Entries, e => e.FullName.StartsWith("chats/0001", StringComparison.Ordinal) && e.Name.EndsWith(".json", StringComparison.Ordinal)).FullName);
        Assert.Equal(chat["/chats/".Length..], json.GetProperty("id").GetString());
        Assert.Equal(["user", "assistant"], json.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString()));
        Assert.Equal("A **pelican**, of course.", json.GetProperty("messages")[1].GetProperty("text").GetString());
        var markdown = Text(zip, Assert.Single(zip.Entries, e => e.Name.EndsWith(".md", StringComparison.Ordinal)));
        Assert.Contains("Which bird is “this”? <b>é</b>", markdown, StringComparison.Ordinal);
        Assert.Contains("\n\nA **pelican**, of course.\n", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_Markdown_names_the_files_that_came_with_a_question()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartWithFilesAsync("Read these", ("notes.txt", "Words"u8.ToArray()), ("photo.png", Pictures.WholePng)));
        using var zip = await FetchAsync(maya, Page);

        var markdown = Text(zip, Assert.Single(zip.Entries, e => e.Name.EndsWith(".md", StringComparison.Ordinal)));

        Assert.Contains("\n\nRead these\n\n- notes.txt (text, 5 B)\n- photo.png (picture, 70 B)\n\n## ", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_holds_the_contexts_with_each_text_that_was_used()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var context = await ContextTests.MakeAsync(maya, "Pirate", "Talk like a pirate.");
        await maya.LastAnswerAsync((await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"), ("contextId", $"{context}"))).Location!);
        var edit = (await maya.GetAsync($"/contexts/{context}")).Document.QuerySelector<IHtmlFormElement>(".context-form")!;
        await maya.SubmitAsync(edit, ("text", "Talk like an admiral."));
        using var zip = await FetchAsync(maya, Page);

        var only = Assert.Single(Json(zip, "contexts.json").EnumerateArray());
        Assert.Equal("Pirate", only.GetProperty("name").GetString());
        Assert.Equal(["Talk like a pirate.", "Talk like an admiral."], only.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task It_holds_ones_own_alone_and_no_secret()
    {
        using var noor = await app.SignInAsAsync("Noor");
        await noor.LastAnswerAsync(await noor.StartChatAsync("Nobody else reads of flamingos"));
        using var maya = await app.SignInAsAsync("Maya");
        var deleted = await maya.StartChatAsync("Thrown away");
        await maya.LastAnswerAsync(deleted);
        await app.SqlAsync("UPDATE Chats SET DeletedAt = 1 WHERE Title LIKE 'Thrown%' OR Id = (SELECT MAX(Id) FROM Chats)");
        await app.SqlAsync("UPDATE Users SET PasswordHash = 'a-hash', SafetyKey = 'safety' || Id");
        using var zip = await FetchAsync(maya, Page);
        var all = string.Join('\n', zip.Entries.Select(e => e.FullName + Text(zip, e)));
        foreach (var never in (string[])["flamingo", "Thrown away", "a-hash", "safety", "keyHash", TestApp.PhoneOf("Noor")])
            Assert.DoesNotContain(never, all, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("../../etc/passwd", "0007-etc-passwd")]
    [InlineData("con.txt:a|b*?\"<>\\", "0007-con-txt-a-b")]
    [InlineData("Größe 東京 \u202egpj", "0007-Größe-東京--gpj")]
    [InlineData("🦩", "0007")]
    [InlineData("", "0007")]
    public void A_file_is_named_by_letters_and_digits_alone(string title, string name) => Assert.Equal(name, ExportWriter.FileNameOf(7, title));

    [Fact]
    public async Task A_large_account_is_packed_by_a_job_and_fetched_by_its_owner_alone()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        await GrowAsync(maya);
        var page = await maya.GetAsync(Page);
        Assert.Equal(200, page.Status);
        Assert.Null(page.Document.QuerySelector("a[download]"));

        Assert.Equal((303, Page), await PressAsync(maya));
        page = await PackedAsync(maya);

        Assert.Contains("with 201 chats", page.Text, StringComparison.Ordinal);
        var link = page.Document.QuerySelector("a[download]")!.GetAttribute("href")!;
        using var zip = await FetchAsync(maya, link);
        Assert.Equal(2 * 201, zip.Entries.Count(e => e.FullName.StartsWith("chats/", StringComparison.Ordinal)));
        Assert.Equal(404, (await noor.GetAsync(link)).Status);
        Assert.Equal(404, (await maya.GetAsync(link[..^1] + (link[^1] == 'A' ? 'B' : 'A'))).Status);
        Assert.Equal(404, (await maya.GetAsync(Page + "/..%2f..%2fchat.db")).Status);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(app.Folder, "exports")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        app.Time.Advance(AccountExport.Lifetime);
        Assert.Equal(404, (await maya.GetAsync(link)).Status);
        await UpkeepAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(app.Folder, "exports")));
        Assert.Equal(0, await app.ReadAsync(db => db.AccountExports.CountAsync()));
    }

    [Fact]
    public async Task The_page_says_how_far_it_is_and_does_not_begin_a_second_one_meanwhile()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await GrowAsync(maya);
        var form = (await maya.GetAsync(Page)).Document.QuerySelector<IHtmlFormElement>($"form[action='{Page}']")!;
        await RowAsync("Running", 12, 340);
        var page = await maya.GetAsync(Page);
        Assert.Contains("12 of 340 chats", page.Document.QuerySelector("#export-progress")!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("form"));
        Assert.Equal(303, (await maya.SubmitAsync(form)).Status);
        Assert.Equal(1, await app.ReadAsync(db => db.AccountExports.CountAsync()));
    }

    [Fact]
    public async Task One_that_was_begun_and_has_no_job_is_taken_up_again()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await GrowAsync(maya);
        await RowAsync("Running", 12, 340);
        await UpkeepAsync();
        Assert.NotNull((await PackedAsync(maya)).Document.QuerySelector("a[download]"));
    }

    [Fact]
    public async Task Five_a_day_are_enough()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await GrowAsync(maya);
        var form = (await maya.GetAsync(Page)).Document.QuerySelector<IHtmlFormElement>($"form[action='{Page}']")!;
        for (var i = 0; i < 5; i++) await RowAsync("Failed", 0, 0);
        Assert.Contains("could not be packed", (await maya.GetAsync(Page)).Error, StringComparison.Ordinal);
        var refused = await maya.SubmitAsync(form);
        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.RetryAfter, 1, 86_400);
        Assert.Contains("5 times a day", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_one_is_packed_five_times_in_a_row_and_then_with_pauses()
    {
        using var maya = await app.SignInAsAsync("Maya");
        for (var i = 0; i < 5; i++) Assert.Equal(200, (await maya.GetAsync(Page)).Status);
        var refused = await maya.GetAsync(Page);
        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.RetryAfter, 1, 120);
        Assert.Contains("You can download it again in", refused.Error, StringComparison.Ordinal);
        Assert.Null(refused.Document.QuerySelector($"form[action='{Page}']"));
        using var noor = await app.SignInAsAsync("Noor");
        Assert.Equal(200, (await noor.GetAsync(Page)).Status);
    }

    [Fact]
    public async Task A_file_that_no_row_knows_is_removed_and_one_that_is_kept_stays()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await GrowAsync(maya);
        await PressAsync(maya);
        await PackedAsync(maya);
        var stray = Path.Combine(app.Folder, "exports", "left-behind.zip.unfinished");
        await File.WriteAllTextAsync(stray, "half");
        await UpkeepAsync();
        Assert.False(File.Exists(stray));
        Assert.Single(Directory.GetFiles(Path.Combine(app.Folder, "exports")));
    }

    // More chats than are packed while somebody waits.
    private async Task GrowAsync(Visitor maya)
    {
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        await app.SqlAsync("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
            INSERT INTO Chats (Key, Title, TitleSource, Model, Revision, CreatedAt) SELECT printf('chat%012d', i), 'Chat ' || i, 'Person', 'm', 1, 1 FROM n;
            INSERT INTO ChatMembers (ChatId, UserId, JoinedAt, ActiveAt, ReadRevision)
            SELECT Id, (SELECT Id FROM Users ORDER BY Id LIMIT 1), 1, 1, 0 FROM Chats WHERE Key LIKE 'chat0%';
            """);
    }

    private Task<int> RowAsync(string state, int done, int all) => app.SqlAsync($"""
        INSERT INTO AccountExports (UserId, Key, State, CreatedAt, ChatsInAll, ChatsDone)
        SELECT Id, hex(randomblob(12)), '{state}', {app.Time.GetUtcNow().ToUnixTimeMilliseconds()}, {all}, {done} FROM Users
        """);

    private static async Task<(int, string?)> PressAsync(Visitor visitor)
    {
        var answer = await visitor.SubmitAsync((await visitor.GetAsync(Page)).Document.QuerySelector<IHtmlFormElement>($"form[action='{Page}']")!);
        return (answer.Status, answer.Location);
    }

    private static async Task<Answer> PackedAsync(Visitor visitor)
    {
        Answer page = null!;
        await Rooms.EventuallyAsync(async () => (page = await visitor.GetAsync(Page)).Document.QuerySelector("a[download]") is not null, "the data is packed");
        return page;
    }

    private static async Task<ZipArchive> FetchAsync(Visitor visitor, string path)
    {
        using var response = await visitor.Http.GetAsync(path);
        Assert.Equal("application/zip", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        return new ZipArchive(new MemoryStream(await response.Content.ReadAsByteArrayAsync()));
    }

    private static JsonElement Json(ZipArchive zip, string name) => JsonDocument.Parse(Text(zip, zip.GetEntry(name)!)).RootElement;

    private static string Text(ZipArchive zip, ZipArchiveEntry entry)
    {
        Assert.Same(zip, entry.Archive);
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    private async Task UpkeepAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountUpkeep>().RunAsync("", CancellationToken.None);
    }
}
