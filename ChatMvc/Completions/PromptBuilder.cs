using ChatMvc.Accounts;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>A question that is being typed: what its prompt would be if it were sent now.</summary>
/// <param name="Author">Whose.</param>
/// <param name="Chat">Where, with its settings.</param>
/// <param name="Text">As typed; empty for what would come before it.</param>
/// <param name="ContextVersionId">The system prompt in force.</param>
/// <param name="At">Now.</param>
public sealed record DraftQuestion(User Author, Chat Chat, string Text, long? ContextVersionId, DateTimeOffset At);

/// <summary>
/// Puts a prompt together: the context first, with the summary of older turns where there is one, then the branch, newest
/// first until the budget is full.
/// </summary>
public sealed class PromptBuilder(ChatDb db, ModelCatalog catalog, UploadFiles uploads, OpenAISettings settings, SiteSettings site)
{
    /// <summary>Turns that are looked at, the question among them.</summary>
    public const int MaxTurns = 200;

    private bool IsOpenAI => settings.BaseUrl is null || settings.BaseUrl.Host is "openai.com" || settings.BaseUrl.Host.EndsWith(".openai.com", StringComparison.Ordinal);

    /// <summary>The longest answer that may be asked of a model, in tokens: at most half of its window, and no longer than wanted.</summary>
    public int MaxAnswerTokens(string model, int? wanted = null)
    {
        var entry = catalog.Find(model);
        return Math.Min(Math.Min(settings.MaxAnswerTokens, wanted ?? int.MaxValue), Math.Min(entry.MaxOutput, entry.Window / 2));
    }

    public bool TakesTemperature(string model) => catalog.Find(model).Temperature;

    /// <summary>Whether a question alone, without any history, fits the model.</summary>
    public bool Fits(string question, string model) => Fits(TokenEstimate.OfTurn(question), model);

    /// <inheritdoc cref="Fits(string, string)"/>
    public bool Fits(int tokens, string model) => tokens <= catalog.Find(model).Window - MaxAnswerTokens(model);

    /// <summary>What a prompt may have, in tokens; a question with files as well, so that they are no way round it.</summary>
    public int Budget(string model) => Math.Min(settings.MaxPromptTokens, catalog.Find(model).Window - MaxAnswerTokens(model));

    /// <summary>Whether a model takes pictures.</summary>
    public bool Sees(string model) => catalog.Find(model).Images;

    /// <summary>
    /// Our upper estimate of the prompt for a question under a message, in tokens, before there is an answer to build it for.
    /// </summary>
    /// <param name="question">The question's own tokens.</param>
    /// <param name="parentId">The message above it; null for a first question, and for one that is sent alone.</param>
    /// <param name="context">The version of the system prompt.</param>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<int> SizeAsync(int question, long? parentId, long? context, string model, CancellationToken cancellation)
    {
        var spent = await ContextAsync(context, cancellation) is { } text ? ContextText.MostTokens(text, model) : 0;
        spent += question;
        if (parentId is null) return spent;
        var budget = Budget(model);
        var summary = await Branch.SummaryUpwardsFrom(db, parentId.Value, cancellation);
        if (summary is not null && spent + summary.Tokens <= budget) spent += summary.Tokens;
        foreach (var turn in await Branch.SizesUpwardsFrom(db, parentId.Value, MaxTurns - 1, budget, summary?.UpToId ?? 0, cancellation))
        {
            if (spent + turn > budget) break;
            spent += turn;
        }
        return spent;
    }

    /// <summary>The prompt for an answer, within what was covered for it. Failed answers are left out; the question itself always goes.</summary>
    public async Task<Prompt> BuildAsync(Message answer, CancellationToken cancellation)
    {
        var (model, question) = (answer.Model!, answer.ParentId!.Value);
        var summary = answer.IsWithoutMemory ? null : await Branch.SummaryUpwardsFrom(db, question, cancellation);
        var turns = await Branch.TurnsUpwardsFrom(db, question, answer.IsWithoutMemory ? 1 : MaxTurns, summary?.UpToId ?? 0, cancellation);
        if (answer.ContinuesId is not null)
            turns.InsertRange(0, [new(0, Role.User, GoOn), new(0, Role.Assistant, await PartialText.BeforeAsync(db, answer))]);
        return await AssembleAsync(new Parts(model, turns, summary, answer.MaxPromptTokens ?? Budget(model), answer.MaxAnswerTokens ?? MaxAnswerTokens(model))
        {
            Required = answer.ContinuesId is null ? 1 : 3,
            Context = await FilledAsync(answer.ContextVersionId, question, model, cancellation),
            Temperature = answer.Temperature,
        }, cancellation);
    }

    /// <summary>What an answer's own text and the wish to go on with it take in a prompt.</summary>
    public static int ContinuationTokens(string text) => TokenEstimate.OfTurn(text) + TokenEstimate.OfTurn(GoOn);

    /// <summary>Follows the text of an answer that broke off.</summary>
    public const string GoOn =
        "Your last answer broke off. Go on exactly where it stopped: repeat nothing, introduce nothing, begin with the next character.";

    /// <summary>The prompt that a question would have: the same, until something in its room changes.</summary>
    public async Task<Prompt> BuildAsync(DraftQuestion draft, CancellationToken cancellation)
    {
        var (model, above) = (draft.Chat.Model, draft.Chat.IsWithoutMemory ? null : draft.Chat.HeadId);
        var covered = await SizeAsync(TokenEstimate.OfTurn(draft.Text), above, draft.ContextVersionId, model, cancellation);
        var summary = above is { } newest ? await Branch.SummaryUpwardsFrom(db, newest, cancellation) : null;
        var turns = above is { } head ? await Branch.TurnsUpwardsFrom(db, head, MaxTurns - 1, summary?.UpToId ?? 0, cancellation) : [];
        if (draft.Text.Length > 0) turns.Insert(0, new BranchTurn(0, Role.User, draft.Text));
        var context = await ContextAsync(draft.ContextVersionId, cancellation);
        return await AssembleAsync(new Parts(model, turns, summary, covered, MaxAnswerTokens(model, draft.Chat.MaxAnswerTokens))
        {
            Context = context is null ? null : Fill(context, draft.At, draft.Author.TimeZone, draft.Author.DisplayName, model),
            Temperature = draft.Chat.Temperature,
        }, cancellation);
    }

    private sealed record Parts(string Model, IReadOnlyList<BranchTurn> Turns, BranchSummary? Summary, int MaxPromptTokens, int MaxAnswerTokens)
    {
        /// <summary>Of the newest turns, those that go whatever the budget says: they are covered.</summary>
        public int Required { get; init; } = 1;
        public string? Context { get; init; }
        public int? Temperature { get; init; }
    }

    private async Task<Prompt> AssembleAsync(Parts parts, CancellationToken cancellation)
    {
        var files = await TurnFiles.OfAsync(db, uploads, parts.Turns, Sees(parts.Model), cancellation);
        var spent = parts.Context is null ? 0 : TokenEstimate.OfTurn(parts.Context);
        var likely = 0L;
        var kept = new List<ChatMessage>();
        foreach (var turn in parts.Turns.Take(parts.Required)) Keep(turn);
        var summary = parts.Summary is { } some && spent + some.Tokens <= parts.MaxPromptTokens ? some : null;
        spent += summary?.Tokens ?? 0;
        foreach (var turn in parts.Turns.Skip(parts.Required))
        {
            if (spent + CostOf(turn) > parts.MaxPromptTokens) break;
            Keep(turn);
        }
        var isCut = kept.Count < parts.Turns.Count || parts.Turns.Count >= MaxTurns - 1;
        // One for both: some servers take a single system message, and only as the first.
        var system = string.Join("\n\n", new[] { parts.Context, summary is null ? null : SummaryFrame + summary.Text }.OfType<string>());
        if (system.Length > 0) kept.Add(new SystemChatMessage(system));
        kept.Reverse();
        return new Prompt(parts.Model, kept, spent, likely + TokenEstimate.Likely(system), parts.MaxAnswerTokens, IsOpenAI)
        {
            Temperature = TakesTemperature(parts.Model) ? parts.Temperature / 100f : null,
            IsCut = isCut,
            WithFiles = files.Said,
        };

        int CostOf(BranchTurn turn) => TokenEstimate.OfTurn(turn.Text) + files.TokensOf(turn);

        void Keep(BranchTurn turn)
        {
            spent += CostOf(turn);
            likely += TokenEstimate.Likely(turn.Text) + files.LikelyTokensOf(turn);
            kept.Add(turn.Role == Role.User ? files.Say(turn) : new AssistantChatMessage(turn.Text));
        }
    }

    private async Task<string?> ContextAsync(long? version, CancellationToken cancellation) => version is null
        ? null
        : await db.ContextVersions.Where(c => c.Id == version).Select(c => c.Text).SingleOrDefaultAsync(cancellation);

    // By the question, so that asking once more says the same.
    private async Task<string?> FilledAsync(long? version, long questionId, string model, CancellationToken cancellation)
    {
        var text = await ContextAsync(version, cancellation);
        if (text is null || !ContextText.HasVariables(text)) return text;
        var asked = await db.Messages.Where(m => m.Id == questionId)
            .Select(m => new { m.CreatedAt, By = db.Users.Single(u => u.Id == m.AskedById) }).SingleAsync(cancellation);
        return Fill(text, asked.CreatedAt, asked.By.TimeZone, asked.By.DisplayName, model);
    }

    private string Fill(string text, DateTimeOffset at, string? zone, string? name, string model) =>
        ContextText.Fill(text, new(TimeZoneInfo.ConvertTime(at, Times.Zone(zone ?? site.TimeZone)), name, model));

    private const string SummaryFrame = "Earlier in this conversation, in short:\n";

    /// <summary>The upper estimate of a summary as it is sent.</summary>
    public static int SummaryTokens(string text) => TokenEstimate.OfTurn(SummaryFrame + text);

    /// <summary>The prompt that asks for a summary: the earlier one where there is one, and the turns since, as many of the newest as fit.</summary>
    /// <param name="model">That is to write it.</param>
    /// <param name="earlier">What was said before the turns, in short.</param>
    /// <param name="turns">Newest first. Of their files the names go.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Prompt> BuildSummaryAsync(string model, string? earlier, IReadOnlyList<BranchTurn> turns, CancellationToken cancellation)
    {
        var files = await TurnFiles.OfAsync(db, uploads, turns, modelSees: false, cancellation);
        var frame = earlier is null ? SummaryRequest : $"{SummaryRequest}\n\n{SummaryFrame}{earlier}";
        var (spent, budget) = (TokenEstimate.OfTurn(frame) + TokenEstimate.OfTurn(SummaryRequest), Budget(model));
        var kept = new List<ChatMessage> { new UserChatMessage(SummaryRequest) };
        foreach (var turn in turns)
        {
            var text = files.Name(turn);
            if (spent + TokenEstimate.OfTurn(text) > budget) break;
            spent += TokenEstimate.OfTurn(text);
            kept.Add(turn.Role == Role.User ? new UserChatMessage(text) : new AssistantChatMessage(text));
        }
        kept.Add(new SystemChatMessage(frame));
        kept.Reverse();
        return new Prompt(model, kept, spent, kept.Sum(message => TokenEstimate.Likely(message.Content[0].Text)), MaxSummaryAnswer, IsOpenAI);
    }

    private const string SummaryRequest =
        "Summarise this conversation in at most 300 words and in its language, for somebody who goes on with it: what was asked, what was found and decided, names and numbers that matter. Nothing else.";

    // A reasoning model thinks before it writes 300 words.
    private const int MaxSummaryAnswer = 2_000;

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

    /// <summary>About the shortest thing there is to ask: whether a model answers at all.</summary>
    public Prompt BuildTest(string model) => new(
        model, [new UserChatMessage(TestRequest)], MaxTestPrompt, TokenEstimate.Likely(TestRequest) + TokenEstimate.PerMessage, Math.Min(MaxTitleTokens, MaxAnswerTokens(model)), IsOpenAI);

    private const string TestRequest = "Answer with one word: hello.";
    // A server's own template may put a good deal around it.
    private const int MaxTestPrompt = 160;
}
