using System.Buffers.Binary;

namespace ChatMvc.Chats.Attachments;

/// <summary>
/// What the first bytes of a picture say of it. Only headers are read, never a pixel: whatever stands in them, reading
/// ends with the bytes there are.
/// </summary>
/// <param name="MediaType">PNG, JPEG, GIF or WebP: what models take.</param>
/// <param name="Width">As it is seen: turned as its camera says.</param>
/// <param name="Height">The same.</param>
/// <param name="IsAnimated">Whether it has more than one frame.</param>
public sealed record ImageHeader(string MediaType, int Width, int Height, bool IsAnimated)
{
    /// <summary>The header of a picture; null for anything else, and for one that is cut off within its header.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return file.StartsWith(PngMark) ? Png(file)
                : file.StartsWith(JpegMark) ? Jpeg(file)
                : file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) ? Gif(file)
                : file.StartsWith("RIFF"u8) && file.Length > 12 && file[8..].StartsWith("WEBP"u8) ? WebP(file)
                : null;
        }
        // Cut off, or lengths that lead beyond the end.
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
        catch (IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> PngMark => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];
    private static ReadOnlySpan<byte> JpegMark => [0xff, 0xd8, 0xff];

    private static ImageHeader? Of(string type, long width, long height, bool isAnimated) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new("image/" + type, (int)width, (int)height, isAnimated) : null;

    // Chunks of length, name, data and checksum; the first is the header, and an animation says so before its pixels.
    private static ImageHeader? Png(ReadOnlySpan<byte> file)
    {
        if (!file[12..].StartsWith("IHDR"u8)) return null;
        var isAnimated = false;
        for (var at = 8L; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            if (chunk[4..].StartsWith("IDAT"u8)) break;
            isAnimated |= chunk[4..].StartsWith("acTL"u8);
            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }
        return Of("png", BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]), isAnimated);
    }

    // Segments of marker and length, up to the one that begins a frame.
    private static ImageHeader? Jpeg(ReadOnlySpan<byte> file)
    {
        var isTurned = false;
        for (var at = 2; ;)
        {
            if (file[at] != 0xff) return null;
            while (file[at] == 0xff) at++;
            var marker = file[at++];
            if (marker is 0x01 or (>= 0xd0 and <= 0xd8)) continue;
            // The end, or pixels without a frame.
            if (marker is 0xd9 or 0xda) return null;
            var segment = file.Slice(at + 2, BinaryPrimitives.ReadUInt16BigEndian(file[at..]) - 2);
            at += 2 + segment.Length;
            if (marker == 0xe1 && segment.StartsWith("Exif\0\0"u8)) isTurned = IsTurned(segment[6..]);
            if (marker is not (>= 0xc0 and <= 0xcf) or 0xc4 or 0xc8 or 0xcc) continue;
            var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
            return isTurned ? Of("jpeg", height, width, false) : Of("jpeg", width, height, false);
        }
    }

    private const int Orientation = 0x0112;

    // Orientations five to eight lie on their side.
    private static bool IsTurned(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8) return false;
        var isLittle = exif[0] == (byte)'I';
        var at = Long(exif[4..]);
        if (at > exif.Length - 2) return false;
        var entries = exif[(int)at..];
        for (var i = 0; i < Short(entries) && 2 + 12 * i + 12 <= entries.Length; i++)
            if (entries.Slice(2 + 12 * i, 12) is var entry && Short(entry) == Orientation) return Short(entry[8..]) is >= 5 and <= 8;
        return false;

        int Short(ReadOnlySpan<byte> bytes) => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        uint Long(ReadOnlySpan<byte> bytes) => isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    // A screen with its colours, then extensions and frames, each with runs of at most 255 bytes up to an empty one.
    private static ImageHeader? Gif(ReadOnlySpan<byte> file)
    {
        var (at, frames) = (13 + Colours(file[10]), 0);
        while (at < file.Length && frames < 2)
        {
            switch (file[at])
            {
                case 0x21:
                    at = Runs(file, at + 2);
                    break;
                case 0x2c:
                    frames++;
                    at = Runs(file, at + 11 + Colours(file[at + 9]));
                    break;
                default:
                    at = file.Length;
                    break;
            }
        }
        return Of("gif", BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]), frames > 1);
    }

    private static int Colours(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int Runs(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length && file[at] != 0) at += 1 + file[at];
        return at + 1;
    }

    // One of three beginnings: with loss, without, or the extended one that tells of an animation.
    private static ImageHeader? WebP(ReadOnlySpan<byte> file)
    {
        var name = file[12..16];
        var data = file[20..];
        if (name.SequenceEqual("VP8 "u8) && data[3..].StartsWith((ReadOnlySpan<byte>)[0x9d, 0x01, 0x2a]))
            return Of("webp", BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3fff, false);
        if (name.SequenceEqual("VP8L"u8) && data[0] == 0x2f)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            return Of("webp", (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, false);
        }
        return name.SequenceEqual("VP8X"u8) ? Of("webp", Three(data[4..]) + 1, Three(data[7..]) + 1, (data[0] & 2) != 0) : null;
    }

    private static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
