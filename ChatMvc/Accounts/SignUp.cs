namespace ChatMvc.Accounts;

/// <summary>Who may open an account. Whoever has one signs in whatever the mode.</summary>
/// <param name="mode">Decided; see <see cref="SignUpSettings"/>.</param>
/// <param name="operators">Those who run the server: they get in always.</param>
public sealed class SignUp(SignUpMode mode, IReadOnlySet<PhoneNumber> operators)
{
    public bool Admits(PhoneNumber number, bool isInvited) => operators.Contains(number) || mode switch
    {
        SignUpMode.Open => true,
        SignUpMode.Invited => isInvited,
        _ => false,
    };

    /// <summary>Any number gets a code: to be sent one tells nothing.</summary>
    public bool IsOpen => mode == SignUpMode.Open;

    /// <summary>On a fresh server nobody could sign in before somebody is invited.</summary>
    public bool AdmitsNobody => mode != SignUpMode.Open && operators.Count == 0;
}
