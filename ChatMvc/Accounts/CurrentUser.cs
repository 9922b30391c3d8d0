namespace ChatMvc.Accounts;

/// <summary>Who makes this request. Known once the cookie was looked up, before any page runs.</summary>
public sealed class CurrentUser
{
    private Session? session;

    public bool IsSignedIn => session is not null;
    /// <summary>The person as of this request; not tracked, so changes to it are not saved.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public User User => Session.User;
    /// <inheritdoc cref="User"/>
    public long Id => Session.UserId;
    /// <inheritdoc cref="User"/>
    public long SessionId => Session.Id;

    /// <inheritdoc cref="Session.ConfirmedAt"/>
    public DateTimeOffset ConfirmedAt => Session.ConfirmedAt;

    /// <summary>When the session is over, unless this device is seen again before.</summary>
    /// <inheritdoc cref="User"/>
    public DateTimeOffset SessionEndsAt(SessionSettings settings) => Session.EndsAt(settings);

    internal void Is(Session found) => session = found;

    private Session Session => session ?? throw new InvalidOperationException("Nobody is signed in.");
}
