using System.Buffers;
using System.Text;

namespace ChatMvc.Accounts.Passwords;

/// <summary>
/// The fifty thousand passwords that are guessed first: a JSON list of small ASCII letters, digits and signs, as the build took
/// it from npm (zxcvbn-ts). It is searched as it lies in the program's file, because passwords are set seldom and a table of
/// them would stay in memory for good.
/// </summary>
public static class CommonPasswords
{
    internal const string Resource = "passwords.json";

    /// <param name="words">In small letters.</param>
    public static bool HoldAny(IEnumerable<string> words)
    {
        using var file = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)!;
        var length = (int)file.Length;
        var list = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            file.ReadExactly(list, 0, length);
            return words.Where(CouldStandThere).Any(word => list.AsSpan(0, length).IndexOf(Encoding.ASCII.GetBytes($"\"{word}\"")) >= 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(list);
        }
    }

    // What JSON would escape is in none of them; a lone comma stands between any two.
    private static bool CouldStandThere(string word) =>
        word.Length > 1 && !word.AsSpan().ContainsAnyExceptInRange(' ', '~') && !word.AsSpan().ContainsAny('"', '\\');
}
