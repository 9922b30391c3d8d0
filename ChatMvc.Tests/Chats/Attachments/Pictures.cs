using System.Buffers.Binary;
using System.Text;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>Files for tests, as small as their kind allows.</summary>
internal static class Pictures
{
    /// <summary>Which every browser shows.</summary>
    public static readonly byte[] WholePng = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    public static byte[] Png(int width, int height, bool isAnimated = false, string behind = "") =>
    [
        0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n',
        .. Chunk("IHDR", [.. Big32(width), .. Big32(height), 8, 6, 0, 0, 0]),
        .. isAnimated ? Chunk("acTL", new byte[8]) : [],
        .. Chunk("IDAT", [1, 2, 3]), .. Encoding.UTF8.GetBytes(behind),
    ];

    public static byte[] Jpeg(int width, int height, int orientation = 1) =>
    [
        0xff, 0xd8, 0xff, 0xe1, .. Big16(34), .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0,
        0xff, 0xc0, .. Big16(11), 8, .. Big16(height), .. Big16(width), 1, 0, 0, 0, 0xff, 0xda,
    ];

    public static byte[] Gif(int width, int height, int frames = 1)
    {
        byte[] frame = [0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
        return [.. "GIF89a"u8, .. Little16(width), .. Little16(height), 0x80, 0, 0, .. new byte[6], .. Enumerable.Repeat(frame, frames).SelectMany(f => f), 0x3b];
    }

    public static byte[] WebP(int width, int height, bool isAnimated = false) =>
    [
        .. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, (byte)(isAnimated ? 2 : 0), 0, 0, 0, .. Little24(width - 1), .. Little24(height - 1),
    ];

    public static byte[] LossyWebP(int width, int height) =>
        [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8 "u8, 10, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, .. Little16(width), .. Little16(height)];

    public static byte[] LosslessWebP(int width, int height)
    {
        var bits = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bits, width - 1 | height - 1 << 14);
        return [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8L"u8, 5, 0, 0, 0, 0x2f, .. bits];
    }

    private static byte[] Chunk(string name, byte[] data) => [.. Big32(data.Length), .. Encoding.ASCII.GetBytes(name), .. data, 0, 0, 0, 0];

    private static byte[] Big32(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
    private static byte[] Big16(int value) => [(byte)(value >> 8), (byte)value];
    private static byte[] Little16(int value) => [(byte)value, (byte)(value >> 8)];
    private static byte[] Little24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];
}
