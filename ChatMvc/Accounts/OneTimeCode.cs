using System.Security.Cryptography;
using System.Text;
using ChatMvc.Shared;

namespace ChatMvc.Accounts;

/// <summary>
/// What a code is good for. <c>NewNumber</c> goes to the number that an account is moved to, <c>OldNumber</c> to the one it
/// is moved from. <c>Password</c> is of none that was ever sent: its row says that a password was right in this browser, which is
/// known from then on as if it had used a code. <c>Operator</c> shows again that an operator holds the phone.
/// </summary>
public enum CodePurpose { SignIn, ResetPassword, NewNumber, OldNumber, DeleteAccount, Password, Operator }

/// <summary>What became of a code that was typed in.</summary>
public enum Redemption { Redeemed, Wrong, Expired, Locked }

/// <summary>
/// Six digits sent to a phone, good once, in the browser that asked. What is stored is a MAC of the digits keyed with
/// the browser's own secret, which no database holds: the row alone cannot be tried against all million codes.
/// </summary>
public sealed class OneTimeCode
{
    public const int Digits = 6;
    /// <summary>As long as any.</summary>
    public const string NoDigits = "000000";

    private OneTimeCode() { }

    public long Id { get; private set; }
    public string Phone { get; private set; } = "";
    public CodePurpose Purpose { get; private set; }
    public byte[] BrowserHash { get; private set; } = [];
    /// <summary>Whose account it acts on, where it was asked for by somebody signed in.</summary>
    public long? UserId { get; private set; }
    /// <summary>Who asked: an IPv4 address, or the /64 network of an IPv6 one.</summary>
    public string Address { get; private set; } = "";
    public byte[] CodeMac { get; private set; } = [];
    public int Attempts { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? RedeemedAt { get; private set; }
    /// <summary>When a newer code of the same browser took its place.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>Makes a code; the digits are returned once, for the text message, and kept nowhere in clear.</summary>
    public static (OneTimeCode Code, string Digits) Make(CodeRequest request, DateTimeOffset now, OtpSettings settings)
    {
        var digits = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6");
        var mac = Mac(request.Browser, request.Purpose, request.Phone.ToString(), digits);
        return (Make(request, mac, now, settings.Lifetime), digits);
    }

    /// <summary>
    /// Makes a code that no digits redeem, for a number that is sent none: row, pages and answers are those of any other.
    /// </summary>
    public static OneTimeCode MakeBlank(CodeRequest request, DateTimeOffset now, OtpSettings settings) =>
        Make(request, RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), now, settings.Lifetime);

    /// <summary>Notes that a password was right in this browser.</summary>
    public static OneTimeCode ByPassword(PhoneNumber phone, string browser, string address, DateTimeOffset now)
    {
        var witness = Make(new CodeRequest(phone, CodePurpose.Password, browser, address), [], now, TimeSpan.Zero);
        witness.RedeemedAt = now;
        return witness;
    }

    /// <summary>Judges typed digits and counts the attempt. The row has to be saved whatever comes out.</summary>
    public Redemption Redeem(string digits, string browserSecret, DateTimeOffset now, OtpSettings settings)
    {
        if (RedeemedAt is not null || RetiredAt is not null || now >= ExpiresAt) return Redemption.Expired;
        if (Attempts >= settings.MaxAttempts) return Redemption.Locked;
        Attempts++;
        if (!CryptographicOperations.FixedTimeEquals(CodeMac, Mac(browserSecret, Purpose, Phone, digits)))
            return Attempts >= settings.MaxAttempts ? Redemption.Locked : Redemption.Wrong;
        RedeemedAt = now;
        return Redemption.Redeemed;
    }

    public void Retire(DateTimeOffset now) => RetiredAt ??= now;

    private static OneTimeCode Make(CodeRequest request, byte[] mac, DateTimeOffset now, TimeSpan lifetime) => new()
    {
        Phone = request.Phone.ToString(),
        Purpose = request.Purpose,
        BrowserHash = RandomKey.Hash(request.Browser),
        UserId = request.UserId,
        Address = request.Address,
        CodeMac = mac,
        CreatedAt = now,
        ExpiresAt = now + lifetime,
    };

    private static byte[] Mac(string browserSecret, CodePurpose purpose, string phone, string digits) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(browserSecret), Encoding.UTF8.GetBytes($"{purpose}|{phone}|{digits}"));
}
