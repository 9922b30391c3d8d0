using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using ChatMvc.Shared;
using Microsoft.AspNetCore.DataProtection;

namespace ChatMvc.Chats.List;

/// <summary>
/// What a person has just done to many chats, for as long as it can be undone: sealed in a cookie of the browser that did
/// it, so that nothing of it is kept here. One at a time, the latest.
/// </summary>
public sealed class UndoCookie(IDataProtectionProvider protection)
{
    public const string Name = "undo";
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private const string Path = "/chats";
    /// <summary>Characters; browsers drop a cookie of more than 4,096 bytes.</summary>
    private const int MaxLength = 3_800;
    private const int KeyLength = 10;

    private readonly ITimeLimitedDataProtector seal = protection.CreateProtector("Chats.Undo").ToTimeLimitedDataProtector();

    /// <summary>Keeps it; returns the name by which a page offers to undo this and nothing newer, null when there is too much to keep.</summary>
    public string? Keep(HttpContext http, long person, Placed placed)
    {
        if (placed.Chats.Count == 0) return null;
        var key = RandomKey.OfLength(KeyLength);
        var closed = seal.Protect(Convert.ToBase64String(Pack(person, key, placed)), Lifetime);
        if (closed.Length > MaxLength) return null;
        http.Response.Cookies.Append(Name, closed, Options(http));
        return key;
    }

    /// <summary>What was done under this name; null when it is another's, too old, or not the latest.</summary>
    public Placed? Find(HttpContext http, long person, string? key)
    {
        if (key is not { Length: KeyLength } || http.Request.Cookies[Name] is not { Length: <= MaxLength } cookie) return null;
        try
        {
            return Unpack(Convert.FromBase64String(seal.Unprotect(cookie)), person, key);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    public void Forget(HttpContext http) => http.Response.Cookies.Delete(Name, Options(http));

    private static CookieOptions Options(HttpContext http) => new()
    {
        Path = Path,
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        MaxAge = Lifetime,
        IsEssential = true,
    };

    // Ids as steps from one to the next and folders by their number: two hundred chats fit.
    private static byte[] Pack(long person, string key, Placed placed)
    {
        var chats = placed.Chats.OrderBy(c => c.ChatId).ToList();
        var folders = chats.Select(c => c.Folder).Distinct().ToList();
        var packed = new Packed(person, key, placed.Deed, folders,
            [.. chats.Select((c, i) => c.ChatId - (i == 0 ? 0 : chats[i - 1].ChatId))], [.. chats.Select(c => folders.IndexOf(c.Folder))]);
        using var into = new MemoryStream();
        using (var lean = new BrotliStream(into, CompressionLevel.Optimal)) JsonSerializer.Serialize(lean, packed);
        return into.ToArray();
    }

    private static Placed? Unpack(byte[] bytes, long person, string key)
    {
        using var lean = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
        if (JsonSerializer.Deserialize<Packed>(lean) is not { } packed || packed.Person != person || packed.Key != key) return null;
        var id = 0L;
        return new Placed(packed.Deed, [.. packed.Steps.Select((step, i) => new FormerPlace(id += step, packed.Folders[packed.In[i]]))]);
    }

    private sealed record Packed(long Person, string Key, Deed Deed, List<string?> Folders, long[] Steps, int[] In);
}
