namespace ChatMvc.Accounts;

/// <summary>Who may open an account. Whoever has one signs in whatever the mode.</summary>
/// <param name="mode">Decided; see <see cref="SignUpSettings"/>.</param>
/// <param name="invited">Numbers that count as invited.</param>
public sealed class SignUp(SignUpMode mode, IReadOnlySet<PhoneNumber> invited)
{
    public bool Admits(PhoneNumber number) => mode switch
    {
        SignUpMode.Open => true,
        SignUpMode.Invited => invited.Contains(number),
        _ => false,
    };

    /// <summary>Any number gets a code: to be sent one tells nothing.</summary>
    public bool IsOpen => mode == SignUpMode.Open;

    /// <summary>On a fresh server nobody could ever sign in.</summary>
    public bool AdmitsNobody => mode == SignUpMode.Closed || mode == SignUpMode.Invited && invited.Count == 0;
}
