using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Completions;

/// <summary>What is covered before a message is taken is never less than what is sent, whatever its room is like.</summary>
public sealed class PromptSizeTests
{
    private const int Rooms = 150;
    private static readonly string[] Letters = ["a", "word ", "é", "字", "🦩", "\n"];
    private static readonly string[] Variables = ["{{date}}", "{{time}}", "{{weekday}}", "{{name}}", "{{model}}", "{{mood}}"];

    [Fact]
    public async Task For_random_rooms_the_prompt_fits_its_cover_and_the_cover_its_budget_and_the_draft_says_the_same()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=3000", "OpenAI:MaxAnswerTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < Rooms; i++)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var (db, prompts) = (scope.ServiceProvider.GetRequiredService<ChatDb>(), scope.ServiceProvider.GetRequiredService<PromptBuilder>());
            await CheckAsync(db, prompts, random, app.Time.GetUtcNow(), $"seed {seed}, room {i}");
        }
    }

    private static async Task CheckAsync(ChatDb db, PromptBuilder prompts, Random random, DateTimeOffset now, string which)
    {
        var (me, chat, context) = await RoomAsync(db, random, now);
        var text = Words(random, random.Next(10) == 0 ? 4_000 : 300);
        var model = chat.Model;
        var size = await prompts.SizeAsync(TokenEstimate.OfTurn(text), chat.IsWithoutMemory ? null : chat.HeadId, context, model, default);
        var draft = await prompts.BuildAsync(new DraftQuestion(me, chat, text, context, now), default);
        // Called otherwise by the time it is built: the cover holds.
        if (random.Next(4) == 0) me.CallYourself(new string('字', User.MaxDisplayName), now);
        var isRenamed = db.ChangeTracker.HasChanges();
        var answer = await db.WriteAsync(async () =>
        {
            var question = Message.From(me, chat, text, Guid.NewGuid().ToString(), now, context);
            db.Messages.Add(question);
            var answer = Message.AnswerTo(question, chat, me.Id, model, new Cover(Payer.Operator, size, prompts.MaxAnswerTokens(model, chat.MaxAnswerTokens), Usd.Zero, null), now);
            db.Messages.Add(answer);
            await db.SaveChangesAsync();
            return answer;
        });
        db.ChangeTracker.Clear();

        var prompt = await prompts.BuildAsync(answer, default);

        var heard = prompt.Messages.Select(m => m.Content[0].Text).ToList();
        Assert.True(heard.Sum(TokenEstimate.OfTurn) <= size, $"{which}: {heard.Sum(TokenEstimate.OfTurn)} are sent, {size} covered.");
        Assert.True(prompt.Tokens <= size, $"{which}: {prompt.Tokens} of {size}");
        var least = await prompts.SizeAsync(TokenEstimate.OfTurn(text), parentId: null, context, model, default);
        Assert.True(size <= Math.Max(prompts.Budget(model), least), $"{which}: {size} are covered, {prompts.Budget(model)} allowed.");
        Assert.Equal(text, heard[^1]);
        if (chat.IsWithoutMemory) Assert.InRange(heard.Count, 1, 2);
        if (!isRenamed) Assert.Equal(draft.Messages.Select(m => m.Content[0].Text), heard);
        Assert.Equal(draft.Temperature, prompt.Temperature);
    }

    private static async Task<(User Me, Chat Chat, long? Context)> RoomAsync(ChatDb db, Random random, DateTimeOffset now) => await db.WriteAsync<(User, Chat, long?)>(async () =>
    {
        var me = await db.Users.SingleAsync();
        me.CallYourself(random.Next(2) == 0 ? null : Words(random, 50).Trim() is { Length: > 0 and <= User.MaxDisplayName } name ? name : "Maya", now);
        var chat = new Chat(me, "Room", random.Next(2) == 0 ? "gpt-4o-mini" : "local-model", now);
        chat.Remember(random.Next(5) > 0);
        chat.Shape(random.Next(2) == 0 ? null : random.Next(201), random.Next(2) == 0 ? null : random.Next(16, 500));
        db.Chats.Add(chat);
        await db.SaveChangesAsync();
        var exchanges = random.Next(10) == 0 ? 120 : random.Next(30);
        Message? lastAnswer = null;
        for (var i = 0; i < exchanges; i++)
        {
            var length = random.Next(8) == 0 ? 3_000 : 200;
            var question = Message.From(me, chat, Words(random, length), Guid.NewGuid().ToString(), now);
            var answer = Message.AnswerTo(question, chat, me.Id, chat.Model, new Cover(Payer.Operator, 1, 1, Usd.Zero, null), now);
            db.Messages.AddRange(question, answer);
            var end = random.Next(10);
            if (end == 0) answer.Fail(AnswerFailure.Busy, Words(random, length), "", 0, now);
            else if (end == 1) answer.Stop(null, null, 0, now);
            else answer.Complete(Words(random, length), "", 0, "stop", now);
            await db.SaveChangesAsync();
            chat.MoveHead(answer);
            if (random.Next(12) == 0) await db.Database.ExecuteSqlAsync($"UPDATE Messages SET DeletedAt = 1 WHERE Id = {question.Id}");
            if (random.Next(15) == 0)
            {
                var summary = Words(random, 600);
                db.Summaries.Add(new Summary(answer, summary, PromptBuilder.SummaryTokens(summary), now));
            }
            lastAnswer = answer;
        }
        if (random.Next(2) == 0) return (me, chat, null);
        var context = new Context(me, TypedContext.Of("Context", Words(random, 500) + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Variables[random.Next(Variables.Length)]))), 0, now);
        db.Contexts.Add(context);
        await db.SaveChangesAsync();
        return (me, chat, context.Versions[0].Id);
    });

    private static string Words(Random random, int most) =>
        "w" + string.Concat(Enumerable.Range(0, random.Next(most / 4)).Select(_ => Letters[random.Next(Letters.Length)])) + ".";
}
