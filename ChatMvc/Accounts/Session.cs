using ChatMvc.Shared;

namespace ChatMvc.Accounts;

/// <summary>A signed-in device. The cookie carries the key; the row holds its hash.</summary>
public sealed class Session
{
    public const int MaxDevice = 60;

    private Session() { }

    public Session(User user, string key, string device, DateTimeOffset now, SessionSettings settings)
    {
        User = user;
        KeyHash = RandomKey.Hash(key);
        Device = device.Length > MaxDevice ? device[..MaxDevice] : device;
        CreatedAt = now;
        LastSeenAt = now;
        ConfirmedAt = now;
        ExpiresAt = now + settings.Lifetime;
    }

    public long Id { get; private set; }
    public long UserId { get; private set; }
    public User User { get; private set; } = null!;
    public byte[] KeyHash { get; private set; } = [];
    /// <summary>Browser and system in words, such as "Firefox on Android".</summary>
    public string Device { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>To the day: no write per page view.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }
    /// <summary>When an operator last showed again who they are; signing in counts.</summary>
    public DateTimeOffset ConfirmedAt { get; private set; }

    /// <summary>
    /// How stale <see cref="LastSeenAt"/> may get: a day, or a tenth of a shorter idle time, so that a device in use stays
    /// signed in.
    /// </summary>
    public static TimeSpan SeenEvery(SessionSettings settings) =>
        settings.Idle / 10 < TimeSpan.FromDays(1) ? settings.Idle / 10 : TimeSpan.FromDays(1);

    public bool IsAlive(DateTimeOffset now, SessionSettings settings) =>
        RevokedAt is null && now < EndsAt(settings);

    /// <summary>At the end of its life, or when it was not seen for too long.</summary>
    public DateTimeOffset EndsAt(SessionSettings settings) =>
        ExpiresAt < LastSeenAt + settings.Idle ? ExpiresAt : LastSeenAt + settings.Idle;

    public void Confirm(DateTimeOffset now) => ConfirmedAt = now;

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
