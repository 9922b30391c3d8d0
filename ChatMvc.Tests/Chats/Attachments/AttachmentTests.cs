using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts.Manage;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Completions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>Files that come with messages, from the form to the model and back onto the page.</summary>
public sealed class AttachmentTests : IAsyncLifetime
{
    private static readonly (string, byte[]) Notes = ("notes.md", Encoding.UTF8.GetBytes("Knead ```well```.\n"));
    private static readonly (string, byte[]) Loaf = ("loaf.png", Pictures.Png(640, 480));
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=50");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Files_go_with_the_question_to_the_model_and_stand_on_the_page_with_it()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("A loaf.");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var content = Content(app.LastHeard(), 0);
        Assert.Equal(["text", "text", "image_url"], content.Select(p => p.GetProperty("type").GetString()));
        Assert.Equal("File \"notes.md\":\n````\nKnead ```well```.\n\n````\n", content[0].GetProperty("text").GetString());
        Assert.Equal("What is this?", content[1].GetProperty("text").GetString());
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(Loaf.Item2), content[2].GetProperty("image_url").GetProperty("url").GetString());

        var question = (await maya.GetAsync(chat)).Questions[0];
        var image = question.QuerySelector<IHtmlImageElement>("figure img")!;
        Assert.Equal(("loaf.png", "320", "240", "lazy"), (image.GetAttribute("alt"), image.GetAttribute("width"), image.GetAttribute("height"), image.GetAttribute("loading")));
        Assert.Equal("notes.md", question.QuerySelector(".file-name")!.TextContent);
        Assert.Equal("What is this?", question.Body());

        var shown = await maya.FetchAsync(image.GetAttribute("src")!);
        Assert.Equal((200, "image/png"), (shown.Status, shown.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(Loaf.Item2, shown.Bytes);
        var text = await maya.FetchAsync(question.QuerySelector<IHtmlAnchorElement>("a[download]")!.GetAttribute("href")!);
        Assert.Equal((200, "text/plain"), (text.Status, text.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(Notes.Item2, text.Bytes);
    }

    [Fact]
    public async Task A_file_is_given_to_its_owner_alone_and_can_do_nothing_where_it_is_opened()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        using var stranger = new Visitor(app.Address);
        var svg = ("evil.png", Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"));
        var chat = await maya.StartWithFilesAsync("What is this?", ("both.png", Pictures.Png(3, 2, behind: "<html><script>alert(1)</script>")), svg);
        await maya.LastAnswerAsync(chat);
        var other = await maya.StartChatAsync("Another chat");
        var links = (await maya.GetAsync(chat)).Questions[0].QuerySelectorAll(".files a").Select(a => a.GetAttribute("href")!).ToList();
        Assert.Equal(2, links.Count);

        foreach (var (link, disposition) in links.Zip(["inline", "attachment"]))
        {
            var (status, _, response) = await maya.FetchAsync(link);
            Assert.Equal(200, status);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("default-src 'none'; sandbox; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
            Assert.True(response.Headers.CacheControl is { Private: true, NoStore: false });
            Assert.Equal(disposition, response.Content.Headers.ContentDisposition!.DispositionType);
            Assert.Equal(404, (await noor.FetchAsync(link)).Status);
            Assert.Equal(303, (await stranger.FetchAsync(link)).Status);
            Assert.Equal(404, (await maya.FetchAsync(link.Replace(chat, other, StringComparison.Ordinal))).Status);
            Assert.Equal(404, (await maya.FetchAsync(link[..^1] + (link[^1] == 'A' ? 'B' : 'A'))).Status);
        }
        foreach (var path in (string[])["..%2f..%2fchat.db", "chat.db", "%00"])
            Assert.True((await maya.FetchAsync($"{links[0][..links[0].LastIndexOf('/')]}/{path}")).Status is 404 or 400, path);
        Assert.Equal(404, (await maya.FetchAsync("/uploads/" + links[0].Split('/')[^1])).Status);
        await app.SqlAsync("UPDATE Messages SET DeletedAt = 1 WHERE Role = 'User'");
        Assert.Equal(404, (await maya.FetchAsync(links[0])).Status);
    }

    [Fact]
    public async Task Files_lie_whole_under_random_names_that_their_owner_alone_may_read()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartWithFilesAsync("What is this?", ("../../chat.db", Notes.Item2), ("..\\..\\x.png", Loaf.Item2)));
        var files = Uploads();
        var rows = await app.ReadAsync(db => db.Attachments.AsNoTracking().OrderBy(a => a.Id).ToListAsync());
        Assert.Equal(["chat.db", "x.png"], rows.Select(a => a.Name));
        Assert.Equal(rows.Select(a => a.Key).Order(StringComparer.Ordinal), files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in files) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(app.Folder, "uploads")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_message_keeps_its_text_and_its_files_and_the_next_press_sends_both(bool byHtmx)
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        var form = (await maya.GetAsync(chat)).Compose;

        var refused = Shown(await maya.SendFilesAsync(form, "And these?", [Loaf, Notes], byHtmx: byHtmx));

        Assert.Equal(429, refused.Status);
        Assert.NotNull(refused.Notice("limit"));
        Assert.Equal("And these?", refused.Typed);
        Assert.Equal(["loaf.png", "notes.md"], refused.Kept);
        Assert.Equal(2, (await app.MessagesAsync()).Count);
        await app.SqlAsync("DELETE FROM AllowanceUses");
        var leftOut = refused.KeptKeys[1];
        Assert.Equal(303, (await maya.SendFilesAsync(refused.Compose, "And these?", [], leftOut: [leftOut])).Status);
        await maya.LastAnswerAsync(chat);
        var room = await maya.GetAsync(chat);
        Assert.NotNull(room.Questions[1].QuerySelector("img[alt='loaf.png']"));
        Assert.Null(room.Questions[1].QuerySelector(".file-name"));
        Assert.Empty(room.Kept);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_named_and_the_other_files_wait()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;

        var refused = await maya.SendFilesAsync(form, "Read these", [Notes, ("paper.pdf", Encoding.ASCII.GetBytes("%PDF-1.7")), ("<b>x.bin", new byte[9]), ("void.txt", [])]);

        Assert.Equal(422, refused.Status);
        var words = refused.Notice("error")!;
        Assert.Contains("“paper.pdf” is a PDF, and PDFs cannot be read here. Copy the text out of it", words, StringComparison.Ordinal);
        Assert.Contains("“<b>x.bin” is neither", words, StringComparison.Ordinal);
        Assert.Contains("“void.txt” is empty", words, StringComparison.Ordinal);
        Assert.Equal(("Read these", 50), (refused.Typed, refused.Left!.Value));
        Assert.Equal(["notes.md"], refused.Kept);
        Assert.Empty(await app.MessagesAsync());
        Assert.Single(Uploads());
    }

    [Fact]
    public async Task Ten_files_may_come_and_the_eleventh_is_named()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var files = Enumerable.Range(1, 11).Select(i => ($"{i}.txt", Encoding.UTF8.GetBytes($"Text {i}"))).ToArray();

        var refused = await maya.SendFilesAsync((await maya.GetAsync("/chats")).Compose, "Read these", files);

        Assert.Equal((422, 10), (refused.Status, refused.Kept.Count));
        Assert.Contains("takes 10 files", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(303, (await maya.SendFilesAsync(refused.Compose, "Read these", [])).Status);
        Assert.Equal(10, await app.ReadAsync(db => db.Attachments.CountAsync(a => a.MessageId != null)));
    }

    [Fact]
    public async Task Nobody_sends_somebody_else_s_file_or_one_twice()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var refused = await maya.SendFilesAsync((await maya.GetAsync("/chats")).Compose, "", [Notes]);
        Assert.Equal((422, 1), (refused.Status, refused.Kept.Count));
        var key = refused.KeptKeys[0];

        foreach (var (who, count) in new[] { (noor, 0), (maya, 1), (maya, 1) })
        {
            var fields = Visitor.Fields((await who.GetAsync("/chats")).Compose, ("text", "Mine?"), ("attached", key));
            Assert.Equal(303, (await who.SendAsync(HttpMethod.Post, "/chats", fields, [])).Status);
            Assert.Equal(count, await app.ReadAsync(db => db.Attachments.CountAsync(a => a.MessageId != null)));
        }
        Assert.Single(await app.MessagesAsync(), m => m.HasFiles);
    }

    [Fact]
    public async Task The_same_form_twice_is_one_message_with_its_files_once()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;

        var first = await maya.SendFilesAsync(form, "What is this?", [Loaf]);
        var second = await maya.SendFilesAsync(form, "What is this?", [Loaf]);

        Assert.Equal((303, 303, first.Location), (first.Status, second.Status, second.Location));
        Assert.Equal(2, (await app.MessagesAsync()).Count);
        Assert.Single((await maya.GetAsync(first.Location!)).Questions[0].QuerySelectorAll("img"));
    }

    [Fact]
    public async Task Files_for_a_chat_that_is_not_theirs_are_not_stored()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var chat = await maya.StartChatAsync("A secret");
        var form = (await noor.GetAsync("/chats")).Compose;
        form.SetAttribute("action", chat + "/messages");

        Assert.Equal(404, (await noor.SendFilesAsync(form, "Let me in", [Notes])).Status);
        Assert.False(Directory.Exists(Path.Combine(app.Folder, "uploads")) && Uploads().Length > 0);
    }

    [Fact]
    public async Task What_was_not_sent_within_a_day_is_removed_and_so_is_what_a_crash_left()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf);
        await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "", [Notes]);
        foreach (var orphan in (string[])["abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstuw.unfinished"])
        {
            await File.WriteAllTextAsync(Path.Combine(app.Folder, "uploads", orphan), "left");
            File.SetLastWriteTimeUtc(Path.Combine(app.Folder, "uploads", orphan), app.Time.GetUtcNow().UtcDateTime);
        }

        await SweepAsync();
        Assert.Equal(4, Uploads().Length);
        app.Time.Advance(TimeSpan.FromHours(2));
        await SweepAsync();
        Assert.Equal(2, Uploads().Length);
        app.Time.Advance(TimeSpan.FromHours(23));
        await SweepAsync();

        var row = Assert.Single(await app.ReadAsync(db => db.Attachments.AsNoTracking().ToListAsync()));
        Assert.Equal(("loaf.png", row.Key), (row.Name, Path.GetFileName(Assert.Single(Uploads()))));
    }

    [Fact]
    public async Task With_a_chat_that_is_removed_its_files_go_and_with_an_account_all()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf);
        await maya.LastAnswerAsync(chat);
        var other = await maya.StartWithFilesAsync("And this?", Notes);
        await maya.LastAnswerAsync(other);
        await maya.SendFilesAsync((await maya.GetAsync(other)).Compose, "", [Notes]);
        Assert.Equal(3, Uploads().Length);
        await app.SqlAsync($"UPDATE Chats SET DeletedAt = 1 WHERE Key = '{chat["/chats/".Length..]}'");

        await RunAsync<ChatSweep>("");
        Assert.Equal(2, Uploads().Length);
        await app.SqlAsync("UPDATE Users SET DeletedAt = 1");
        await RunAsync<AccountRemoval>((await app.ReadAsync(db => db.Users.Select(u => u.Id).SingleAsync())).ToString(CultureInfo.InvariantCulture));

        Assert.Empty(Uploads());
        Assert.Equal(0, await app.ReadAsync(db => db.Attachments.CountAsync()));
    }

    [Fact]
    public async Task All_my_data_holds_the_files()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartWithFilesAsync("Bread", Loaf, ("../no tes.md", Notes.Item2)));

        var (status, bytes, _) = await maya.FetchAsync("/account/export");

        Assert.Equal(200, status);
        using var zip = new ZipArchive(new MemoryStream(bytes));
        var files = zip.Entries.Where(e => e.FullName.StartsWith("chats/0001-", StringComparison.Ordinal) && e.FullName.Count(c => c == '/') == 2).ToList();
        Assert.Equal(2, files.Count);
        Assert.EndsWith("-loaf.png", files[0].Name, StringComparison.Ordinal);
        Assert.EndsWith("-no-tes.md", files[1].Name, StringComparison.Ordinal);
        using var stream = files[0].Open();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(Loaf.Item2, copy.ToArray());
    }

    [Fact]
    public async Task The_tokens_of_files_are_covered_before_they_are_sent_and_bound_like_the_text()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);
        var messages = await app.MessagesAsync();
        var files = TokenEstimate.Of(PromptText.Of(Notes.Item1, Encoding.UTF8.GetString(Notes.Item2))) + FileTokens.OfImage(640, 480);
        Assert.Equal(TokenEstimate.OfTurn("What is this?") + files, messages[0].Tokens);
        Assert.Equal(messages[0].Tokens, messages[1].MaxPromptTokens);

        await maya.SayAsync(chat, "And now?");
        await maya.LastAnswerAsync(chat);
        messages = await app.MessagesAsync();
        Assert.Equal(messages.Take(3).Sum(m => m.Tokens), messages[3].MaxPromptTokens);
        Assert.Equal(3, Content(app.LastHeard(), 0).Count);

        var long1 = ("long.txt", Encoding.UTF8.GetBytes(new string('a', 70_000)));
        var refused = await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "Too long?", [long1]);
        Assert.Equal((422, "Too long?"), (refused.Status, refused.Typed));
        Assert.Contains("32,000 is the most", refused.Notice("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_keeps_its_files_as_long_as_the_budget_lasts_and_what_goes_is_what_was_covered()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Yes.");
        var chat = await maya.StartWithFilesAsync("First?", ("long.txt", Encoding.UTF8.GetBytes(new string('a', 600))));
        await maya.LastAnswerAsync(chat);

        await maya.SayAsync(chat, "Second?");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(3, Heard(app).Count);
        await maya.SayAsync(chat, "Third? " + new string('b', 300));
        await maya.LastAnswerAsync(chat);

        Assert.Equal(["Yes.", "Second?", "Yes."], Heard(app).SkipLast(1).Select(m => m.GetProperty("content").GetString()));
        var answers = (await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).ToList();
        Assert.All(answers, a => Assert.InRange(a.MaxPromptTokens!.Value, 1, 500));
    }

    [Fact]
    public async Task A_model_without_eyes_is_named_and_hears_of_earlier_pictures_by_name()
    {
        var catalog = Path.GetTempFileName();
        await File.WriteAllTextAsync(catalog, """[{ "id": "gpt-6-luna*", "kind": "chat", "window": 100000, "images": true }, { "id": "gpt-6-sol*", "kind": "chat", "window": 100000 }]""");
        await using var app = await TestApp.StartAsync($"Models:Catalog={catalog}", "OpenAI:Models=gpt-6-luna,gpt-6-sol", "OpenAI:MaxAnswerTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf);
        var answer = await maya.LastAnswerAsync(chat);
        var settings = (await maya.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>("form.room-settings")!;
        Assert.Equal(303, (await maya.SubmitAsync(settings, ("model", "gpt-6-sol"))).Status);

        var refused = await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "And this?", [Loaf]);
        Assert.Equal((422, "And this?", 1), (refused.Status, refused.Typed, refused.Kept.Count));
        Assert.Contains("gpt-6-sol cannot see pictures. Choose another model", refused.Notice("error"), StringComparison.Ordinal);
        var page = await maya.GetAsync($"{chat}/messages/{answer.MessageId()}");
        Assert.Equal(422, (await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.again")!, ("model", "gpt-6-sol"))).Status);

        await maya.SayAsync(chat, "Go on");
        await maya.LastAnswerAsync(chat);
        Assert.Contains("[The file \"loaf.png\" came with this message; this model cannot see pictures.]", string.Concat(Content(app.LastHeard(), 0).Select(p => p.GetProperty("text").GetString())), StringComparison.Ordinal);
        File.Delete(catalog);
    }

    [Fact]
    public async Task The_files_of_a_question_can_be_taken_for_another_one()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await using var scope = app.Services.CreateAsyncScope();
        var (me, question) = await app.ReadAsync(async db => (await db.Users.SingleAsync(), await db.Messages.Where(m => m.Role == Role.User).Select(m => m.Id).SingleAsync()));

        var attaching = scope.ServiceProvider.GetRequiredService<Attaching>();
        await attaching.TakeFromAsync(me, question, CancellationToken.None);

        Assert.Equal(["loaf.png", "notes.md"], attaching.Kept.Select(a => a.Name));
        var all = await app.ReadAsync(db => db.Attachments.AsNoTracking().OrderBy(a => a.Id).ToListAsync());
        Assert.Equal((4, 4, 2), (Uploads().Length, all.Count, all.Count(a => a.MessageId == null)));
        Assert.Equal(Loaf.Item2, await File.ReadAllBytesAsync(Path.Combine(app.Folder, "uploads", all[2].Key)));
        Assert.Equal(all[0].Tokens, all[2].Tokens);
    }

    [Fact]
    public async Task A_question_in_other_words_keeps_its_files_and_one_that_is_refused_leaves_no_copies()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);
        var form = await EditFormAsync(maya, chat);
        Assert.Contains("Its files go with it.", form.TextContent, StringComparison.Ordinal);

        Assert.Equal(422, (await maya.SubmitAsync(form, ("text", ""))).Status);
        Assert.Equal((2, 2), (Uploads().Length, await app.ReadAsync(db => db.Attachments.CountAsync())));
        foreach (var _ in (int[])[1, 2])
        {
            Assert.Equal(303, (await maya.SubmitAsync(form, ("text", "What bread is this?"))).Status);
            await maya.LastAnswerAsync(chat);
            Assert.Equal((4, 4), (Uploads().Length, await app.ReadAsync(db => db.Attachments.CountAsync(a => a.MessageId != null))));
        }

        var content = Content(app.LastHeard(), 0);
        Assert.Equal("What bread is this?", content[1].GetProperty("text").GetString());
        Assert.Equal(3, content.Count);
        var question = Assert.Single((await maya.GetAsync(chat)).Questions);
        var shown = await maya.FetchAsync(question.QuerySelector<IHtmlImageElement>("figure img")!.GetAttribute("src")!);
        Assert.Equal(Loaf.Item2, shown.Bytes);
        var answers = (await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).ToList();
        Assert.Equal(2, answers.Count);
        Assert.Equal(answers[0].MaxPromptTokens + TokenEstimate.Of("What bread is this?") - TokenEstimate.Of("What is this?"), answers[1].MaxPromptTokens);
    }

    private static async Task<IHtmlFormElement> EditFormAsync(Visitor visitor, string chat)
    {
        var question = (await visitor.GetAsync(chat)).Questions[0];
        var page = await visitor.GetAsync($"{chat}/messages/{question.MessageId()}");
        return page.Document.QuerySelector<IHtmlFormElement>("form.edit")!;
    }

    [Fact]
    public async Task The_preview_names_the_files_that_go_along()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);

        var line = (await maya.GetAsync(chat + "/preview")).Document.QuerySelector(".sent-list li")!;

        Assert.Equal("What is this?", line.QuerySelector(".sent-text")!.TextContent);
        Assert.Equal(["loaf.png", "notes.md"], line.QuerySelectorAll(".file-name").Select(n => n.TextContent));
        Assert.DoesNotContain("Knead", line.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_hears_of_the_files_by_name()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=2400", "OpenAI:MaxAnswerTokens=500", "Limits:BasicMessages=20");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer of some length. " + new string('a', 400));
        var chat = await maya.StartWithFilesAsync("Read this", ("long.txt", Encoding.UTF8.GetBytes(new string('b', 3_000))));
        for (var i = 0; i < 6; i++)
        {
            await maya.LastAnswerAsync(chat);
            await maya.SayAsync(chat, $"Question {i}");
        }
        await maya.LastAnswerAsync(chat);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Summaries > 0), "it is asked for");

        var asked = app.OpenAI.Calls.Snapshot().First(c => c.Kind == CallKind.Summary);
        Assert.Equal("[The file \"long.txt\" came with this message; it is not shown here.]\nRead this", PromptTests.MessagesOf(Encoding.UTF8.GetString(asked.Body!))[1].Text);
    }

    [Fact]
    public async Task A_retry_sends_the_files_again_and_covers_them()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(401);
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        var failed = await maya.LastAnswerAsync(chat);
        var before = app.LastHeard();

        await maya.SubmitAsync(failed.Form("regenerate"));
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        Assert.Equal(before, app.LastHeard());
        Assert.Single((await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).Select(m => m.MaxPromptTokens).Distinct());
    }

    [Fact]
    public async Task The_sandbox_says_what_it_saw()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var answer = await maya.LastAnswerAsync(await maya.StartWithFilesAsync("Explain how bread is made", Loaf, Notes));
        Assert.Contains("With your message came the file “notes.md”.", answer.Body(), StringComparison.Ordinal);
        Assert.Contains("An attachment came with your message", answer.Body(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Megabytes_may_come_with_a_message_and_nowhere_else()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var large = ("large.png", (byte[])[.. Pictures.Png(640, 480), .. new byte[9_000_000]]);
        var chat = await maya.StartWithFilesAsync("What is this?", large);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var tooLarge = await maya.SendFilesAsync((await maya.GetAsync("/chats")).Compose, "Larger", [("x.png", new byte[10_000_001])]);
        Assert.Equal(422, tooLarge.Status);
        Assert.Contains("“x.png” is larger than 10 MB", tooLarge.Notice("error"), StringComparison.Ordinal);
        var form = (await maya.GetAsync("/chats")).Compose;
        form.SetAttribute("action", chat + "/settings");
        Assert.Equal(413, (await maya.SendFilesAsync(form, "Elsewhere", [("x.png", new byte[2_000_000])])).Status);
    }

    private static List<JsonElement> Heard(TestApp app)
    {
        using var json = JsonDocument.Parse(app.LastHeard());
        return [.. json.RootElement.GetProperty("messages").EnumerateArray().Select(m => m.Clone())];
    }

    private static List<JsonElement> Content(string request, int message)
    {
        using var json = JsonDocument.Parse(request);
        return [.. json.RootElement.GetProperty("messages")[message].GetProperty("content").EnumerateArray().Select(p => p.Clone())];
    }

    // A fragment holds the message box in a template of htmx; here it is read as a page.
    private static Answer Shown(Answer answer) =>
        answer with { Text = answer.Text.Replace("hx-partial", "div", StringComparison.Ordinal) };

    private string[] Uploads() => Directory.GetFiles(Path.Combine(app.Folder, "uploads"));

    private Task SweepAsync() => RunAsync<AttachmentSweep>("");

    private async Task RunAsync<T>(string id) where T : ChatMvc.Jobs.IJobHandler
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(id, CancellationToken.None);
    }
}
