using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ChatMvc.Chats.History;

/// <summary>A word of a text, and what it is compared by: lower case, without diacritics.</summary>
/// <param name="Start">In UTF-16 characters.</param>
/// <param name="End">Behind its last one.</param>
/// <param name="Folded">Equal for words that count as the same.</param>
/// <param name="IsAlone">Whether it is one character of a script that is written without spaces.</param>
public readonly record struct SearchWord(int Start, int End, string Folded, bool IsAlone);

/// <summary>
/// Takes a text apart as the index does (<c>unicode61 remove_diacritics 2</c> after the migration <c>History</c> has put spaces
/// around each Chinese, Japanese, Korean or Thai character), to form a query and to find its words in what it found.
/// </summary>
public static class SearchText
{
    private static readonly string[] Accented =
    [
        "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ", "bḃḅḇ", "cçćĉċčḉ", "dďḋḍḏḑḓ", "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ", "fḟ", "gĝğġģǧǵḡ", "hĥȟḣḥḧḩḫẖ",
        "iìíîïĩīĭįǐȉȋḭḯỉị", "jĵǰ", "kķǩḱḳḵ", "lĺļľḷḹḻḽ", "mḿṁṃ", "nñńņňǹṅṇṉṋ", "oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ", "pṕṗ",
        "rŕŗřȑȓṙṛṝṟ", "sśŝşšșṡṣṥṧṩ", "tţťțṫṭṯṱẗ", "uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", "vṽṿ", "wŵẁẃẅẇẉẘ", "xẋẍ", "yýÿŷȳẏẙỳỵỷỹ", "zźżžẑẓẕ",
        "её", "αά", "εέ", "ηή", "ιίϊΐ", "οό", "υύϋΰ", "ωώ",
    ];

    private static readonly FrozenDictionary<int, char> Plain =
        Accented.SelectMany(group => group.Skip(1).Select(c => KeyValuePair.Create((int)c, group[0]))).Append(new('ς', 'σ')).ToFrozenDictionary();

    public static List<SearchWord> Words(string text)
    {
        var (words, folded) = (new List<SearchWord>(), new StringBuilder());
        var start = -1;
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            var isAlone = IsUnspaced(rune.Value);
            var isLetter = IsLetter(rune);
            // A combining accent goes on with a word and is not compared.
            if (start >= 0 && (isAlone || !isLetter && !IsAccent(rune))) End(i);
            if (isLetter && isAlone) words.Add(new(i, i + length, rune.ToString(), IsAlone: true));
            else if (isLetter)
            {
                if (start < 0) start = i;
                Append(rune);
            }
            i += length;
        }
        if (start >= 0) End(text.Length);
        return words;

        void Append(Rune rune)
        {
            var lower = Rune.ToLowerInvariant(rune);
            folded.Append(Plain.TryGetValue(lower.Value, out var plain) ? plain.ToString() : lower.ToString());
        }

        void End(int end)
        {
            words.Add(new(start, end, folded.ToString(), IsAlone: false));
            folded.Clear();
            start = -1;
        }
    }

    private static bool IsLetter(Rune rune) => rune.IsAscii ? char.IsAsciiLetterOrDigit((char)rune.Value) : Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse;

    // Those that SQLite takes for accents; it ends a word at the others.
    private static bool IsAccent(Rune rune) => rune.Value is >= 0x300 and <= 0x331;

    private static bool IsUnspaced(int c) => c is >= 0xE01 and (<= 0xE5B or >= 0xE81 and <= 0xEDF or >= 0x1000 and <= 0x109F or >= 0x1780 and <= 0x17FF
        or >= 0x2E80 and <= 0x2FDF or >= 0x3005 and <= 0x3007 or >= 0x3041 and <= 0x31BF or >= 0x31F0 and <= 0x31FF or >= 0x3400 and <= 0x4DBF
        or >= 0x4E00 and <= 0x9FFF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFF66 and <= 0xFF9F or >= 0x20000 and <= 0x2FFFF);
}
