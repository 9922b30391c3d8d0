using System.Security.Cryptography;
using System.Text;

namespace ChatMvc.Sms;

/// <summary>
/// Where Twilio reports how far a message came, and how its reports are known from anybody else's:
/// https://www.twilio.com/docs/usage/security#validating-requests.
/// </summary>
/// <param name="account">Whose token signs.</param>
/// <param name="publicUrl">How Twilio reaches this server; null when it cannot, and then nothing is reported.</param>
public sealed class StatusCallbacks(TwilioAccount account, Uri? publicUrl)
{
    public const string Path = "/webhooks/twilio";
    public const string Signature = "X-Twilio-Signature";

    /// <summary>The address for reports about one message. It is part of what is signed, so nobody can turn it to another.</summary>
    public Uri? AddressFor(long sms) => AddressWith($"?sms={sms}");

    /// <param name="query">As it was asked for, question mark included.</param>
    /// <param name="form">All that was posted: Twilio adds fields without notice.</param>
    /// <param name="signature">Base64, or whatever stands in the header.</param>
    public bool AreFrom(string query, IFormCollection form, string signature)
    {
        var given = new byte[HMACSHA1.HashSizeInBytes];
        if (!Convert.TryFromBase64String(signature, given, out var length) || length != given.Length) return false;
        // The address is ours, never the request's Host header. Twilio signs it with its port or without.
        return AddressWith(query) is { } address
            && (IsSigned(address, UriComponents.StrongPort, form, given) | IsSigned(address, 0, form, given));
    }

    private Uri? AddressWith(string query) => publicUrl is null ? null : new Uri(publicUrl.AbsoluteUri.TrimEnd('/') + Path + query);

    private bool IsSigned(Uri address, UriComponents port, IFormCollection form, byte[] signature) =>
        CryptographicOperations.FixedTimeEquals(signature, Sign(WithPort(address, port), form));

    private static string WithPort(Uri address, UriComponents port) =>
        address.GetComponents(UriComponents.Scheme | UriComponents.Host | port | UriComponents.PathAndQuery, UriFormat.UriEscaped);

    private byte[] Sign(string address, IFormCollection form)
    {
        var signed = new StringBuilder(address);
        foreach (var (name, values) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
            foreach (var value in values.Distinct().Order(StringComparer.Ordinal)) signed.Append(name).Append(value);
#pragma warning disable CA5350 // Twilio signs with SHA-1, which is sound as an HMAC.
        return HMACSHA1.HashData(Encoding.UTF8.GetBytes(account.AuthToken), Encoding.UTF8.GetBytes(signed.ToString()));
#pragma warning restore CA5350
    }
}
