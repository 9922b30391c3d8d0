using ChatMvc.Shared;

namespace ChatMvc.Accounts.Passwords;

/// <summary>Where somebody types a password.</summary>
/// <param name="Browser">Its secret.</param>
/// <param name="Address">As <see cref="ClientAddress"/> has it.</param>
/// <param name="Device">The browser in words.</param>
/// <param name="Session">The session it had until now, which ends when the password is right.</param>
public sealed record PasswordAttempt(string Browser, string Address, string Device, long? Session)
{
    public static PasswordAttempt Of(HttpContext http, CurrentUser me) => new(
        BrowserSecret.Of(http), ClientAddress.Of(http), DeviceName.Of(http.Request.Headers.UserAgent), me.IsSignedIn ? me.SessionId : null);
}

/// <summary>What came of typing a password.</summary>
public abstract record PasswordAnswer
{
    /// <param name="SessionKey">What the cookie has to hold; the database knows its hash alone.</param>
    public sealed record Right(string SessionKey) : PasswordAnswer;

    /// <summary>Also for a number that has no password, or no account.</summary>
    public sealed record Wrong : PasswordAnswer;

    /// <summary>It was right, and an operator keeps its owner out.</summary>
    public sealed record Suspended : PasswordAnswer;

    /// <summary>It was not looked at, because there were too many wrong ones before.</summary>
    public sealed record TooOften(TimeSpan Wait) : PasswordAnswer;

    /// <summary>It was not looked at, because too many others are being looked at.</summary>
    public sealed record Busy : PasswordAnswer;

    /// <summary>Answers <c>429</c> where it was not looked at.</summary>
    /// <returns>Why, in words; null where it was.</returns>
    public string? Refuse(HttpResponse response)
    {
        switch (this)
        {
            case TooOften(var wait):
                response.TooManyRequests(wait);
                return $"There were too many wrong passwords. You can try again {Waiting.InWords(wait)}.";
            case Busy:
                response.TooManyRequests(PasswordHashing.ComeBackAfter);
                return $"Many people are signing in just now. Try again {Waiting.InWords(PasswordHashing.ComeBackAfter)}.";
            default:
                return null;
        }
    }
}
