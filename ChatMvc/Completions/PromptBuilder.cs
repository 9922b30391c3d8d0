using ChatMvc.Chats;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>Puts a prompt together: the context first, then the branch, newest first until the budget is full.</summary>
public sealed class PromptBuilder(ChatDb db, ModelCatalog catalog, OpenAISettings settings)
{
    /// <summary>Turns before the question that are looked at.</summary>
    public const int MaxTurns = 200;

    private bool IsOpenAI => settings.BaseUrl is null || settings.BaseUrl.Host is "openai.com" || settings.BaseUrl.Host.EndsWith(".openai.com", StringComparison.Ordinal);

    /// <summary>The longest answer that may be asked of a model, in tokens: at most half of its window.</summary>
    public int MaxAnswerTokens(string model)
    {
        var entry = catalog.Find(model);
        return Math.Min(settings.MaxAnswerTokens, Math.Min(entry.MaxOutput, entry.Window / 2));
    }

    /// <summary>Whether a question alone, without any history, fits the model.</summary>
    public bool Fits(string question, string model) =>
        TokenEstimate.Of(question) + TokenEstimate.PerMessage <= catalog.Find(model).Window - MaxAnswerTokens(model);

    /// <summary>The prompt for an answer. Failed answers are left out; the question itself always goes.</summary>
    public async Task<Prompt> BuildAsync(Message answer, CancellationToken cancellation)
    {
        var model = answer.Model!;
        var maxAnswer = MaxAnswerTokens(model);
        var budget = Math.Min(settings.MaxPromptTokens, catalog.Find(model).Window - maxAnswer);
        var turns = await Branch.TurnsUpwardsFrom(db, answer.ParentId!.Value, MaxTurns, cancellation);
        var context = answer.ContextVersionId is { } version
            ? await db.ContextVersions.Where(c => c.Id == version).Select(c => c.Text).SingleOrDefaultAsync(cancellation)
            : null;

        var spent = context is null ? 0 : TokenEstimate.Of(context) + TokenEstimate.PerMessage;
        var kept = new List<ChatMessage>();
        foreach (var turn in turns)
        {
            var cost = TokenEstimate.Of(turn.Text) + TokenEstimate.PerMessage;
            if (kept.Count > 0 && spent + cost > budget) break;
            spent += cost;
            kept.Add(turn.Role == Role.User ? new UserChatMessage(turn.Text) : new AssistantChatMessage(turn.Text));
        }
        if (context is not null) kept.Add(new SystemChatMessage(context));
        kept.Reverse();
        return new Prompt(model, kept, spent, maxAnswer, IsOpenAI);
    }

    /// <summary>The prompt that asks for a chat's title from its first question and answer.</summary>
    public Prompt BuildTitle(string model, string question, string answer) => new(
        model,
        [
            new SystemChatMessage(TitleRequest),
            new UserChatMessage(Head(question)),
            new AssistantChatMessage(Head(answer)),
            new UserChatMessage(TitleRequest),
        ],
        TokenEstimate.Of(Head(question)) + TokenEstimate.Of(Head(answer)) + 60,
        MaxTitleTokens, IsOpenAI);

    private const string TitleRequest =
        "Write a title for this conversation: three to six words in its language, no quotation marks, no full stop, nothing else.";

    // A reasoning model thinks before it writes six words.
    private const int MaxTitleTokens = 400;
    private const int MaxTitleInput = 1_500;

    private static string Head(string text) => text.Length <= MaxTitleInput ? text : text[..MaxTitleInput];
}
