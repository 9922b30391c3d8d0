using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Data;
using Microsoft.AspNetCore.DataProtection;

namespace ChatMvc.Accounts;

/// <summary>
/// What somebody sent after their session had ended: it waits, encrypted, for them to sign in again, and then stands in the
/// box it was typed in, unsent. One text for each person, the latest, for a day.
/// </summary>
public sealed class UnsentTexts(DataDirectory directory, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>The hidden field that says whose box it is: a session that is over cannot be asked any more.</summary>
    public const string Field = "owner";
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private const int MaxSeal = 500;
    private const string Folder = "unsent";
    private const string Chats = "/chats";
    private const string Messages = "/messages";
    private const string Draft = "/draft";
    private const string Edit = "/edit";

    private readonly IDataProtector owners = protection.CreateProtector("Unsent.Owner");
    private readonly IDataProtector texts = protection.CreateProtector("Unsent.Text");

    /// <summary>For the hidden field of a person's message box.</summary>
    public string Seal(long person) => owners.Protect(person.ToString(CultureInfo.InvariantCulture));

    /// <summary>Keeps the text of a refused request; returns the page that its box stands on, null where it is none of a message.</summary>
    /// <param name="request">Of somebody who is not signed in.</param>
    /// <param name="formerly">Whose session it was, where its cookie still came along.</param>
    public async Task<string?> KeepAsync(HttpRequest request, long? formerly)
    {
        if (PlaceOf(request) is not { } place) return null;
        try
        {
            // The files are let go, but the text stands in one form with them. Nobody who was never here may send as much.
            if (formerly is not null) await TakesFilesAttribute.AllowAsync(request);
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            if ((OwnerOf(form[Field]) ?? formerly) is { } person && IsKept(form["text"])) Write(person, place, form["text"]!);
            return place;
        }
        // Too large, cut off or malformed; or the disk is full. There is still the way to the sign-in page.
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or IOException or OperationCanceledException)
        {
            return place;
        }
    }

    /// <summary>What waits for this person in a page's box; empty when nothing does.</summary>
    public string Find(long person, string place)
    {
        var path = PathOf(person);
        if (!File.Exists(path) || IsOver(path)) return "";
        try
        {
            var kept = Encoding.UTF8.GetString(texts.Unprotect(File.ReadAllBytes(path)));
            return kept.StartsWith(place + "\n", StringComparison.Ordinal) ? kept[(place.Length + 1)..] : "";
        }
        // Sent from another tab at this moment, or the keys are gone.
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return "";
        }
    }

    /// <summary>Something was sent from that page's box.</summary>
    public void Sent(long person, string place)
    {
        if (Find(person, place).Length > 0) Forget(person);
    }

    public void Forget(long person) => File.Delete(PathOf(person));

    /// <summary>Removes what nobody came back for.</summary>
    public void ForgetOld()
    {
        foreach (var path in Directory.EnumerateFiles(Root).Where(IsOver)) File.Delete(path);
    }

    private static string? PlaceOf(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method) || !request.HasFormContentType) return null;
        var path = request.Path.Value ?? "";
        if (path == Chats) return Chats;
        var room = Chats.Length + 1 + Chat.KeyLength;
        return path.StartsWith(Chats + "/", StringComparison.Ordinal) && path.Length > room && Chat.IsKey(path[(Chats.Length + 1)..room])
            && (path[room..] is Messages or Draft || (path[room..].StartsWith(Messages + "/", StringComparison.Ordinal) && path.EndsWith(Edit, StringComparison.Ordinal)))
            ? path[..room] : null;
    }

    private static bool IsKept(string? text) => !string.IsNullOrWhiteSpace(text) && text.Replace("\r\n", "\n", StringComparison.Ordinal).Length <= Message.MaxText;

    private long? OwnerOf(string? seal)
    {
        if (seal is not { Length: > 0 and <= MaxSeal }) return null;
        try
        {
            return long.Parse(owners.Unprotect(seal), CultureInfo.InvariantCulture);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private void Write(long person, string place, string text)
    {
        var (path, unfinished) = (PathOf(person), PathOf(person) + "." + Guid.NewGuid().ToString("N"));
        PrivateFile.Write(unfinished, texts.Protect(Encoding.UTF8.GetBytes($"{place}\n{text.Replace("\r\n", "\n", StringComparison.Ordinal)}")));
        File.SetLastWriteTimeUtc(unfinished, time.GetUtcNow().UtcDateTime);
        File.Move(unfinished, path, overwrite: true);
    }

    private bool IsOver(string path) => File.GetLastWriteTimeUtc(path) < (time.GetUtcNow() - Lifetime).UtcDateTime;

    private string PathOf(long person) => Path.Combine(Root, person.ToString(CultureInfo.InvariantCulture));

    private string Root => field ??= PrivateFile.FolderIn(directory, Folder);
}
