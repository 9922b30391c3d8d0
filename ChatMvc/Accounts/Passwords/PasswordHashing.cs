using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Cryptography.KeyDerivation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ChatMvc.Accounts.Passwords;

/// <summary>
/// ASP.NET Core Identity's hasher (format V3, PBKDF2 with HMAC-SHA512) at the cost that OWASP's password storage sheet asks
/// for. A hash takes a processor for about a sixth of a second, so few are made at once and pages keep the rest.
/// </summary>
public sealed class PasswordHashing : IDisposable
{
    public const int Iterations = 220_000;
    /// <summary>For whoever found too many waiting.</summary>
    public static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int MaxAtOnce = 4;
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;

    private readonly PasswordHasher<PasswordHashing> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly SemaphoreSlim turns = new(Math.Clamp(Environment.ProcessorCount - 1, 1, MaxAtOnce));
    private readonly string decoy = Decoy();

    /// <summary>Waits for a turn to hash; null when too many wait.</summary>
    public async Task<Turn?> EnterAsync(CancellationToken cancellation) =>
        await turns.WaitAsync(Patience, cancellation) ? new Turn(this) : null;

    public void Dispose() => turns.Dispose();

    /// <summary>Dispose it to pass it on.</summary>
    public sealed class Turn(PasswordHashing hashing) : IDisposable
    {
        /// <summary>A hash to store.</summary>
        public string Hash(string password) => hashing.hasher.HashPassword(hashing, password);

        /// <param name="hash">Null where there is none, which takes as long and is never right.</param>
        /// <param name="password">As it was typed.</param>
        public PasswordVerificationResult Verify(string? hash, string password)
        {
            var result = hashing.hasher.VerifyHashedPassword(hashing, hash ?? hashing.decoy, password);
            return hash is null ? PasswordVerificationResult.Failed : result;
        }

        public void Dispose() => hashing.turns.Release();
    }

    /// <summary>A hash like those that are stored, of nothing that anybody could type.</summary>
    private static string Decoy()
    {
        const int Header = 13;
        var hash = new byte[Header + SaltBytes + KeyBytes];
        RandomNumberGenerator.Fill(hash.AsSpan(Header));
        // The format's marker, then big-endian: pseudo-random function, iterations, length of the salt.
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), (uint)KeyDerivationPrf.HMACSHA512);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), Iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), SaltBytes);
        return Convert.ToBase64String(hash);
    }
}
