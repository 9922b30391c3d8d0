using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
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
    ChatDb db, Payers payers, Spending spending, Allowance allowance, CreditLedger ledger, ModelList models, PromptBuilder prompts,
    LiveRooms rooms, Bell bell, LimitSettings limits, TimeProvider time)
{
    public const int MinNonce = 16;
    public const int MaxNonce = 64;

    private static readonly Func<ChatDb, long, string, CancellationToken, Task<Message?>> ByNonce =
        EF.CompileAsyncQuery((ChatDb db, long authorId, string nonce, CancellationToken _) =>
            db.Messages.AsNoTracking().Include(m => m.Chat).SingleOrDefault(m => m.AuthorId == authorId && m.Nonce == nonce));

    /// <summary>Starts a chat with its first message.</summary>
    public async Task<SendResult> StartAsync(
        User me, string? text, string? model, string? nonce, CancellationToken cancellation, IReadOnlyList<Attachment>? files = null)
    {
        text = Normalize(text);
        model = string.IsNullOrEmpty(model) ? await models.DefaultAsync() : model;
        files ??= [];
        if ((Check(text, model, nonce, await models.AllowedAsync()) ?? CheckFiles(text, model, files)) is { } invalid) return invalid;
        return await SendAsync(me, async () =>
        {
            if (await MadeBeforeAsync(me, nonce!, text, cancellation) is { } made) return made;
            var (cover, refusal) = await CoverAsync(me, model, TokensOf(text, files), parentId: null, context: null, cancellation);
            if (cover is null) return refusal!;
            if (!await AreUnsentAsync(files, cancellation)) return FilesGone;
            var chat = new Chat(me, text, model, time.GetUtcNow());
            db.Chats.Add(chat);
            return await AskAsync(me, chat, text, nonce!, cover, wasMoved: false, files);
        }, cancellation);
    }

    /// <summary>Adds a message to a chat, under its head.</summary>
    /// <param name="parent">The message the form was shown under; an older one is noticed, never obeyed.</param>
    public async Task<SendResult> SendAsync(User me, string chatKey, string? text, string? nonce, long? parent, CancellationToken cancellation, IReadOnlyList<Attachment>? files = null)
    {
        text = Normalize(text);
        files ??= [];
        var offered = await models.AllowedAsync();
        return await SendAsync(me, async () =>
        {
            if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return new SendResult.NotFound();
            if ((Check(text, chat.Model, nonce, offered) ?? CheckFiles(text, chat.Model, files)) is { } invalid) return invalid;
            if (await MadeBeforeAsync(me, nonce!, text, cancellation) is { } made) return made;
            var (cover, refusal) = await CoverAsync(me, chat.Model, TokensOf(text, files), chat.HeadId, context: null, cancellation);
            if (cover is null) return refusal!;
            if (!await AreUnsentAsync(files, cancellation)) return FilesGone;
            return await AskAsync(me, chat, text, nonce!, cover, wasMoved: parent is not null && parent != chat.HeadId, files);
        }, cancellation);
    }

    /// <summary>Asks for another answer to the same question: after a failure, or just because. It stands beside the first.</summary>
    public async Task<SendResult> AskAgainAsync(User me, string chatKey, long answerId, string? model, CancellationToken cancellation)
    {
        var chosen = string.IsNullOrEmpty(model)
            ? (await db.ReadChatAsync(me.Id, chatKey, cancellation))?.Model
            : model;
        if (chosen is null) return new SendResult.NotFound();
        var isAllowed = (await models.AllowedAsync()).Contains(chosen);
        return await SendAsync(me, async () =>
        {
            if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return new SendResult.NotFound();
            var earlier = await db.Messages.Include(m => m.Parent)
                .SingleOrDefaultAsync(m => m.Id == answerId && m.ChatId == chat.Id && m.Role == Role.Assistant && m.DeletedAt == null, cancellation);
            if (earlier is null) return new SendResult.NotFound();
            // Pressed twice, or here and in another tab: the one that runs is the one that was asked for.
            var running = await db.Messages.Unfinished().FirstOrDefaultAsync(m => m.ParentId == earlier.ParentId, cancellation);
            if (running is not null) return new SendResult.Accepted(chat.Id, chat.Key, running.ParentId!.Value, running.Id, IsNew: false);
            if (!isAllowed) return NotAllowed;
            var question = earlier.Parent!;
            if (question.HasFiles && !prompts.Sees(chosen) && await db.Attachments.AnyAsync(a => a.MessageId == question.Id && a.Kind == AttachmentKind.Image, cancellation))
                return CannotSee(chosen, "model");
            var (cover, refusal) = await CoverAsync(
                me, chosen, question.Tokens ?? TokenEstimate.OfTurn(question.Text!), question.ParentId, question.ContextVersionId, cancellation);
            if (cover is null) return refusal!;
            chat.NextRevision();
            foreach (var moved in await WhatMovesAsync(chat, earlier, cancellation)) moved.Touch(chat);
            return await AnswerAsync(me, chat, question, chosen, cover, wasMoved: false);
        }, cancellation);
    }

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

    private SendResult.Invalid? Check(string text, string model, string? nonce, IReadOnlyList<string> offered)
    {
        if (string.IsNullOrWhiteSpace(text)) return new("text", "Write something first.");
        if (text.Length > Message.MaxText)
            return new("text", $"This message has {text.Length:N0} characters; {Message.MaxText:N0} is the most. Shorten it or send it in parts.");
        if (nonce is null || nonce.Length is < MinNonce or > MaxNonce) return new("nonce", "The form was incomplete. Load the page again and send it once more.");
        if (!offered.Contains(model)) return NotAllowed;
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

    private async Task<(Cover? Cover, SendResult? Refusal)> CoverAsync(
        User me, string model, int questionTokens, long? parentId, long? context, CancellationToken cancellation)
    {
        var today = await spending.TodayAsync(db, me.Id);
        var prompt = await prompts.SizeAsync(questionTokens, parentId, context, model, cancellation);
        var (cover, uncovered) = await payers.CoverAsync(db, me, model, prompt, prompts.MaxAnswerTokens(model), today, cancellation);
        if (uncovered is not null) return (null, new SendResult.NotCovered(uncovered));
        return today.Unfinished < limits.ConcurrentAnswers + limits.QueuedAnswers ? (cover, null) : (null, new SendResult.QueueFull(today.Unfinished));
    }

    private async Task<SendResult> AskAsync(User me, Chat chat, string text, string nonce, Cover cover, bool wasMoved, IReadOnlyList<Attachment> files)
    {
        chat.NextRevision();
        var question = Message.From(me, chat, text, nonce, time.GetUtcNow());
        question.Carry(files);
        db.Messages.Add(question);
        var result = await AnswerAsync(me, chat, question, chat.Model, cover, wasMoved);
        var ids = files.Select(f => f.Id).ToList();
        if (ids.Count > 0) await db.Attachments.Where(a => ids.Contains(a.Id)).ExecuteUpdateAsync(set => set.SetProperty(a => a.MessageId, question.Id));
        return result;
    }

    private async Task<SendResult> AnswerAsync(User me, Chat chat, Message question, string model, Cover cover, bool wasMoved)
    {
        var now = time.GetUtcNow();
        var answer = Message.AnswerTo(question, chat, me.Id, model, cover, now);
        db.Messages.Add(answer);
        await db.SaveChangesAsync();
        chat.MoveHead(answer);
        if (cover.By == Payer.Allowance) allowance.Take(db, me.Id, answer.Id);
        if (cover.Hold is { } hold) await ledger.HoldAsync(db, me.Id, answer.Id, hold);
        await db.Database.ExecuteSqlAsync($"UPDATE ChatMembers SET ActiveAt = {now.ToUnixTimeMilliseconds()} WHERE ChatId = {chat.Id}");
        return new SendResult.Accepted(chat.Id, chat.Key, question.Id, answer.Id, wasMoved);
    }

    // The messages that the other answer pushes off the shown branch, or brings back: followers have to hear of each.
    private async Task<List<Message>> WhatMovesAsync(Chat chat, Message earlier, CancellationToken cancellation)
    {
        var ids = await Branch.IdsDownTo(db, chat.HeadId!.Value, earlier.Id, cancellation);
        if (!ids.Contains(earlier.Id))
        {
            // Asked for on a branch that is not shown, which takes the place of the one that is.
            ids = await Branch.IdsDownTo(db, chat.HeadId.Value, 0, cancellation);
            ids.SymmetricExceptWith(await Branch.IdsDownTo(db, earlier.ParentId!.Value, 0, cancellation));
        }
        return await db.Messages.Where(m => ids.Contains(m.Id)).ToListAsync(cancellation);
    }

    // Browsers send CR LF and count LF.
    private static string Normalize(string? text) => (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
