namespace ChatMvc.Accounts;

/// <summary>Who may open an account. Whoever has one signs in whatever the mode.</summary>
/// <param name="mode">Decided; see <see cref="SignUpSettings"/>.</param>
/// <param name="operators">Those who run the server: they get in always.</param>
public sealed class SignUp(SignUpMode mode, IReadOnlySet<PhoneNumber> operators)
{
    /// <param name="number">Whose.</param>
    /// <param name="isInvited">By an operator.</param>
    /// <param name="isGranted">Made an operator's by command.</param>
    public bool Admits(PhoneNumber number, bool isInvited, bool isGranted) => isGranted || operators.Contains(number) || mode switch
    {
        SignUpMode.Open => true,
        SignUpMode.Invited => isInvited,
        _ => false,
    };

    /// <summary>Any number gets a code: to be sent one tells nothing.</summary>
    public bool IsOpen => mode == SignUpMode.Open;

    public bool TakesInvitations => mode == SignUpMode.Invited;

    /// <summary>On a fresh server nobody could sign in before somebody is invited.</summary>
    public bool AdmitsNobody => mode != SignUpMode.Open && operators.Count == 0;
}
