using ChatMvc.Chats;

namespace ChatMvc.Completions;

/// <summary>Which part of a branch is to be summarised, once its history is about to outgrow what a prompt may have.</summary>
/// <param name="UpToId">The last message that the summary is to stand for: an answer.</param>
/// <param name="Turns">What has not been summarised of it, newest first.</param>
/// <param name="MostTurns">As many as it could have had.</param>
/// <param name="Earlier">What was said before them, in short.</param>
/// <param name="MaxTokens">The upper estimate that the summary may have.</param>
public sealed record SummaryPlan(long UpToId, IReadOnlyList<BranchTurn> Turns, int MostTurns, string? Earlier, int MaxTokens)
{
    /// <summary>Smaller budgets leave no room for a summary worth its price.</summary>
    public const int SmallestBudget = 2_000;
    private const int MostTokens = 2_000;
    private const int SmallestPart = 8;
    // The newest exchange is what the next question is about.
    private const int AlwaysWhole = 2;

    // Summarised when three quarters are full, so that the next question finds room; a third stays whole.
    private static bool IsFull(int tokens, int budget) => tokens > budget / 4 * 3;
    private static int Whole(int budget) => budget / 3;
    private const int MostWhole = PromptBuilder.MaxTurns / 3;

    /// <summary>Whether the history after this answer needs a closer look. It costs nothing: most never do.</summary>
    /// <param name="prompt">What it was answered from.</param>
    /// <param name="answer">As it ended.</param>
    /// <param name="budget">Of the next prompt.</param>
    public static bool MayBeDue(Prompt prompt, Message answer, int budget) =>
        !answer.IsWithoutMemory && budget >= SmallestBudget && (prompt.IsCut || IsFull(prompt.Tokens + (answer.Tokens ?? 0), budget));

    /// <summary>The plan for a branch; null when the next prompt has room for it.</summary>
    /// <param name="turns">Since the earlier summary, newest first.</param>
    /// <param name="earlier">The nearest summary.</param>
    /// <param name="budget">What a prompt may have beside its context.</param>
    public static SummaryPlan? Of(IReadOnlyList<BranchTurn> turns, BranchSummary? earlier, int budget)
    {
        if (budget < SmallestBudget) return null;
        var sizes = turns.Select(turn => turn.Tokens ?? TokenEstimate.OfTurn(turn.Text)).ToList();
        if (!IsFull(sizes.Sum() + (earlier?.Tokens ?? 0), budget) && turns.Count < PromptBuilder.MaxTurns - 1) return null;
        var (whole, kept) = (0, 0);
        while (kept < Math.Min(turns.Count, MostWhole) && (kept < AlwaysWhole || whole + sizes[kept] <= Whole(budget))) whole += sizes[kept++];
        while (kept < turns.Count && turns[kept].Role != Role.Assistant) kept++;
        return kept == turns.Count ? null : new SummaryPlan(turns[kept].Id, [.. turns.Skip(kept)], PromptBuilder.MaxTurns - kept, earlier?.Text, Math.Min(MostTokens, budget / SmallestPart));
    }

    /// <summary>Whether the branch still has what was planned: nothing of it deleted since, nothing brought back into it.</summary>
    /// <param name="turns">From the last message on, at most <see cref="MostTurns"/>, newest first.</param>
    /// <param name="earlier">The nearest summary above it.</param>
    public bool Holds(IReadOnlyList<BranchTurn> turns, BranchSummary? earlier) =>
        Earlier == earlier?.Text && Turns.Select(turn => turn.Id).SequenceEqual(turns.Select(turn => turn.Id));

    /// <summary>A summary as it may be stored: never longer than its part of a prompt.</summary>
    public string Cut(string text)
    {
        text = text.Trim();
        while (PromptBuilder.SummaryTokens(text) > MaxTokens)
        {
            var length = text.Length * MaxTokens / PromptBuilder.SummaryTokens(text) - 1;
            if (length <= 0) return "";
            text = text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)].TrimEnd();
        }
        return text;
    }
}
