using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChatMvc.Billing.Stripe;

public enum SignatureVerdict { Right, Wrong, TooOld }

/// <summary>How Stripe's posts are known: https://docs.stripe.com/webhooks#verify-manually.</summary>
/// <param name="SentAt">Unix seconds; part of what is signed.</param>
/// <param name="Signatures">All of the scheme v1: two while a secret is rolled.</param>
public sealed record StripeSignature(long SentAt, IReadOnlyList<byte[]> Signatures)
{
    public const string Header = "Stripe-Signature";
    /// <summary>Either way: a clock may be ahead as well as behind.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private const int MaxParts = 20;

    /// <param name="header">Such as <c>t=1700000000,v1=5257…,v0=6ffb…</c>; other schemes than v1 are left alone.</param>
    public static StripeSignature? Read(string? header)
    {
        var parts = (header ?? "").Split(',', MaxParts + 1).Select(p => p.Trim().Split('=', 2)).Where(p => p.Length == 2).ToList();
        var times = parts.Where(p => p[0] == "t").ToList();
        if (parts.Count > MaxParts || times.Count != 1 || !long.TryParse(times[0][1], NumberStyles.None, CultureInfo.InvariantCulture, out var sentAt)) return null;
        return new StripeSignature(sentAt, [.. parts.Where(p => p[0] == "v1" && IsHash(p[1])).Select(p => Convert.FromHexString(p[1]))]);
    }

    /// <param name="body">The bytes as they came.</param>
    /// <param name="secrets">Any of them will do.</param>
    /// <param name="now">Our own clock.</param>
    public SignatureVerdict Judge(byte[] body, IEnumerable<string> secrets, DateTimeOffset now)
    {
        var signed = (byte[])[.. Encoding.UTF8.GetBytes(SentAt.ToString(CultureInfo.InvariantCulture) + "."), .. body];
        var isRight = false;
        foreach (var secret in secrets)
        {
            var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
            foreach (var signature in Signatures) isRight |= CryptographicOperations.FixedTimeEquals(hash, signature);
        }
        return !isRight ? SignatureVerdict.Wrong : Math.Abs(SecondsOff(now)) <= Tolerance.TotalSeconds ? SignatureVerdict.Right : SignatureVerdict.TooOld;
    }

    public long SecondsOff(DateTimeOffset now) => now.ToUnixTimeSeconds() - Math.Clamp(SentAt, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());

    private static bool IsHash(string text) => text.Length == 2 * HMACSHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigit);
}
