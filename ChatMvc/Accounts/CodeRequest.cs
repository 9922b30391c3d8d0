namespace ChatMvc.Accounts;

/// <summary>Somebody asks for a code.</summary>
/// <param name="Phone">Who is to get it; of a country that is served.</param>
/// <param name="Purpose">The one thing it will be good for.</param>
/// <param name="Browser">The secret of the browser that asks; only there will it be good.</param>
/// <param name="Address">Where that is, as <see cref="Shared.ClientAddress"/> has it.</param>
/// <param name="UserId">Whose account it acts on, where somebody signed in asks.</param>
public sealed record CodeRequest(PhoneNumber Phone, CodePurpose Purpose, string Browser, string Address, long? UserId = null);

/// <summary>What came of typing a code.</summary>
public abstract record CodeAnswer
{
    /// <param name="Code">Used up from now on.</param>
    public sealed record Right(OneTimeCode Code) : CodeAnswer;

    public sealed record Wrong(int TriesLeft) : CodeAnswer;

    /// <summary>Too old, used, or replaced by a newer one.</summary>
    public sealed record Expired : CodeAnswer;

    /// <summary>Too many wrong ones; after the wait a new code can be asked for.</summary>
    public sealed record Locked(TimeSpan Wait) : CodeAnswer;

    /// <summary>What is wrong, in words for the page; null when it was right.</summary>
    public string? InWords => this switch
    {
        Right => null,
        Wrong(1) => "That is not the code. One try is left.",
        Wrong(var tries) => $"That is not the code. {tries} tries are left.",
        Locked(var wait) => $"That was wrong too often. You can ask for a new code {Waiting.InWords(wait)}.",
        _ => "That code is no longer good. Please ask for a new one.",
    };
}
