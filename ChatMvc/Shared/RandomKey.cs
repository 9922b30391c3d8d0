using System.Buffers.Text;
using System.Security.Cryptography;

namespace ChatMvc.Shared;

/// <summary>Unguessable keys of URL-safe characters, from the cryptographic source.</summary>
public static class RandomKey
{
    /// <summary>A key of <paramref name="characters"/> characters of <c>[A-Za-z0-9_-]</c>, six bits each.</summary>
    public static string OfLength(int characters) =>
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes((characters * 6 + 7) / 8))[..characters];

    /// <summary>The SHA-256 of a key, to look a secret up by without storing it.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
}
