namespace ChatMvc.Accounts;

/// <summary>A wrong password, with its time: guessing is slowed and stopped by counting these.</summary>
public sealed class PasswordGuess
{
    private PasswordGuess() { }

    public PasswordGuess(PhoneNumber phone, string address, byte[]? browserHash, DateTimeOffset now)
    {
        Phone = phone.ToString();
        Address = address;
        BrowserHash = browserHash;
        GuessedAt = now;
    }

    public long Id { get; private set; }
    /// <summary>E.164, whether or not it has an account.</summary>
    public string Phone { get; private set; } = "";
    /// <inheritdoc cref="OneTimeCode.Address"/>
    public string Address { get; private set; } = "";
    /// <summary>Of a browser that this number signed in with before: it has a budget of its own. Null for any other.</summary>
    public byte[]? BrowserHash { get; private set; }
    public DateTimeOffset GuessedAt { get; private set; }
}
