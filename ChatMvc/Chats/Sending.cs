using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>What became of a message that somebody sent.</summary>
public abstract record SendResult
{
    /// <summary>It is stored, and its answer will come.</summary>
    /// <param name="WasMoved">Newer messages had come above it, so it went to the end.</param>
    /// <param name="IsNew">False when an earlier post of the same form, or a running answer, is what this leads to.</param>
    public sealed record Accepted(long ChatId, string ChatKey, long QuestionId, long AnswerId, bool WasMoved = false, bool IsNew = true) : SendResult;

    /// <summary>Nothing pays for it; nothing was stored.</summary>
    public sealed record NotCovered(Uncovered Reason) : SendResult;

    /// <summary>Too many answers of this person wait already; nothing was stored.</summary>
    public sealed record QueueFull(int Waiting) : SendResult;

    /// <summary>No new messages are taken for now; nothing was stored.</summary>
    /// <param name="Words">Of an operator: why, and until when.</param>
    public sealed record Closed(string Words) : SendResult;

    /// <summary>The input cannot be taken; nothing was stored.</summary>
    public sealed record Invalid(string Field, string Reason) : SendResult;

    /// <summary>The chat or message is not there for this person.</summary>
    public sealed record NotFound : SendResult;
}

/// <summary>
/// Takes a message in one transaction: the form's nonce, the allowance, the question, the empty answer, the room's head
/// and revision. If it does not commit, nothing happened and nothing was counted; the job is rung for after the commit.
/// </summary>
public sealed class Sending(
    ChatDb db, ContextList contexts, Payers payers, Spending spending, Allowance allowance, CreditLedger ledger, ModelList models, PromptBuilder prompts,
    LiveRooms rooms, Bell bell, LimitSettings limits, Maintenance maintenance, TimeProvider time)
{
    public const int MinNonce = 16;
    public const int MaxNonce = 64;

    private static readonly Func<ChatDb, long, string, CancellationToken, Task<Message?>> ByNonce =
        EF.CompileAsyncQuery((ChatDb db, long authorId, string nonce, CancellationToken _) =>
            db.Messages.AsNoTracking().Include(m => m.Chat).SingleOrDefault(m => m.AuthorId == authorId && m.Nonce == nonce));

    /// <summary>Starts a chat with its first message.</summary>
    /// <param name="me">Who asks.</param>
    /// <param name="text">The question.</param>
    /// <param name="model">One of the list; null for the default.</param>
    /// <param name="contextId">One of theirs; empty for none, null for their default.</param>
    /// <param name="nonce">The form's.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    /// <param name="files">What goes with it.</param>
    public async Task<SendResult> StartAsync(
        User me, string? text, string? model, string? contextId, string? nonce, CancellationToken cancellation, IReadOnlyList<Attachment>? files = null)
    {
        text = Normalize(text);
        model = string.IsNullOrEmpty(model) ? await models.DefaultAsync() : model;
        files ??= [];
        if ((Check(text, model, nonce, await models.OffersAsync(model)) ?? CheckFiles(text, model, files)) is { } invalid) return invalid;
        return await SendAsync(me, async () =>
        {
            if (await MadeBeforeAsync(me, nonce!, text, cancellation) is { } made) return made;
            var (isKnown, context) = await contexts.ReadAsync(contextId, cancellation);
            if (!isKnown) return new SendResult.Invalid("contextId", NoSuchContext);
            var chat = new Chat(me, text, model, time.GetUtcNow());
            chat.AskUnder(context);
            var (question, refusal) = await CoverAsync(me, chat, text, files, parentId: null, cancellation);
            if (question is null) return refusal!;
            db.Chats.Add(chat);
            chat.NextRevision();
            return await AskAsync(me, chat, parent: null, text, files, nonce!, question, wasMoved: false);
        }, cancellation);
    }

    /// <summary>Adds a message to a chat, under its head or at the end of another branch.</summary>
    /// <param name="me">Who sends it.</param>
    /// <param name="chatKey">Where.</param>
    /// <param name="text">As it was typed.</param>
    /// <param name="nonce">The form's.</param>
    /// <param name="parent">The message the form was shown under; an older one is noticed, never obeyed.</param>
    /// <param name="at">A message of the branch that was looked at, where it is another than the head's.</param>
    /// <param name="draft">The version of the draft that the form holds.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="files">What goes with it.</param>
    public async Task<SendResult> SendAsync(
        User me, string chatKey, string? text, string? nonce, long? parent, long? at, long? draft, CancellationToken cancellation, IReadOnlyList<Attachment>? files = null)
    {
        text = Normalize(text);
        files ??= [];
        var offered = await models.AllowedAsync();
        return await SendAsync(me, async () =>
        {
            if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return new SendResult.NotFound();
            if ((Check(text, chat.Model, nonce, offered.Contains(chat.Model)) ?? CheckFiles(text, chat.Model, files)) is { } invalid) return invalid;
            if (await MadeBeforeAsync(me, nonce!, text, cancellation) is { } made) return made;
            var end = chat.HeadId;
            if (at is not null)
            {
                if (await EndOfBranchAsync(chat, at.Value, cancellation) is not { } other) return new SendResult.NotFound();
                (end, parent) = (other, at);
            }
            var (question, refusal) = await CoverAsync(me, chat, text, files, end, cancellation);
            if (question is null) return refusal!;
            chat.NextRevision();
            await TouchWhatMovesAsync(chat, end, cancellation);
            return await AskAsync(me, chat, end, text, files, nonce!, question, wasMoved: parent is not null && parent != end, draft ?? -1);
        }, cancellation);
    }

    /// <summary>Asks a question of one's own in other words: beside the first, with an answer of its own.</summary>
    /// <param name="me">Who asks.</param>
    /// <param name="chatKey">Where.</param>
    /// <param name="questionId">The first.</param>
    /// <param name="text">The other words.</param>
    /// <param name="nonce">The form's.</param>
    /// <param name="files">Copies of what came with the first.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<SendResult> EditAsync(
        User me, string chatKey, long questionId, string? text, string? nonce, IReadOnlyList<Attachment> files, CancellationToken cancellation)
    {
        text = Normalize(text);
        var offered = await models.AllowedAsync();
        return await SendAsync(me, async () =>
        {
            if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return new SendResult.NotFound();
            var earlier = await db.Messages.AsNoTracking().SingleOrDefaultAsync(
                m => m.Id == questionId && m.ChatId == chat.Id && m.Role == Role.User && m.AuthorId == me.Id && m.DeletedAt == null, cancellation);
            if (earlier is null) return new SendResult.NotFound();
            if ((Check(text, chat.Model, nonce, offered.Contains(chat.Model)) ?? CheckFiles(text, chat.Model, files)) is { } invalid) return invalid;
            if (await MadeBeforeAsync(me, nonce!, text, cancellation) is { } made) return made;
            var (question, refusal) = await CoverAsync(me, chat, text, files, earlier.ParentId, cancellation);
            if (question is null) return refusal!;
            chat.NextRevision();
            await TouchWhatMovesAsync(chat, earlier.ParentId, cancellation);
            return await AskAsync(me, chat, earlier.ParentId, text, files, nonce!, question, wasMoved: false);
        }, cancellation);
    }

    /// <summary>Asks for another answer to the same question: after a failure, or just because. It stands beside the first.</summary>
    public Task<SendResult> AskAgainAsync(User me, string chatKey, long answerId, string? model, CancellationToken cancellation) =>
        AnswerBesideAsync(me, chatKey, answerId, model, goesOn: false, cancellation);

    /// <summary>Asks for the rest of an answer that was stopped or cut: a whole one beside it that begins with its text.</summary>
    public Task<SendResult> ContinueAsync(User me, string chatKey, long answerId, CancellationToken cancellation) =>
        AnswerBesideAsync(me, chatKey, answerId, model: null, goesOn: true, cancellation);

    private async Task<SendResult> AnswerBesideAsync(User me, string chatKey, long answerId, string? model, bool goesOn, CancellationToken cancellation)
    {
        var isOffered = string.IsNullOrEmpty(model) || await models.OffersAsync(model);
        var allowed = await models.AllowedAsync();
        return await SendAsync(me, async () =>
        {
            if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return new SendResult.NotFound();
            var earlier = await db.Messages.Include(m => m.Parent)
                .SingleOrDefaultAsync(m => m.Id == answerId && m.ChatId == chat.Id && m.Role == Role.Assistant && m.DeletedAt == null, cancellation);
            if (earlier is null) return new SendResult.NotFound();
            // Pressed twice, or here and in another tab: the one that runs is the one that was asked for.
            var running = await db.Messages.Unfinished().FirstOrDefaultAsync(m => m.ParentId == earlier.ParentId, cancellation);
            if (running is not null) return new SendResult.Accepted(chat.Id, chat.Key, running.ParentId!.Value, running.Id, IsNew: false);
            var question = earlier.Parent!;
            var chosen = !string.IsNullOrEmpty(model) ? model : goesOn && allowed.Contains(earlier.Model!) ? earlier.Model! : chat.Model;
            if (!isOffered || !allowed.Contains(chosen)) return NotAllowed;
            if (question.DeletedAt is not null) return QuestionDeleted;
            if (goesOn && !earlier.IsCut) return NotCut;
            if (question.HasFiles && !prompts.Sees(chosen) && await db.Attachments.AnyAsync(a => a.MessageId == question.Id && a.Kind == AttachmentKind.Image, cancellation))
                return CannotSee(chosen, "model");
            var tokens = (question.Tokens ?? TokenEstimate.OfTurn(question.Text!)) + (goesOn ? PromptBuilder.ContinuationTokens(earlier.Text!) : 0);
            if (goesOn && !prompts.Fits(tokens, chosen)) return TooLongToGoOn;
            var (cover, refusal) = await CoverAsync(
                me, chosen, tokens, chat.IsWithoutMemory ? null : question.ParentId, question.ContextVersionId, chat.MaxAnswerTokens, cancellation);
            if (cover is null) return refusal!;
            chat.NextRevision();
            await TouchWhatMovesAsync(chat, question.Id, cancellation);
            return await AnswerAsync(me, chat, question, chosen, cover, wasMoved: false, goesOn ? earlier : null);
        }, cancellation);
    }

    public const string NoSuchContext = "This context is not there any more. Choose another one, or none.";
    private static readonly SendResult.Invalid QuestionDeleted = new("text", "The question of this answer was deleted. Ask it anew.");
    private static readonly SendResult.Invalid NotCut = new("text", "This answer is complete. Ask again for another one.");
    private static readonly SendResult.Invalid TooLongToGoOn = new("text", "This answer is too long to be continued. Send a message that asks for the rest.");
    /// <summary>Whether a form with this nonce made a message.</summary>
    public async Task<bool> WasSentAsync(User me, string? nonce, CancellationToken cancellation) =>
        nonce is not null && await ByNonce(db, me.Id, nonce, cancellation) is not null;

    private static readonly SendResult.Invalid NotAllowed = new("model", "This model is not offered here. Choose one from the list.");

    private async Task<SendResult> SendAsync(User me, Func<Task<SendResult>> work, CancellationToken cancellation)
    {
        var result = await db.WriteAsync(work, cancellation);
        if (result is not SendResult.Accepted { IsNew: true } accepted) return result;
        Steps.Reached(Steps.MessageAccepted, accepted.AnswerId);
        rooms.Changed(accepted.ChatId);
        await bell.RingAsync<AnswerJob>(accepted.AnswerId);
        return result;
    }

    private SendResult.Invalid? Check(string text, string model, string? nonce, bool isOffered)
    {
        if (string.IsNullOrWhiteSpace(text)) return new("text", "Write something first.");
        if (text.Length > Message.MaxText)
            return new("text", $"This message has {text.Length:N0} characters; {Message.MaxText:N0} is the most. Shorten it or send it in parts.");
        if (nonce is null || nonce.Length is < MinNonce or > MaxNonce) return new("nonce", "The form was incomplete. Load the page again and send it once more.");
        if (!isOffered) return NotAllowed;
        if (!prompts.Fits(text, model)) return new("text", $"This message is too long for {model}. Shorten it or choose another model.");
        return null;
    }

    private SendResult.Invalid? CheckFiles(string text, string model, IReadOnlyList<Attachment> files)
    {
        if (files.Count == 0) return null;
        if (files.Count > FileLimits.PerMessage) return new(Attaching.Field, $"A message takes {FileLimits.PerMessage} files. Remove some, then send it again.");
        if (files.Sum(f => f.Bytes) > FileLimits.PostBytes)
            return new(Attaching.Field, $"These files are larger than {FileLimits.PostBytes / 1_000_000} MB together. Remove some, then send it again.");
        if (!prompts.Sees(model) && files.Any(f => f.Kind == AttachmentKind.Image)) return CannotSee(model, Attaching.Field);
        var (tokens, most) = (TokensOf(text, files), prompts.Budget(model));
        return tokens <= most ? null : new(Attaching.Field,
            $"With its files this message has about {tokens:N0} tokens; {most:N0} is the most for {model}. Remove some files, or send the parts that matter.");
    }

    private static SendResult.Invalid CannotSee(string model, string field) =>
        new(field, $"{model} cannot see pictures. Choose another model, or send the message without them.");

    private static readonly SendResult.Invalid FilesGone = new(Attaching.Field, "One of the files was sent already, or is not kept any more. Choose it again.");

    private static int TokensOf(string text, IReadOnlyList<Attachment> files) => TokenEstimate.OfTurn(text) + files.Sum(f => f.Tokens);

    private async Task<bool> AreUnsentAsync(IReadOnlyList<Attachment> files, CancellationToken cancellation)
    {
        if (files.Count == 0) return true;
        var ids = files.Select(f => f.Id).ToList();
        return await db.Attachments.CountAsync(a => ids.Contains(a.Id) && a.MessageId == null, cancellation) == ids.Count;
    }

    // Sent before, by a double click, the back button or a proxy that repeats: it leads to what it made. Other words in a
    // form that was sent are somebody's who came back to it: they are kept in the box, in a form of their own.
    private async Task<SendResult?> MadeBeforeAsync(User me, string nonce, string text, CancellationToken cancellation)
    {
        if (await ByNonce(db, me.Id, nonce, cancellation) is not { } made) return null;
        if (made.Text != text) return new SendResult.Invalid("text", "This form was sent already, with other words. The new ones are still in the box: send them as a message of their own.");
        var answer = await db.Messages.AsNoTracking().Where(m => m.ParentId == made.Id).OrderByDescending(m => m.Id).Select(m => m.Id).FirstAsync(cancellation);
        return new SendResult.Accepted(made.ChatId, made.Chat.Key, made.Id, answer, IsNew: false);
    }

    /// <summary>A new question that is paid for, and the system prompt that is in force for it.</summary>
    private sealed record Covered(Cover By, long? ContextVersionId);

    private async Task<(Covered? Question, SendResult? Refusal)> CoverAsync(
        User me, Chat chat, string text, IReadOnlyList<Attachment> files, long? parentId, CancellationToken cancellation)
    {
        if (!await AreUnsentAsync(files, cancellation)) return (null, FilesGone);
        var tokens = TokensOf(text, files);
        var context = await ContextList.InForceAsync(db, chat.ContextId, cancellation);
        if (context is not null && !prompts.Fits(await prompts.SizeAsync(tokens, parentId: null, context, chat.Model, cancellation), chat.Model))
            return (null, TooLongWithContext(chat.Model, hasFiles: files.Count > 0));
        var (cover, refusal) = await CoverAsync(
            me, chat.Model, tokens, chat.IsWithoutMemory ? null : parentId, context, chat.MaxAnswerTokens, cancellation);
        return cover is null ? (null, refusal) : (new Covered(cover, context), null);
    }

    private static SendResult.Invalid TooLongWithContext(string model, bool hasFiles) => new("text",
        $"This message is too long for {model} together with {(hasFiles ? "its files and " : "")}the context of this chat. Shorten one of them or choose another model.");

    private async Task<(Cover? Cover, SendResult? Refusal)> CoverAsync(
        User me, string model, int questionTokens, long? parentId, long? context, int? longest, CancellationToken cancellation)
    {
        // Every way to a new answer comes by here, and none that leads to one that was made before.
        if (await maintenance.RefusalAsync(db, me.Phone, cancellation) is { } words) return (null, new SendResult.Closed(words));
        var today = await spending.TodayAsync(db, me.Id);
        var prompt = await prompts.SizeAsync(questionTokens, parentId, context, model, cancellation);
        var (cover, uncovered) = await payers.CoverAsync(db, me, model, prompt, prompts.MaxAnswerTokens(model, longest), today, cancellation);
        if (uncovered is not null) return (null, new SendResult.NotCovered(uncovered));
        return today.Unfinished < limits.ConcurrentAnswers + limits.QueuedAnswers ? (cover, null) : (null, new SendResult.QueueFull(today.Unfinished));
    }

    private async Task<SendResult> AskAsync(
        User me, Chat chat, long? parent, string text, IReadOnlyList<Attachment> files, string nonce, Covered covered, bool wasMoved, long draft = -1)
    {
        var question = Message.From(me, chat, text, nonce, time.GetUtcNow(), covered.ContextVersionId).Under(parent);
        question.Carry(files);
        db.Messages.Add(question);
        var result = await AnswerAsync(me, chat, question, chat.Model, covered.By, wasMoved, draft: draft);
        var ids = files.Select(f => f.Id).ToList();
        if (ids.Count > 0) await db.Attachments.Where(a => ids.Contains(a.Id)).ExecuteUpdateAsync(set => set.SetProperty(a => a.MessageId, question.Id));
        return result;
    }

    private async Task<SendResult> AnswerAsync(
        User me, Chat chat, Message question, string model, Cover cover, bool wasMoved, Message? continued = null, long draft = -1)
    {
        var now = time.GetUtcNow();
        var answer = Message.AnswerTo(question, chat, me.Id, model, cover, now).Continuing(continued);
        db.Messages.Add(answer);
        await db.SaveChangesAsync();
        chat.MoveHead(answer);
        if (cover.By == Payer.Allowance) allowance.Take(db, me.Id, answer.Id);
        if (cover.Hold is { } hold) await ledger.HoldAsync(db, me.Id, answer.Id, hold);
        // A message brings a chat back that was archived.
        await Drafts.SentAsync(db, chat.Id, me.Id, draft, question.Text!, now);
        return new SendResult.Accepted(chat.Id, chat.Key, question.Id, answer.Id, wasMoved);
    }

    // What a new message under this one pushes off the shown branch, or brings back: followers have to hear of each.
    private async Task TouchWhatMovesAsync(Chat chat, long? under, CancellationToken cancellation)
    {
        if (under == chat.HeadId)
        {
            // A failed head that is gone on from has no arrows any more.
            await db.Database.ExecuteSqlAsync($"UPDATE Messages SET Revision = {chat.Revision} WHERE Id = {chat.HeadId} AND State = 'Failed'", cancellation);
            return;
        }
        await Branch.TouchDifferenceAsync(db, chat, under, cancellation);
    }

    private async Task<long?> EndOfBranchAsync(Chat chat, long at, CancellationToken cancellation)
    {
        if (!await db.Messages.AnyAsync(m => m.Id == at && m.ChatId == chat.Id && m.DeletedAt == null, cancellation)) return null;
        return await Branch.TipThrough(db, chat, at, cancellation);
    }

    // Browsers send CR LF and count LF.
    public static string Normalize(string? text) => (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
