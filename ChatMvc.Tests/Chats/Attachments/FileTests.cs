using System.Security.Cryptography;
using System.Text;
using ChatMvc.Chats.Attachments;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>What files are by what is in them.</summary>
/// <remarks>Files that long are not to be part of a test's name, which the runner keeps: they took 140 MB in it.</remarks>
public sealed class FileTests
{
    public static TheoryData<string, byte[], string, int, int> Images => new()
    {
        { "PNG", Pictures.Png(640, 480), "image/png", 640, 480 },
        { "PNG with HTML behind it", Pictures.Png(3, 2, behind: "<script>alert(1)</script>"), "image/png", 3, 2 },
        { "JPEG", Pictures.Jpeg(640, 480), "image/jpeg", 640, 480 },
        { "JPEG of a camera on its side", Pictures.Jpeg(640, 480, orientation: 6), "image/jpeg", 480, 640 },
        { "GIF", Pictures.Gif(64, 48), "image/gif", 64, 48 },
        { "WebP", Pictures.WebP(640, 480), "image/webp", 640, 480 },
        { "WebP with loss", Pictures.LossyWebP(640, 480), "image/webp", 640, 480 },
        { "WebP without loss", Pictures.LosslessWebP(640, 480), "image/webp", 640, 480 },
    };

    [Theory, MemberData(nameof(Images), DisableDiscoveryEnumeration = true)]
    public void A_picture_is_known_by_its_content(string name, byte[] file, string type, int width, int height)
    {
        Assert.NotEmpty(name);
        var (content, refusal) = FileContent.Judge(file);
        Assert.Null(refusal);
        Assert.Equal((AttachmentKind.Image, type, (width, height)), (content!.Kind, content.MediaType, content.Size!.Value));
        Assert.Equal(file, content.Bytes);
    }

    public static TheoryData<string, byte[], string> Refused => new()
    {
        { "nothing", [], "empty" },
        { "zeros", new byte[300], "neither" },
        { "a program", [0x7f, .. "ELF"u8, 2, 1, 1, 0, 0], "neither" },
        { "a zip", [.. "PK"u8, 3, 4, 20, 0, 8, 8], "neither" },
        { "half a UTF-8 character", [.. "caf"u8, 0xc3], "neither" },
        { "UTF-16 with half a pair", [0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00], "neither" },
        { "a PDF", [.. "%PDF-1.7 ..."u8], "PDFs cannot be read here" },
        { "a PDF behind a line", [.. "\n\n%PDF-1.7 ..."u8], "PDFs cannot be read here" },
        { "a long text", Encoding.UTF8.GetBytes(new string('a', FileLimits.TextBytes + 1)), "longer than 200 KB" },
        { "a very long text", Encoding.UTF8.GetBytes(new string('a', 3 * FileLimits.TextBytes)), "longer than 200 KB" },
        { "UTF-16 that is long as UTF-8", [0xff, 0xfe, .. Encoding.Unicode.GetBytes(new string('漢', FileLimits.TextBytes / 3 + 1))], "longer than 200 KB" },
        { "an animated PNG", Pictures.Png(3, 2, isAnimated: true), "animated" },
        { "an animated GIF", Pictures.Gif(3, 2, frames: 2), "animated" },
        { "an animated WebP", Pictures.WebP(3, 2, isAnimated: true), "animated" },
        { "a picture that unpacks to ten gigabytes", Pictures.Png(50_000, 50_000), "too many" },
        { "a picture as long as a street", Pictures.Png(16_385, 1), "too many" },
        { "a picture of no size", Pictures.Png(0, 1), "neither" },
        { "a picture of negative size", Pictures.Png(-1, 1), "neither" },
        { "a PNG that is cut off", Pictures.Png(3, 2)[..20], "neither" },
        { "a JPEG without a frame", [0xff, 0xd8, 0xff, 0xda, 0, 0], "neither" },
        { "a JPEG whose segment leads beyond the end", [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0], "neither" },
        { "a JPEG whose segment has no length", [0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0], "neither" },
    };

    [Theory, MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_is_neither_a_text_nor_a_still_picture_is_refused_in_words(string name, byte[] file, string words)
    {
        Assert.NotEmpty(name);
        var (content, refusal) = FileContent.Judge(file);
        Assert.Null(content);
        Assert.Contains(words, refusal, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[], string> Texts => new()
    {
        { "UTF-8", [.. "Grüße, 東京 🥖\r\n"u8], "Grüße, 東京 🥖\r\n" },
        { "UTF-8 with a mark", [0xef, 0xbb, 0xbf, .. "text"u8], "text" },
        { "UTF-16", [0xff, 0xfe, .. Encoding.Unicode.GetBytes("Grüße 🥖")], "Grüße 🥖" },
        { "UTF-16, the other way round", [0xfe, 0xff, .. Encoding.BigEndianUnicode.GetBytes("Grüße 🥖")], "Grüße 🥖" },
        { "SVG", [.. "<svg onload='alert(1)'/>"u8], "<svg onload='alert(1)'/>" },
        { "HTML that begins like nothing", [.. "<!doctype html><script>"u8], "<!doctype html><script>" },
        { "GIF in words", [.. "GIF89b is no version"u8], "GIF89b is no version" },
        { "as long as may be", Encoding.UTF8.GetBytes(new string('a', FileLimits.TextBytes)), new string('a', FileLimits.TextBytes) },
    };

    [Theory, MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void A_text_is_kept_as_UTF_8(string name, byte[] file, string text)
    {
        Assert.NotEmpty(name);
        var (content, refusal) = FileContent.Judge(file);
        Assert.Null(refusal);
        Assert.Equal((AttachmentKind.Text, "text/plain", text), (content!.Kind, content.MediaType, content.Text));
    }

    [Fact]
    public void Whatever_bytes_follow_a_picture_s_mark_reading_ends_and_throws_nothing()
    {
        var random = new Random(20261121);
        byte[][] wholes = [Pictures.Png(640, 480, isAnimated: true), Pictures.Jpeg(640, 480, 6), Pictures.Gif(64, 48, 3), Pictures.WebP(64, 48), Pictures.LossyWebP(6, 4), Pictures.LosslessWebP(6, 4)];
        for (var round = 0; round < 20_000; round++)
        {
            var file = wholes[round % wholes.Length].ToArray();
            for (var change = random.Next(1, 8); change > 0; change--) file[random.Next(file.Length)] = (byte)random.Next(256);
            file = file[..random.Next(file.Length + 1)];
            var (content, refusal) = FileContent.Judge(file);
            Assert.True(content is null != refusal is null, Convert.ToHexString(file));
        }
        Assert.NotNull(FileContent.Judge(RandomNumberGenerator.GetBytes(5_000)).Refusal);
    }

    [Theory]
    [InlineData("notes.md", "notes.md")]
    [InlineData(@"C:\Users\Maya\notes.md", "notes.md")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("a\r\nSet-Cookie: b\0.txt", "aSet-Cookie: b.txt")]
    [InlineData("photo\u202egnp.exe", "photognp.exe")]
    [InlineData("\u2028x\u2029.txt", "x.txt")]
    [InlineData("\"><img src=x onerror=alert(1)>.png", "'><img src=x onerror=alert(1)>.png")]
    [InlineData("..", "file")]
    [InlineData("\u200b", "file")]
    [InlineData("folder/", "file")]
    [InlineData("Straße 東京 🥖.txt", "Straße 東京 🥖.txt")]
    public void A_name_is_shown_without_what_is_no_name(string given, string shown) => Assert.Equal(shown, FileName.Clean(given));

    [Fact]
    public void A_long_name_keeps_its_ending_and_no_half_characters()
    {
        var name = FileName.Clean(string.Concat(Enumerable.Repeat("🥖", 150)) + ".markdown");
        Assert.InRange(name.Length, Attachment.MaxName - 2, Attachment.MaxName);
        Assert.EndsWith("🥖….markdown", name, StringComparison.Ordinal);
        Assert.InRange(FileName.Clean("a." + new string('b', 300)).Length, 1, Attachment.MaxName);
    }

    [Theory]
    [InlineData(1, 1, 255)]
    [InlineData(512, 512, 630)]
    [InlineData(768, 768, 1_417)]
    [InlineData(1_024, 1_024, 2_520)]
    [InlineData(4_032, 3_024, 3_779)]
    [InlineData(16_000, 100, 3_779)]
    [InlineData(2_048, 16, 765)]
    public void A_picture_counts_as_much_as_its_dearer_formula_says(int width, int height, int tokens) => Assert.Equal(tokens, FileTokens.OfImage(width, height));

    [Fact]
    public void A_text_stands_between_fences_that_it_does_not_hold()
    {
        Assert.Equal("File \"a.md\":\n```\ntext\n```\n", PromptText.Of("a.md", "text"));
        Assert.Equal("File \"a.md\":\n`````\na ```` b\n`````\n", PromptText.Of("a.md", "a ```` b"));
    }
}
