namespace ChatMvc.Accounts;

/// <summary>A number that may sign up where <c>SignUp:Mode</c> is <c>invited</c>.</summary>
public sealed class Invitation
{
    private Invitation() { }

    public Invitation(PhoneNumber phone, DateTimeOffset now)
    {
        Phone = phone.ToString();
        InvitedAt = now;
    }

    /// <summary>E.164.</summary>
    public string Phone { get; private set; } = "";
    public DateTimeOffset InvitedAt { get; private set; }
    public DateTimeOffset? AcceptedAt { get; private set; }

    public void Accept(DateTimeOffset now) => AcceptedAt ??= now;
}
