namespace ChatMvc.Accounts.Passwords;

/// <summary>A field that takes a password: pasted, filled in by a manager or typed, and never shown back.</summary>
/// <param name="Name">Of the field.</param>
/// <param name="Label">In words.</param>
/// <param name="IsNew">A manager is to make one up rather than fill in the one it keeps.</param>
/// <param name="Error">What is wrong with it, in words.</param>
public sealed record PasswordField(string Name, string Label, bool IsNew, string? Error)
{
    public string? Hint { get; init; }
    /// <summary>Where typing begins.</summary>
    public bool IsFirst { get; init; }

    public string? DescribedBy => (Error, Hint) switch
    {
        (null, null) => null,
        (_, null) => $"{Name}-error",
        (null, _) => $"{Name}-hint",
        _ => $"{Name}-error {Name}-hint",
    };

    /// <summary>The field of a password to be.</summary>
    public static PasswordField New(int minLength, string? error) => new("password", "New password", IsNew: true, error)
    {
        Hint = $"{minLength} to {PasswordRules.MaxLength} characters, of any kind. A few words in a row do well.",
    };
}
