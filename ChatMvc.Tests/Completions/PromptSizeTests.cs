using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Tests.Chats.Attachments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenAI.Chat;

namespace ChatMvc.Tests.Completions;

/// <summary>What is covered before a message is taken is never less than what is sent, whatever its room is like.</summary>
public sealed class PromptSizeTests
{
    private const int Rooms = 75;
    private const int FewExchanges = 30;
    // What a cover holds that its prompt has not: variables at their longest, and answers that ended without a word.
    private const int Slack = MaxVariables * User.MaxDisplayName + FewExchanges * TokenEstimate.PerMessage;
    private const int MaxVariables = 3;
    private static readonly string[] Letters = ["a", "word ", "é", "字", "🦩", "\n"];
    private static readonly string[] Variables = ["{{date}}", "{{time}}", "{{weekday}}", "{{name}}", "{{model}}", "{{mood}}"];

    [Fact]
    public async Task For_random_rooms_the_prompt_fits_its_cover_and_the_cover_all_that_its_budget_allows_and_the_draft_says_the_same()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=3000", "OpenAI:MaxAnswerTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var whole = 0;
        for (var i = 0; i < Rooms; i++)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var services = scope.ServiceProvider;
            var rooms = new RandomRooms(services.GetRequiredService<ChatDb>(), services.GetRequiredService<UploadFiles>(), random, app.Time.GetUtcNow());
            if (await rooms.CheckAsync(services.GetRequiredService<PromptBuilder>(), $"seed {seed}, room {i}")) whole++;
        }
        Assert.InRange(whole, Rooms / 10, Rooms / 10 * 9);
    }

    private sealed class RandomRooms(ChatDb db, UploadFiles uploads, Random random, DateTimeOffset now)
    {
        /// <summary>Whether the whole history went.</summary>
        public async Task<bool> CheckAsync(PromptBuilder prompts, string which)
        {
            var (me, chat, context) = await RoomAsync();
            var (text, files) = (Words(random.Next(10) == 0 ? 4_000 : 300), Files(me, most: 2));
            var (model, alone) = (chat.Model, TokenEstimate.OfTurn(text) + files.Sum(f => f.Tokens));
            var size = await prompts.SizeAsync(alone, chat.IsWithoutMemory ? null : chat.HeadId, context, model, default);
            var draft = await prompts.BuildAsync(new DraftQuestion(me, chat, text, context, now), default);
            // Called otherwise by the time it is built: the cover holds.
            if (random.Next(4) == 0) me.CallYourself(new string('字', User.MaxDisplayName), now);
            var isRenamed = db.ChangeTracker.HasChanges();
            var (answer, unbounded) = await db.WriteAsync(async () =>
            {
                var question = Message.From(me, chat, text, Guid.NewGuid().ToString(), now, context);
                await SaveAsync(question, files);
                var longest = prompts.MaxAnswerTokens(model, chat.MaxAnswerTokens);
                var answers = (Answer(question, size, longest), Answer(question, int.MaxValue, longest));
                await db.SaveChangesAsync();
                return answers;
            });
            db.ChangeTracker.Clear();

            var prompt = await prompts.BuildAsync(answer, default);

            var heard = prompt.Messages.Select(Said).ToList();
            var tokens = prompt.Messages.Sum(TokensOf);
            Assert.True(tokens <= size, $"{which}: {tokens} are sent, {size} covered.");
            Assert.True(prompt.Tokens <= size, $"{which}: {prompt.Tokens} of {size}");
            var least = await prompts.SizeAsync(alone, parentId: null, context, model, default);
            Assert.True(size <= Math.Max(prompts.Budget(model), least), $"{which}: {size} are covered, {prompts.Budget(model)} allowed.");
            Assert.Contains(text, prompt.Messages[^1].Content.Select(part => part.Text));
            if (chat.IsWithoutMemory) Assert.InRange(heard.Count, 1, 2);
            if (!isRenamed && files.Count == 0) Assert.Equal(draft.Messages.Select(Said), heard);
            Assert.Equal(draft.Temperature, prompt.Temperature);

            // Built from the same turns without any bound: what the budget has room for is covered.
            var all = await prompts.BuildAsync(unbounded, default);
            if (all.Tokens + Slack > prompts.Budget(model)) return false;
            Assert.True(size >= all.Tokens, $"{which}: the whole has {all.Tokens}, {size} are covered.");
            Assert.Equal(all.Messages.Select(Said), heard);
            return !chat.IsWithoutMemory;
        }

        // By what is sent, whatever our rows say of it.
        private static int TokensOf(ChatMessage message) => TokenEstimate.PerMessage + message.Content.Sum(part =>
            part.ImageBytes is { } image ? TokensOf(ImageHeader.Read(image.ToArray())!) : TokenEstimate.Of(part.Text));

        private static int TokensOf(ImageHeader image) => FileTokens.OfImage(image.Width, image.Height);

        private static string Said(ChatMessage message) => string.Join('|', message.Content.Select(part => part.Text ?? Convert.ToHexString(part.ImageBytes.ToArray())));

        private async Task<(User Me, Chat Chat, long? Context)> RoomAsync() => await db.WriteAsync<(User, Chat, long?)>(async () =>
        {
            var me = await db.Users.SingleAsync();
            me.CallYourself(random.Next(2) == 0 ? null : Words(50).Trim() is { Length: > 0 and <= User.MaxDisplayName } name ? name : "Maya", now);
            var chat = new Chat(me, "Room", random.Next(2) == 0 ? "gpt-4o-mini" : "local-model", now);
            chat.Remember(random.Next(5) > 0);
            chat.Shape(random.Next(2) == 0 ? null : random.Next(201), random.Next(2) == 0 ? null : random.Next(16, 500));
            db.Chats.Add(chat);
            await db.SaveChangesAsync();
            for (var left = random.Next(10) == 0 ? 120 : random.Next(FewExchanges); left > 0; left--) await ExchangeAsync(me, chat);
            if (random.Next(2) == 0) return (me, chat, null);
            var variables = Enumerable.Range(0, random.Next(MaxVariables + 1)).Select(_ => Variables[random.Next(Variables.Length)]);
            var context = new Context(me, TypedContext.Of("Context", Words(500) + string.Concat(variables)), 0, now);
            db.Contexts.Add(context);
            await db.SaveChangesAsync();
            return (me, chat, context.Versions[0].Id);
        });

        private async Task ExchangeAsync(User me, Chat chat)
        {
            var length = random.Next(8) == 0 ? 3_000 : 200;
            var question = Message.From(me, chat, Words(length), Guid.NewGuid().ToString(), now);
            await SaveAsync(question, random.Next(10) == 0 ? Files(me, most: 3) : []);
            var answer = Answer(question, 1, 1);
            var end = random.Next(10);
            if (end == 0) answer.Fail(AnswerFailure.Busy, Words(length), "", 0, now);
            else if (end == 1) answer.Stop(null, null, 0, now);
            else answer.Complete(Words(length), "", 0, "stop", now);
            await db.SaveChangesAsync();
            chat.MoveHead(answer);
            if (random.Next(12) == 0) await db.Database.ExecuteSqlAsync($"UPDATE Messages SET DeletedAt = 1 WHERE Id = {question.Id}");
            if (random.Next(15) > 0) return;
            var summary = Words(600);
            db.Summaries.Add(new Summary(answer, summary, PromptBuilder.SummaryTokens(summary), now));
        }

        private Message Answer(Message question, int prompt, int longest)
        {
            var answer = Message.AnswerTo(question, question.Chat, question.AskedById, question.Chat.Model, new Cover(Payer.Operator, prompt, longest, Usd.Zero, null), now);
            db.Messages.Add(answer);
            return answer;
        }

        private async Task SaveAsync(Message question, List<Attachment> files)
        {
            question.Carry(files);
            db.Messages.Add(question);
            db.Attachments.AddRange(files);
            await db.SaveChangesAsync();
            var ids = files.ConvertAll(f => f.Id);
            if (ids.Count > 0) await db.Attachments.Where(a => ids.Contains(a.Id)).ExecuteUpdateAsync(set => set.SetProperty(a => a.MessageId, question.Id));
        }

        // Pictures and texts with all sorts of names; now and then a picture lies nowhere any more.
        private List<Attachment> Files(User me, int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ =>
        {
            var bytes = random.Next(2) == 0 ? Pictures.Png(random.Next(1, 1_000), random.Next(1, 1_000)) : Encoding.UTF8.GetBytes(Words(random.Next(8) == 0 ? 4_000 : 400) + new string('`', random.Next(5)));
            var content = FileContent.Judge(bytes).Content!;
            var file = new Attachment(me.Id, Attachment.NewKey(), FileName.Clean(Words(random.Next(8) == 0 ? 1_000 : 40)), content, now);
            if (content.Kind == AttachmentKind.Text || random.Next(5) > 0) uploads.Write(file.Key, content.Bytes);
            return file;
        })];

        private string Words(int most) => "w" + string.Concat(Enumerable.Range(0, random.Next(most / 4)).Select(_ => Letters[random.Next(Letters.Length)])) + ".";
    }
}
