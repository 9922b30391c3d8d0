using System.Globalization;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Completions;
using ChatMvc.Shared;

namespace ChatMvc.Chats;

/// <summary>Who named a chat. What a person chose is never overwritten.</summary>
public enum TitleSource { Question, Model, Person }

/// <summary>A room with one history.</summary>
public sealed class Chat
{
    public const int KeyLength = 16;
    public const int MaxTitle = 120;
    /// <summary>Hundredths.</summary>
    public const int MaxTemperature = 200;
    public const int MinAnswerTokens = 16;
    private const int MaxQuestionTitle = 60;
    private const string Untitled = "Untitled";

    private Chat() { }

    /// <summary>A new room named after the first line of its first question, until a model or a person names it.</summary>
    public Chat(User owner, string firstText, string model, DateTimeOffset now)
    {
        Key = RandomKey.OfLength(KeyLength);
        Title = TitleFrom(firstText);
        Model = model;
        CreatedAt = now;
        Members.Add(new ChatMember(owner.Id, now));
    }

    public long Id { get; private set; }
    /// <summary>16 random URL-safe characters: the id in addresses.</summary>
    public string Key { get; private set; } = "";
    public string Title { get; private set; } = "";
    public TitleSource TitleSource { get; private set; }
    /// <summary>The model of the next answer.</summary>
    public string Model { get; private set; } = "";
    /// <summary>Raised in every transaction that changes the room; the rows it changed carry it.</summary>
    public long Revision { get; private set; }
    /// <summary>The newest message of the branch that is shown.</summary>
    public long? HeadId { get; private set; }
    /// <summary>Micro-dollars that its answers cost, as they were shown.</summary>
    public long CostMicros { get; private set; }
    /// <summary>Answers whose model's price is not known: they are missing in <see cref="CostMicros"/>.</summary>
    public int UnknownCosts { get; private set; }
    /// <summary>Answers whose cost is our own estimate.</summary>
    public int EstimatedCosts { get; private set; }
    /// <summary>The system prompt of the next question; null for none.</summary>
    public long? ContextId { get; private set; }
    /// <summary>Whether the next question is sent alone, without what was said before.</summary>
    public bool IsWithoutMemory { get; private set; }
    /// <summary>Hundredths, 0 to 200; null for the model's own.</summary>
    public int? Temperature { get; private set; }
    /// <summary>The longest answer that its people want; null for as long as may be.</summary>
    public int? MaxAnswerTokens { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? DeletedAt { get; private set; }
    public List<ChatMember> Members { get; } = [];

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsKey(string? text) =>
        text is { Length: KeyLength } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Starts a change: the revision that every row touched by it has to carry.</summary>
    public long NextRevision() => ++Revision;

    public void MoveHead(Message to) => HeadId = to.Id;

    /// <summary>Shows another branch, or none where all was deleted.</summary>
    public void MoveHead(long? to) => HeadId = to;

    public void Choose(string model) => Model = model;

    /// <summary>The system prompt from the next question on; null for none.</summary>
    public void AskUnder(long? contextId) => ContextId = contextId;

    public void Remember(bool whether) => IsWithoutMemory = !whether;

    /// <summary>How the next answers are to be.</summary>
    /// <param name="temperature">Hundredths, 0 to <see cref="MaxTemperature"/>; null for the model's own.</param>
    /// <param name="maxAnswerTokens">At least <see cref="MinAnswerTokens"/>; null for as long as may be.</param>
    public void Shape(int? temperature, int? maxAnswerTokens) => (Temperature, MaxAnswerTokens) = (temperature, maxAnswerTokens);

    /// <summary>Adds what an answer cost, as it is shown.</summary>
    public void AddCost(Completion answer)
    {
        CostMicros += answer.ShownMicros ?? 0;
        if (answer.ShownMicros is null) UnknownCosts++;
        else if (answer.IsEstimate) EstimatedCosts++;
    }

    /// <summary>Whether a text can be a title: 1 to 120 characters, one of them to be seen.</summary>
    public static bool IsTitle(string text) => text.Length <= MaxTitle && HasInk(text);

    /// <summary>Names the room for a person; what <see cref="IsTitle"/> refuses is refused by the form.</summary>
    public void Rename(string title)
    {
        Title = Clean(title, MaxTitle);
        TitleSource = TitleSource.Person;
        NextRevision();
    }

    /// <summary>Takes a model's suggestion, unless somebody named the room meanwhile or there is nothing to take.</summary>
    public void Suggest(string title)
    {
        var clean = Clean(title.Trim().Trim('"', '“', '”', '*', '#', ' ', '.'), MaxQuestionTitle);
        if (TitleSource != TitleSource.Question || !HasInk(clean)) return;
        Title = clean;
        TitleSource = TitleSource.Model;
        NextRevision();
    }

    public void Delete(DateTimeOffset now)
    {
        DeletedAt ??= now;
        NextRevision();
    }

    public void Restore()
    {
        DeletedAt = null;
        NextRevision();
    }

    private static string TitleFrom(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        var title = Clean((end < 0 ? line : line[..end]).ToString(), MaxQuestionTitle);
        return HasInk(title) ? title : Untitled;
    }

    // A link of nothing but controls, joiners and blanks could not be found, let alone pressed.
    private static bool HasInk(string text) => text.EnumerateRunes().Any(rune => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned));

    // One line, no control characters, cut at a word where one ends near the limit; never within a surrogate pair.
    private static string Clean(string text, int max)
    {
        var line = string.Join(' ', new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= max) return line;
        var cut = line.LastIndexOf(' ', max - 1);
        if (cut < max / 2) cut = char.IsHighSurrogate(line[max - 2]) ? max - 2 : max - 1;
        return line[..cut].TrimEnd() + "…";
    }
}
