using System.Globalization;
using System.IO.Compression;
using System.Text;
using ChatMvc.Accounts.Manage;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>Files that come with messages: the form, the store, whose they are, and their end.</summary>
public sealed class AttachmentTests : IAsyncLifetime
{
    private static readonly (string, byte[]) Notes = ("notes.md", Encoding.UTF8.GetBytes("Knead ```well```.\n"));
    private static readonly (string, byte[]) Loaf = ("loaf.png", Pictures.Png(640, 480));
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=50");

    public async Task DisposeAsync() => await app.DisposeAsync();

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
        var files = app.Uploads();
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
        Assert.Single(app.Uploads());
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
        Assert.False(Directory.Exists(Path.Combine(app.Folder, "uploads")) && app.Uploads().Length > 0);
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
        Assert.Equal(4, app.Uploads().Length);
        app.Time.Advance(TimeSpan.FromHours(2));
        await SweepAsync();
        Assert.Equal(2, app.Uploads().Length);
        app.Time.Advance(TimeSpan.FromHours(23));
        await SweepAsync();

        var row = Assert.Single(await app.ReadAsync(db => db.Attachments.AsNoTracking().ToListAsync()));
        Assert.Equal(("loaf.png", row.Key), (row.Name, Path.GetFileName(Assert.Single(app.Uploads()))));
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
        Assert.Equal(3, app.Uploads().Length);
        await app.SqlAsync($"UPDATE Chats SET DeletedAt = 1 WHERE Key = '{chat["/chats/".Length..]}'");

        await RunAsync<ChatSweep>("");
        Assert.Equal(2, app.Uploads().Length);
        await app.SqlAsync("UPDATE Users SET DeletedAt = 1");
        await RunAsync<AccountRemoval>((await app.ReadAsync(db => db.Users.Select(u => u.Id).SingleAsync())).ToString(CultureInfo.InvariantCulture));

        Assert.Empty(app.Uploads());
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
        Assert.Equal((4, 4, 2), (app.Uploads().Length, all.Count, all.Count(a => a.MessageId == null)));
        Assert.Equal(Loaf.Item2, await File.ReadAllBytesAsync(Path.Combine(app.Folder, "uploads", all[2].Key)));
        Assert.Equal(all[0].Tokens, all[2].Tokens);
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

    // A fragment holds the message box in a template of htmx; here it is read as a page.
    private static Answer Shown(Answer answer) =>
        answer with { Text = answer.Text.Replace("hx-partial", "div", StringComparison.Ordinal) };

    private Task SweepAsync() => RunAsync<AttachmentSweep>("");

    private async Task RunAsync<T>(string id) where T : ChatMvc.Jobs.IJobHandler
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(id, CancellationToken.None);
    }
}
