using System.Globalization;

namespace ChatMvc.Operators;

/// <summary>Bytes as people read them.</summary>
public static class Sizes
{
    public static string InWords(long bytes) => bytes switch
    {
        >= 1_000_000_000 => Of(bytes / 1e9, "GB"),
        >= 1_000_000 => Of(bytes / 1e6, "MB"),
        _ => Of(bytes / 1e3, "kB"),
    };

    private static string Of(double count, string unit) => count.ToString(count < 10 ? "0.0" : "#,##0", CultureInfo.InvariantCulture) + " " + unit;
}
