using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>
/// Puts all that is kept of a person into a zip: the account, what was asked of models, contexts, and each chat as JSON with all its
/// branches and as Markdown as it is shown. No hash and no key of anything goes in. One message is in memory at a time.
/// </summary>
public sealed class ExportWriter(ChatDb db, UploadFiles uploads, SiteSettings site)
{
    private const int MaxNameInFile = 40;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <param name="person">Whose data.</param>
    /// <param name="output">Where the zip goes; left open.</param>
    /// <param name="chatDone">Hears how many chats are in it, after each.</param>
    /// <param name="cancellation">Leaves it unfinished.</param>
    public async Task WriteAsync(User person, Stream output, Func<int, Task> chatDone, CancellationToken cancellation)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        await PutAsync(zip, "account.json", await AccountAsync(person, cancellation), cancellation);
        await PutAsync(zip, "usage.json", Usage(person.Id), cancellation);
        await PutAsync(zip, "contexts.json", Contexts(person.Id), cancellation);
        var chats = await db.Chats.VisibleTo(person.Id).OrderBy(c => c.Id).Select(c => c.Id).ToListAsync(cancellation);
        for (var i = 0; i < chats.Count; i++)
        {
            await PutChatAsync(zip, person, chats[i], i + 1, cancellation);
            await chatDone(i + 1);
        }
    }

    /// <summary>A name for files that every system takes: a number, then letters and digits of the title.</summary>
    public static string FileNameOf(int number, string title)
    {
        var letters = string.Concat(title.Take(MaxNameInFile).Select(c => char.IsLetterOrDigit(c) ? c : '-')).Trim('-');
        return letters.Length == 0 ? $"{number:0000}" : $"{number:0000}-{letters}";
    }

    private async Task<object> AccountAsync(User person, CancellationToken cancellation) => new
    {
        person.Phone,
        person.DisplayName,
        person.TimeZone,
        person.Theme,
        person.CreatedAt,
        person.PasswordSetAt,
        Devices = await db.Sessions.Where(s => s.UserId == person.Id).OrderBy(s => s.Id)
            .Select(s => new { s.Device, FirstSeenAt = s.CreatedAt, s.LastSeenAt, SignedOutAt = s.RevokedAt }).ToListAsync(cancellation),
        FreeMessages = await db.AllowanceUses.Where(u => u.UserId == person.Id).OrderBy(u => u.Id)
            .Select(u => new { u.TakenAt, u.GivenBackAt }).ToListAsync(cancellation),
        TextMessages = await db.SmsMessages.Where(s => s.To == person.Phone && s.State != Sms.SmsState.Withheld).OrderBy(s => s.Id)
            .Select(s => new { s.CreatedAt, s.State, s.SentAt }).ToListAsync(cancellation),
    };

    private IAsyncEnumerable<object> Usage(long person) => db.Completions.AsNoTracking().Where(c => c.UserId == person).OrderBy(c => c.Id)
        .Select(c => new { c.StartedAt, c.FinishedAt, c.Kind, c.Model, c.Outcome, c.PromptTokens, c.CompletionTokens, c.CostMicros }).AsAsyncEnumerable();

    private IAsyncEnumerable<object> Contexts(long person) => db.Contexts.AsNoTracking().Where(c => c.UserId == person && c.DeletedAt == null).OrderBy(c => c.Id)
        .Select(c => new { c.Name, Versions = c.Versions.OrderBy(v => v.Id).Select(v => new { v.CreatedAt, v.Text }).ToList() }).AsAsyncEnumerable();

    private async Task PutChatAsync(ZipArchive zip, User person, long id, int number, CancellationToken cancellation)
    {
        // Deleted meanwhile, perhaps.
        if (await db.Chats.AsNoTracking().VisibleTo(person.Id).SingleOrDefaultAsync(c => c.Id == id, cancellation) is not { } chat) return;
        var name = "chats/" + FileNameOf(number, chat.Title);
        var messages = db.Messages.AsNoTracking().Where(m => m.ChatId == id && m.DeletedAt == null).OrderBy(m => m.Id);
        await PutAsync(zip, name + ".json", new
        {
            Id = chat.Key,
            chat.Title,
            chat.CreatedAt,
            Messages = messages.Select(m => new { m.Id, m.ParentId, m.Role, m.State, m.Model, m.CreatedAt, m.FinishedAt, m.Text }).AsAsyncEnumerable(),
            Summaries = db.Summaries.AsNoTracking().Where(s => s.ChatId == id).OrderBy(s => s.Id).Select(s => new { s.UpToId, s.CreatedAt, s.Text }).AsAsyncEnumerable(),
            Files = FilesOf(messages).Select(a => new { a.MessageId, a.Name, a.Kind, a.MediaType, a.Bytes, a.CreatedAt }).AsAsyncEnumerable(),
        }, cancellation);
        await PutMarkdownAsync(zip, name + ".md", person, chat, messages, cancellation);
        await PutFilesAsync(zip, name + "/", messages, cancellation);
    }

    private async Task PutFilesAsync(ZipArchive zip, string folder, IQueryable<Message> messages, CancellationToken cancellation)
    {
        var files = await FilesOf(messages).ToListAsync(cancellation);
        foreach (var file in files)
        {
            if (uploads.Find(file.Key) is not { } path) continue;
            // Pictures are packed already.
            var level = file.Kind == AttachmentKind.Image ? CompressionLevel.NoCompression : CompressionLevel.Optimal;
            await using var entry = await zip.CreateEntry($"{folder}{file.MessageId}-{FileNameOf(file)}", level).OpenAsync(cancellation);
            await using var source = File.OpenRead(path);
            await source.CopyToAsync(entry, cancellation);
        }
    }

    private IQueryable<Attachment> FilesOf(IQueryable<Message> messages) =>
        db.Attachments.AsNoTracking().Where(a => messages.Any(m => m.Id == a.MessageId)).OrderBy(a => a.Id);

    // Two of a message may have the same name; its row's number tells them apart.
    private static string FileNameOf(Attachment file)
    {
        var (name, ending) = (Path.GetFileNameWithoutExtension(file.Name), Path.GetExtension(file.Name));
        var letters = string.Concat(ending.Where(char.IsAsciiLetterOrDigit));
        return FileNameOf((int)(file.Id % int.MaxValue), name) + (letters.Length == 0 ? "" : "." + letters);
    }

    private static async Task PutAsync<T>(ZipArchive zip, string name, T content, CancellationToken cancellation)
    {
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellation);
        await JsonSerializer.SerializeAsync(entry, content, Json, cancellation);
    }

    private async Task PutMarkdownAsync(ZipArchive zip, string name, User person, Chat chat, IQueryable<Message> messages, CancellationToken cancellation)
    {
        var shown = chat.HeadId is { } head ? await Branch.IdsDownTo(db, head, 0, cancellation) : [];
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellation);
        await using var text = new StreamWriter(entry, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await text.WriteAsync($"# {chat.Title}\n");
        var zone = Times.Zone(person.TimeZone ?? site.TimeZone);
        var files = (await FilesOf(messages).ToListAsync(cancellation)).ToLookup(file => file.MessageId);
        await foreach (var message in messages.AsAsyncEnumerable().WithCancellation(cancellation))
            if (shown.Contains(message.Id)) await text.WriteAsync(Markdown(message, files[message.Id], zone));
    }

    private static string Markdown(Message message, IEnumerable<Attachment> files, TimeZoneInfo zone)
    {
        var author = message.Role == Role.User ? "You" : message.Model;
        var at = TimeZoneInfo.ConvertTime(message.CreatedAt, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var named = string.Concat(files.Select(file => $"\n- {FileSize.Named(file)}"));
        return $"\n## {author}, {at}\n\n{message.Text}\n{(named.Length == 0 ? "" : named + "\n")}";
    }
}
