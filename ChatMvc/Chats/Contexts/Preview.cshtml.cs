using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Usage;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Chats.Contexts;

/// <summary>The exact prompt of the next message, put together by what sends it, with its size and price.</summary>
public sealed class PreviewModel(
    ChatDb db, CurrentUser me, PromptBuilder prompts, CompletionBooks books, Payers payers, CreditSettings credit, TimeProvider time) : PageModel
{
    public Chat Room { get; private set; } = null!;
    public Prompt Prompt { get; private set; } = null!;
    public string Text { get; private set; } = "";
    public string? Error { get; private set; }
    public bool IsAnswering { get; private set; }
    /// <summary>Tokens and price, in words.</summary>
    public string Size { get; private set; } = "";

    /// <summary>Role in the upstream's words, and what it hears; files by their names.</summary>
    public IReadOnlyList<(string Role, string Text, IReadOnlyList<SaidFile> Files)> Lines => [.. Prompt.Messages.Select(LineOf)];

    /// <summary>With what was written into the room's box and not sent, unless something else is given.</summary>
    public Task<IActionResult> OnGetAsync(string key, string? text, CancellationToken cancellation) => ShowAsync(key, text, cancellation);

    public Task<IActionResult> OnPostAsync(string key, string? text, CancellationToken cancellation) => ShowAsync(key, text ?? "", cancellation);

    public static string NameOf(string role) => role switch { "system" => "Context", "assistant" => "Answer", _ => "You" };

    private async Task<IActionResult> ShowAsync(string key, string? text, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        if (await db.ReadChatAsync(me.Id, key, cancellation) is not { } chat) return NotFound();
        Room = chat;
        Text = Sending.Normalize(text ?? (await Drafts.FindAsync(db, chat.Id, me.Id, cancellation)).Text);
        if (Text.Length > Message.MaxText)
        {
            Error = $"This message has {Text.Length:N0} characters; {Message.MaxText:N0} is the most. Shorten it or send it in parts.";
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }
        var context = await ContextList.InForceAsync(db, chat.ContextId, cancellation);
        Prompt = await prompts.BuildAsync(new DraftQuestion(me.User, chat, Error is null ? Text : "", context, time.GetUtcNow()), cancellation);
        IsAnswering = await db.IsAnsweringAsync(me.Id, chat.Id, cancellation);
        Size = $"About {Prompt.LikelyTokens:N0} tokens, {await PriceAsync(cancellation)}";
        return Page();
    }

    private async Task<string> PriceAsync(CancellationToken cancellation)
    {
        if (books.PriceNow(Prompt.Model, Prompt.LikelyTokens) is not { } price) return "at a price that is not known here.";
        var markup = (await payers.StandingAsync(db, me.User, Prompt.Model, cancellation)).Payer == Payer.Credit ? credit.Markup : 1;
        return $"about {Cost(Prompt.LikelyTokens, 0)}. The answer has at most {Prompt.MaxAnswerTokens:N0} tokens, which cost {Cost(0, Prompt.MaxAnswerTokens)}.";

        string Cost(long prompt, long answer) => UsageWords.Brief(new Usd((long)decimal.Ceiling(price.MicrosFor(TokenCounts.Estimate(prompt, answer)) * markup)));
    }

    private (string, string, IReadOnlyList<SaidFile>) LineOf(ChatMessage message) => Prompt.WithFiles.TryGetValue(message, out var said)
        ? (RoleOf(message), said.Text, said.Files)
        : (RoleOf(message), string.Concat(message.Content.Select(part => part.Text)), []);

    private static string RoleOf(ChatMessage message) => message switch { SystemChatMessage => "system", AssistantChatMessage => "assistant", _ => "user" };
}
