using ChatMvc.Billing;

namespace ChatMvc.Accounts;

/// <summary>How pages are coloured: as the device asks, or always the same.</summary>
public enum Theme { System, Light, Dark }

/// <summary>A person, known by a phone number.</summary>
public sealed class User
{
    public const int MaxDisplayName = 60;

    private User() { }

    public User(PhoneNumber phone, DateTimeOffset now)
    {
        Phone = phone.ToString();
        CreatedAt = now;
        SafetyKey = Shared.RandomKey.OfLength(32);
    }

    public long Id { get; private set; }
    /// <summary>E.164.</summary>
    public string Phone { get; private set; } = "";
    public string? DisplayName { get; private set; }
    /// <summary>An IANA name; without one the site's zone is used.</summary>
    public string? TimeZone { get; private set; }
    public Theme Theme { get; private set; }
    /// <summary>When the name was given or skipped; it is asked for once.</summary>
    public DateTimeOffset? AskedForNameAt { get; private set; }
    /// <summary>ASP.NET Core Identity's format; null without a password.</summary>
    public string? PasswordHash { get; private set; }
    public DateTimeOffset? PasswordSetAt { get; private set; }
    /// <summary>Micro-dollars that a month may cost, set by the person; null without a budget.</summary>
    public long? MonthlyBudgetMicros { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>When the person asked to be forgotten; a job removes what is left of them.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }
    /// <summary>Since when an operator keeps the person out; null while they may come in.</summary>
    public DateTimeOffset? SuspendedAt { get; private set; }
    /// <summary>Until when an operator made the person Pro without payment.</summary>
    public DateTimeOffset? ProUntil { get; private set; }
    /// <summary>What the upstream is told instead of who this is (OpenAI's <c>safety_identifier</c>): random, stable.</summary>
    public string SafetyKey { get; private set; } = "";

    /// <summary>Takes the answer to the question for a name; null when it was skipped.</summary>
    public void AnswerForName(string? name, DateTimeOffset now) => (DisplayName, AskedForNameAt) = (name ?? DisplayName, AskedForNameAt ?? now);

    public void SetPassword(string hash, DateTimeOffset now) => (PasswordHash, PasswordSetAt) = (hash, now);

    /// <summary>The same password, hashed at a higher cost.</summary>
    public void RehashPassword(string hash) => PasswordHash = hash;

    /// <summary>Takes or drops a name without having been asked for it.</summary>
    public void CallYourself(string? name, DateTimeOffset now) => (DisplayName, AskedForNameAt) = (name, name is null ? AskedForNameAt : AskedForNameAt ?? now);

    public void LiveIn(string timeZone) => TimeZone = timeZone;

    public void See(Theme theme) => Theme = theme;

    /// <summary>What a month may cost; null for no budget.</summary>
    public void SetBudget(Usd? most) => MonthlyBudgetMicros = most?.Micros;

    /// <summary>Keeps the person out, or lets them in again.</summary>
    public void Suspend(DateTimeOffset? since) => SuspendedAt = since;

    /// <summary>Makes the person Pro without payment until then; null for no longer.</summary>
    public void GivePro(DateTimeOffset? until) => ProUntil = until;

    /// <summary>From now on known by another number.</summary>
    public void MoveTo(PhoneNumber phone) => Phone = phone.ToString();

    /// <summary>
    /// Leaves a row that says nothing of who it was: what was used and paid keeps hanging on it. The number is free again.
    /// </summary>
    public void Forget(DateTimeOffset now)
    {
        DeletedAt ??= now;
        Phone = $"deleted-{Id}";
        (DisplayName, TimeZone, Theme) = (null, null, Theme.System);
        (PasswordHash, PasswordSetAt, AskedForNameAt, MonthlyBudgetMicros) = (null, null, null, null);
        (SuspendedAt, ProUntil) = (null, null);
        SafetyKey = Shared.RandomKey.OfLength(32);
    }
}

public static class Themes
{
    extension(Theme theme)
    {
        /// <summary>As <c>data-theme</c> has it; none where the device decides.</summary>
        public string? Attribute => theme == Theme.System ? null : theme.Word;

        /// <summary>As forms have it.</summary>
        public string Word => theme switch { Theme.Light => "light", Theme.Dark => "dark", _ => "system" };
    }
}
