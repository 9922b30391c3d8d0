using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>A phrase book of a few dozen words in five languages, for requests to translate.</summary>
internal static partial class PhraseBook
{
    public static readonly string[] Languages = ["French", "German", "Spanish", "Italian", "Portuguese"];

    // English, then in the order of Languages.
    private static readonly string[][] Entries =
    [
        ["hello", "bonjour", "hallo", "hola", "ciao", "olá"], ["good morning", "bonjour", "guten Morgen", "buenos días", "buongiorno", "bom dia"],
        ["good night", "bonne nuit", "gute Nacht", "buenas noches", "buonanotte", "boa noite"], ["goodbye", "au revoir", "auf Wiedersehen", "adiós", "arrivederci", "adeus"],
        ["please", "s’il vous plaît", "bitte", "por favor", "per favore", "por favor"], ["thank you", "merci", "danke", "gracias", "grazie", "obrigado"],
        ["yes", "oui", "ja", "sí", "sì", "sim"], ["no", "non", "nein", "no", "no", "não"], ["how are you", "comment allez-vous", "wie geht es Ihnen", "cómo está", "come sta", "como está"],
        ["water", "eau", "Wasser", "agua", "acqua", "água"], ["bread", "pain", "Brot", "pan", "pane", "pão"], ["coffee", "café", "Kaffee", "café", "caffè", "café"],
        ["tea", "thé", "Tee", "té", "tè", "chá"], ["house", "maison", "Haus", "casa", "casa", "casa"], ["book", "livre", "Buch", "libro", "libro", "livro"],
        ["friend", "ami", "Freund", "amigo", "amico", "amigo"], ["where is", "où est", "wo ist", "dónde está", "dov’è", "onde está"], ["station", "gare", "Bahnhof", "estación", "stazione", "estação"],
        ["today", "aujourd’hui", "heute", "hoy", "oggi", "hoje"], ["tomorrow", "demain", "morgen", "mañana", "domani", "amanhã"], ["world", "monde", "Welt", "mundo", "mondo", "mundo"],
        ["love", "amour", "Liebe", "amor", "amore", "amor"], ["time", "temps", "Zeit", "tiempo", "tempo", "tempo"], ["cat", "chat", "Katze", "gato", "gatto", "gato"], ["dog", "chien", "Hund", "perro", "cane", "cão"],
    ];

    public static bool Asks(string text) => Wanted().IsMatch(text);

    /// <summary>The language asked for, and those entries of the book that stand in the text.</summary>
    public static (string Language, List<(string English, string Foreign)> Known) Translate(string text)
    {
        var column = Array.FindIndex(Languages, language => text.Contains(language, StringComparison.OrdinalIgnoreCase));
        var known = Entries
            .Where(entry => Regex.IsMatch(text, $@"\b{Regex.Escape(entry[0])}\b", RegexOptions.IgnoreCase))
            .Select(entry => (entry[0], column >= 0 ? entry[column + 1] : "")).ToList();
        var asked = column >= 0 ? Languages[column] : Into().Match(text) is { Success: true } into ? into.Groups[1].Value : "another language";
        return (asked, column >= 0 ? known : []);
    }

    [GeneratedRegex(@"\btranslat(?:e|ion)\b|\bhow (?:do|would) (?:you|i) say\b|\bwhat(?:'s| is|’s) .{1,60} in (?:french|german|spanish|italian|portuguese)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Wanted();

    [GeneratedRegex(@"\b(?:to|into|in) ([A-Z][a-z]{3,14})\b")]
    private static partial Regex Into();
}
