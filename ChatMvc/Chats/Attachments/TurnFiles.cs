using ChatMvc.Completions.Models;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Chats.Attachments;

/// <summary>What a person said, and the files that came with it.</summary>
public sealed record SaidWithFiles(string Text, IReadOnlyList<SaidFile> Files);

/// <param name="Name">As it was called.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="NotSent">Why it is not sent itself; null when it is.</param>
public readonly record struct SaidFile(string Name, long Bytes, string? NotSent);

/// <summary>
/// The files of the turns of one prompt, read by one query: texts before the words they came with, pictures behind them.
/// They count as much as their rows say, whether or not all of them can be sent.
/// </summary>
public sealed class TurnFiles
{
    private readonly ILookup<long, Attachment> byMessage;
    private readonly UploadFiles uploads;
    private readonly bool modelSees;
    private int imageBytesLeft = FileLimits.PromptImageBytes;

    private TurnFiles(ILookup<long, Attachment> byMessage, UploadFiles uploads, bool modelSees) =>
        (this.byMessage, this.uploads, this.modelSees) = (byMessage, uploads, modelSees);

    public static async Task<TurnFiles> OfAsync(ChatDb db, UploadFiles uploads, IEnumerable<BranchTurn> turns, bool modelSees, CancellationToken cancellation)
    {
        var ids = turns.Where(turn => turn.HasFiles).Select(turn => turn.Id).ToList();
        return new TurnFiles(await db.FilesOfAsync(ids, cancellation), uploads, modelSees);
    }

    /// <summary>What the files of a turn add to its text, in tokens.</summary>
    public int TokensOf(BranchTurn turn) => byMessage[turn.Id].Sum(file => file.Tokens);

    /// <summary>What they most likely take, for a bill that the upstream never sent.</summary>
    public int LikelyTokensOf(BranchTurn turn) => TokensOf(turn) / 2;

    /// <summary>What was said so far, but for turns without files.</summary>
    public Dictionary<ChatMessage, SaidWithFiles> Said { get; } = [];

    /// <summary>A person's turn. Newest first: what pictures may take in bytes is used up from there.</summary>
    public UserChatMessage Say(BranchTurn turn)
    {
        if (!byMessage.Contains(turn.Id)) return new UserChatMessage(turn.Text);
        var (before, after, files) = (new List<ChatMessageContentPart>(), new List<ChatMessageContentPart>(), new List<SaidFile>());
        foreach (var file in byMessage[turn.Id])
        {
            var (part, notSent) = Part(file);
            (part.Kind == ChatMessageContentPartKind.Image ? after : before).Add(part);
            files.Add(new(file.Name, file.Bytes, notSent));
        }
        var said = new UserChatMessage([.. before, ChatMessageContentPart.CreateTextPart(turn.Text), .. after]);
        Said.Add(said, new(turn.Text, files));
        return said;
    }

    /// <summary>A turn with the names of its files alone.</summary>
    public string Name(BranchTurn turn) => string.Concat(byMessage[turn.Id].Select(file => PromptText.Missing(file.Name, "it is not shown here") + "\n")) + turn.Text;

    private (ChatMessageContentPart Part, string? NotSent) Part(Attachment file)
    {
        var isImage = file.Kind == AttachmentKind.Image;
        if (isImage && !modelSees) return Missing(file, "this model cannot see pictures");
        if (isImage && file.Bytes > imageBytesLeft) return Missing(file, "it is not sent any more");
        if (uploads.Read(file.Key) is not { } bytes) return Missing(file, "it is gone");
        if (!isImage) return (ChatMessageContentPart.CreateTextPart(PromptText.Of(file.Name, System.Text.Encoding.UTF8.GetString(bytes))), null);
        imageBytesLeft -= bytes.Length;
        // By a level that bounds what it counts as; what "auto" means is the model's own affair.
        return (ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(bytes), file.MediaType, ChatImageDetailLevel.High), null);
    }

    private static (ChatMessageContentPart, string) Missing(Attachment file, string why) => (ChatMessageContentPart.CreateTextPart(PromptText.Missing(file.Name, why)), why);
}
