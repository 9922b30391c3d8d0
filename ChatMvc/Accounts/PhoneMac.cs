using System.Security.Cryptography;
using System.Text;
using ChatMvc.Data;

namespace ChatMvc.Accounts;

/// <summary>
/// Knows a number again without keeping it: a MAC under a key that lies in <c>keys/</c> and in no database, so that a row
/// cannot be tried against all the numbers there are.
/// </summary>
public sealed class PhoneMac(DataDirectory directory)
{
    private const string FileName = "phone-mac.key";
    private const int KeyBytes = 32;

    private readonly Lock gate = new();
    private byte[]? key;

    public byte[] Of(PhoneNumber phone) => HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(phone.ToString()));

    private byte[] Key
    {
        get { lock (gate) return key ??= LoadOrMake(Path.Combine(directory.Keys, FileName)); }
    }

    private static byte[] LoadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            // Whole or not at all: a key of which half was written would be another one after a crash.
            PrivateFile.Write(path + ".new", RandomNumberGenerator.GetBytes(KeyBytes));
            File.Move(path + ".new", path, overwrite: true);
        }
        return File.ReadAllBytes(path);
    }
}
