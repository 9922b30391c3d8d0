using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats.Attachments;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>Files that are too many megabytes for one message take nothing of what was typed with them.</summary>
public sealed class LargeFormTests : IAsyncLifetime
{
    private const int Large = 9_000_000;
    private static readonly (string, byte[]) Loaf = ("loaf.png", Pictures.Png(640, 480));
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_form_comes_back_with_the_text_and_the_earlier_files_and_says_what_to_do(bool byHtmx)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First");
        await maya.LastAnswerAsync(chat);
        // Refused for its blank text, and kept.
        var kept = await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, " ", [Loaf]);
        Assert.Equal(["loaf.png"], kept.Kept);

        var refused = await maya.SendFilesAsync(kept.Compose, "What is “this”?\nAnd that?", Megabytes(27), byHtmx: byHtmx);

        refused = refused with { Text = refused.Text.Replace("hx-partial", "div", StringComparison.Ordinal) };
        Assert.Equal((422, "What is “this”?\nAnd that?"), (refused.Status, refused.Typed));
        Assert.StartsWith("The files are larger than 20 MB together", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(["loaf.png"], refused.Kept);
        Assert.Equal(2, (await app.MessagesAsync()).Count);
        Assert.Equal(1, await app.ReadAsync(db => db.Attachments.CountAsync()));
        if (!byHtmx) Assert.Equal(303, (await maya.SendFilesAsync(refused.Compose, refused.Typed, [])).Status);
    }

    [Fact]
    public async Task In_the_form_of_a_new_chat_the_choices_stay_as_well()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        form.QuerySelector<IHtmlSelectElement>("[name=model]")!.Value = "gpt-6-sol";

        var refused = await maya.SendFilesAsync(form, "Hello", Megabytes(27));

        Assert.Equal((422, "Hello", "gpt-6-sol"), (refused.Status, refused.Typed, refused.Compose.QuerySelector<IHtmlSelectElement>("[name=model]")!.Value));
        Assert.Empty(await app.MessagesAsync());
    }

    [Fact]
    public async Task Beyond_what_is_read_for_its_text_a_page_says_what_was_too_large_and_a_text_that_is_no_message_is_not_shown_again()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;

        var refused = await maya.SendFilesAsync(form, new string('x', 300_000), Megabytes(27));
        Assert.InRange(refused.Status, 400, 413);
        Assert.Contains("too large", (await TooLargeAsync(maya, form, FileLimits.ReadBytes + 1)).Text, StringComparison.Ordinal);
        Assert.Empty(await app.MessagesAsync());
    }

    [Fact]
    public async Task Without_its_token_nothing_is_done_and_the_text_is_shown_again()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        form.QuerySelector("[name=__RequestVerificationToken]")!.Remove();

        var refused = await maya.SendFilesAsync(form, "Hello", Megabytes(27));

        Assert.Equal(400, refused.Status);
        Assert.Equal("Hello", refused.Document.QuerySelector("textarea[name=text]")!.TextContent.Trim());
        Assert.Contains("files were not kept", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_session_ended_the_text_waits_for_the_next_sign_in()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        await app.SqlAsync($"UPDATE Sessions SET RevokedAt = {app.Time.GetUtcNow().ToUnixTimeMilliseconds()}");

        Assert.Equal(303, (await maya.SendFilesAsync(form, "Half a thought", Megabytes(27))).Status);

        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal("Half a thought", (await maya.GetAsync("/chats")).Typed);
    }

    private static (string, byte[])[] Megabytes(int count) =>
        [.. Enumerable.Range(0, count * 1_000_000 / Large).Select(i => ($"{i}.png", (byte[])[.. Pictures.Png(640, 480), .. new byte[Large]]))];

    // Its length alone is enough to be refused.
    private static async Task<Answer> TooLargeAsync(Visitor visitor, IHtmlFormElement form, long bytes)
    {
        using var content = new StreamContent(new Zeroes(bytes));
        content.Headers.ContentLength = bytes;
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        using var request = new HttpRequestMessage(HttpMethod.Post, form.GetAttribute("action")) { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await visitor.Http.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
        return new Answer(413, await response.Content.ReadAsStringAsync(), null, []);
    }

    private sealed class Zeroes(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count)
        {
            var some = (int)Math.Min(count, length - Position);
            Position += some;
            return some;
        }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
