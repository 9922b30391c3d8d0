using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Accounts;

public enum SignUpMode { Open, Invited, Closed }

[Section("SignUp")]
public sealed class SignUpSettings
{
    /// <summary>Without one: open where something is sold, invited where nothing is.</summary>
    public SignUpMode? Mode { get; set; }
}

[Section("Otp")]
public sealed class OtpSettings
{
    /// <summary>NIST SP 800-63B allows ten minutes at most.</summary>
    [SpanRange("00:00:30", "00:10:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 5;
    [Range(1, 100)]
    public int MaxPerHour { get; set; } = 5;
}

[Section("Sessions")]
public sealed class SessionSettings
{
    [SpanRange("00:01:00", "365.00:00:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromDays(14);
    [SpanRange("00:01:00", "365.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(30);
}
