using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>Puts a prompt together: the context first, then the branch, newest first until the budget is full.</summary>
public sealed class PromptBuilder(ChatDb db, ModelCatalog catalog, UploadFiles uploads, OpenAISettings settings)
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

    /// <summary>What a prompt may have, in tokens; a question with files as well, so that they are no way round it.</summary>
    public int Budget(string model) => Math.Min(settings.MaxPromptTokens, catalog.Find(model).Window - MaxAnswerTokens(model));

    /// <summary>Whether a model takes pictures.</summary>
    public bool Sees(string model) => catalog.Find(model).Images;

    /// <summary>
    /// Our upper estimate of the prompt for a question under a message, in tokens, before there is an answer to build it for.
    /// </summary>
    /// <param name="question">The question's own tokens.</param>
    /// <param name="parentId">The message above it; null for a first question.</param>
    /// <param name="context">The version of the system prompt.</param>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<int> SizeAsync(int question, long? parentId, long? context, string model, CancellationToken cancellation)
    {
        var spent = await ContextAsync(context, cancellation) is { } text ? TokenEstimate.OfTurn(text) : 0;
        spent += question;
        if (parentId is null) return spent;
        var budget = Budget(model);
        foreach (var turn in await Branch.SizesUpwardsFrom(db, parentId.Value, MaxTurns - 1, budget, cancellation))
        {
            if (spent + turn > budget) break;
            spent += turn;
        }
        return spent;
    }

    /// <summary>The prompt for an answer, within what was covered for it. Failed answers are left out; the question itself always goes.</summary>
    public async Task<Prompt> BuildAsync(Message answer, CancellationToken cancellation)
    {
        var model = answer.Model!;
        var maxAnswer = answer.MaxAnswerTokens ?? MaxAnswerTokens(model);
        var budget = answer.MaxPromptTokens ?? Budget(model);
        var turns = await Branch.TurnsUpwardsFrom(db, answer.ParentId!.Value, MaxTurns, cancellation);
        var context = await ContextAsync(answer.ContextVersionId, cancellation);

        var spent = context is null ? 0 : TokenEstimate.OfTurn(context);
        var likely = context is null ? 0 : TokenEstimate.Likely(context);
        var kept = new List<ChatMessage>();
        var files = await TurnFiles.OfAsync(db, uploads, turns, Sees(model), cancellation);
        foreach (var turn in turns)
        {
            var cost = TokenEstimate.OfTurn(turn.Text) + files.TokensOf(turn);
            if (kept.Count > 0 && spent + cost > budget) break;
            spent += cost;
            likely += TokenEstimate.Likely(turn.Text) + files.LikelyTokensOf(turn);
            kept.Add(turn.Role == Role.User ? files.Say(turn) : new AssistantChatMessage(turn.Text));
        }
        if (context is not null) kept.Add(new SystemChatMessage(context));
        kept.Reverse();
        return new Prompt(model, kept, spent, likely, maxAnswer, IsOpenAI);
    }

    private async Task<string?> ContextAsync(long? version, CancellationToken cancellation) => version is null
        ? null
        : await db.ContextVersions.Where(c => c.Id == version).Select(c => c.Text).SingleOrDefaultAsync(cancellation);

    /// <summary>The prompt that asks for a chat's title from its first question and answer.</summary>
    public Prompt BuildTitle(string model, string question, string answer) => new(
        model,
        [
            new SystemChatMessage(TitleRequest),
            new UserChatMessage(Head(question)),
            new AssistantChatMessage(Head(answer)),
            new UserChatMessage(TitleRequest),
        ],
        TokenEstimate.Of(Head(question)) + TokenEstimate.Of(Head(answer)) + TitleFrame,
        TokenEstimate.Likely(Head(question)) + TokenEstimate.Likely(Head(answer)) + TitleFrame,
        MaxTitleTokens, IsOpenAI);

    /// <summary>The most that the prompt for a title takes, in tokens.</summary>
    public const int MaxTitlePrompt = 2 * MaxTitleInput + TitleFrame;

    private const string TitleRequest =
        "Write a title for this conversation: three to six words in its language, no quotation marks, no full stop, nothing else.";

    // A reasoning model thinks before it writes six words.
    public const int MaxTitleTokens = 400;
    // The request itself, twice.
    private const int TitleFrame = 160;
    private const int MaxTitleInput = 1_500;

    private static string Head(string text) => text.Length <= MaxTitleInput ? text : text[..MaxTitleInput];
}
