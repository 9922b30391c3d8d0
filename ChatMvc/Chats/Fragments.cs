using System.Text;
using ChatMvc.Billing.Usage;
using ChatMvc.Completions.Live;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Chats;

/// <summary>Changed parts of a room, addressed to their places, for htmx: the same partials as the whole page.</summary>
public sealed class Fragments(PartialRenderer partials, Articles articles)
{
    /// <summary>A question, its answer and a fresh message box.</summary>
    public async Task<ContentResult> ExchangeAsync(IEnumerable<MessageView> messages, ComposeView compose)
    {
        var html = new StringBuilder();
        foreach (var message in messages) html.Append(await ArticleAsync(message));
        html.Append(await ComposerAsync(compose));
        return Html(html.ToString());
    }

    /// <summary>The message box with its notice and the text still in it.</summary>
    public async Task<ContentResult> ComposeAsync(ComposeView compose) => Html(await ComposerAsync(compose));

    /// <summary>One article and the line that says how many messages are left.</summary>
    public Task<ContentResult> MessageAsync(MessageView message, AllowanceView allowance) => MessagesAsync([message], allowance, replaced: null);

    /// <summary>New articles, what they take the place of, and the same line.</summary>
    public async Task<ContentResult> MessagesAsync(IEnumerable<MessageView> messages, AllowanceView allowance, long? replaced)
    {
        var html = new StringBuilder(replaced is { } gone ? Gone(gone) : "");
        foreach (var message in messages) html.Append(await ArticleAsync(message));
        return Html(html.Append(await AllowanceAsync(allowance)).ToString());
    }

    /// <summary>A message that was deleted, or that came back, and what to say of it.</summary>
    public async Task<ContentResult> DeletedAsync(GoneMessage gone) =>
        Html(Gone(gone.MessageId) + To("#notices", "innerHTML", await partials.RenderAsync("/Chats/_UndoMessage.cshtml", gone)));

    public async Task<ContentResult> RestoredAsync(IEnumerable<MessageView> messages)
    {
        var html = new StringBuilder(To("#notices", "innerHTML", ""));
        foreach (var message in messages) html.Append(await ArticleAsync(message));
        return Html(html.ToString());
    }

    /// <summary>What is said to a page whose draft is older than the one that is kept.</summary>
    public async Task<ContentResult> NewerDraftAsync(string chatKey, Draft newer)
    {
        var start = newer.Text.Length <= DraftStart ? newer.Text : newer.Text[..DraftStart] + "…";
        var notice = new ComposeNotice(NoticeKind.Error, $"You wrote something newer in this box on another page: “{start}”. What stands here is not kept until you send it.",
            Link: ($"/chats/{chatKey}", "Use the newer text"));
        return new() { StatusCode = StatusCodes.Status409Conflict, ContentType = "text/html; charset=utf-8", Content = await partials.RenderAsync("/Chats/_Notice.cshtml", notice) };
    }

    private const int DraftStart = 80;

    /// <summary>A notice alone.</summary>
    public async Task<ContentResult> NoticeAsync(ComposeNotice notice, string place = "#notices") =>
        Html(To(place, "innerHTML", await partials.RenderAsync("/Chats/_Notice.cshtml", notice)));

    /// <summary>An article that takes the place of the one with its id, or goes to its place in the log.</summary>
    public async Task<string> ArticleAsync(MessageView message) => To("#log", "upsert", await articles.RenderAsync(message));

    public async Task<string> AllowanceAsync(AllowanceView allowance) =>
        allowance.Standing.Payer == Completions.Payer.Operator ? "" : To("#allowance", "outerHTML", await partials.RenderAsync("/Chats/_Allowance.cshtml", allowance));

    /// <summary>The blocks finished since the reader's last, put before the open one, and the open one anew.</summary>
    public static string Blocks(long messageId, LiveFrame frame, int finishedSeen)
    {
        var open = $"#m-{messageId}-open";
        var finished = string.Concat(frame.Shown.FinishedBlocks.Skip(finishedSeen));
        return (finished.Length == 0 ? "" : To(open, "beforebegin", finished)) + To(open, "innerHTML", frame.Shown.OpenBlock);
    }

    public static string Gone(long messageId) => To($"#m-{messageId}", "delete", "");

    /// <summary>Takes all articles away, for those from this message on to follow, and leaves the way to the older ones.</summary>
    public static string OnlyFrom(string chatKey, long messageId) =>
        To("#log", "innerHTML", $"""<p class="older"><a class="button quiet" href="/chats/{chatKey}?before={messageId}">Older messages</a></p>""");

    /// <summary>What else changed with the room: its title, its cost, and the message that the next one goes under.</summary>
    /// <param name="chat">The room.</param>
    /// <param name="isRunning">Whether it is being answered.</param>
    /// <param name="parent">The end of the branch that is shown.</param>
    public async Task<string> RoomStateAsync(Chat chat, bool isRunning, long? parent)
    {
        var line = new List.ChatLine(chat.Key, chat.Title, default, isRunning);
        return To("#chat-title", "innerHTML", System.Net.WebUtility.HtmlEncode(chat.Title))
            + To("#chat-cost", "innerHTML", ChatCost.Words(chat))
            + To($"#rail-{chat.Key}", "outerHTML", await partials.RenderAsync("/Chats/_RailLink.cshtml", (line, true)))
            + To("#parent", "outerHTML", $"""<input type="hidden" name="parent" id="parent" value="{parent}">""");
    }

    private async Task<string> ComposerAsync(ComposeView compose) =>
        To("#composer", "outerHTML", await partials.RenderAsync("/Chats/_Compose.cshtml", compose));

    private static string To(string target, string swap, string html) => $"""<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>""";

    private static ContentResult Html(string html) => new() { ContentType = "text/html; charset=utf-8", Content = html };
}
