using ChatMvc.Completions;

namespace ChatMvc.Chats.Attachments;

/// <summary>
/// What a file adds to a prompt, in tokens, as an upper estimate. A text: as every text, with its name and fence. A picture:
/// the larger of the two ways in which OpenAI's models count. By tiles: scaled into 2,048 × 2,048, then to a shorter side of
/// 768, 85 and 170 for each square of 512. By patches: one for each square of 32, at most 1,536, at the dearest 2.46 each.
/// </summary>
/// <remarks>gpt-4o-mini alone takes 33 times its tiles; what is beyond the estimate is never charged to anybody.</remarks>
public static class FileTokens
{
    private const double Outer = 2_048;
    private const double Inner = 768;
    private const double Tile = 512;
    private const int PerImage = 85;
    private const int PerTile = 170;
    private const double Patch = 32;
    private const int MaxPatches = 1_536;
    private const double PerPatch = 2.46;

    public static int Of(string name, FileContent content) =>
        content.Size is { } size ? OfImage(size.Width, size.Height) : TokenEstimate.Of(PromptText.Of(name, content.Text));

    public static int OfImage(int width, int height) => Math.Max(ByTiles(width, height), ByPatches(width, height));

    private static int ByTiles(double width, double height)
    {
        var scale = Math.Min(1, Outer / Math.Max(width, height));
        scale *= Math.Min(1, Inner / (Math.Min(width, height) * scale));
        return PerImage + PerTile * (int)(Math.Ceiling(width * scale / Tile) * Math.Ceiling(height * scale / Tile));
    }

    private static int ByPatches(double width, double height) =>
        (int)Math.Ceiling(PerPatch * Math.Min(MaxPatches, Math.Ceiling(width / Patch) * Math.Ceiling(height / Patch)));
}
