namespace ChatMvc.Operators.Access;

/// <summary>A number that a command made an operator's, beside those of the setting <c>Operators</c>.</summary>
public sealed class OperatorGrant
{
    private OperatorGrant() { }

    public OperatorGrant(Accounts.PhoneNumber phone, DateTimeOffset now) => (Phone, GrantedAt) = (phone.ToString(), now);

    /// <summary>E.164.</summary>
    public string Phone { get; private set; } = "";
    public DateTimeOffset GrantedAt { get; private set; }
}
