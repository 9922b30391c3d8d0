using System.Security.Cryptography;

namespace ChatMvc.Sandbox;

/// <summary>
/// Twilio as the sandbox plays it: keeps the last messages in memory, delivers none and says that it did. Served at
/// <see cref="BasePath"/>.
/// </summary>
public sealed class SandboxTwilio(TimeProvider clock, IHostApplicationLifetime lifetime) : IDisposable
{
    public const int MaxKept = 500;

    /// <summary>What stands behind the server's own address in <c>Twilio:BaseUrl</c>.</summary>
    public const string BasePath = "/sandbox/twilio";

    /// <summary>Credentials for the app's client, of the shape that Twilio's have; any token that is not empty is taken.</summary>
    public const string AccountSid = "AC00000000000000000000000000000000";
    public const string AuthToken = "sandbox";

    /// <summary>The sender that works among the magic numbers of Twilio's test credentials.</summary>
    public const string From = "+15005550006";

    private readonly Lock gate = new();
    private readonly LinkedList<SandboxMessage> kept = [];
    private readonly Steering<TwilioBehaviour> steering = new();
    private readonly Pulse changed = new();
    private readonly TwilioReporting reporting = new(lifetime);
    private int received;

    /// <summary>How the next message is taken; one with <c>Times</c> falls away after so many.</summary>
    public TwilioBehaviour Behaviour
    {
        get => steering.Current;
        set => steering.Current = value;
    }

    /// <summary>Requests to send a message since the start, refused ones too.</summary>
    public int Received => Volatile.Read(ref received);

    /// <summary>The kept messages, oldest first.</summary>
    public IReadOnlyList<SandboxMessage> Messages
    {
        get
        {
            lock (gate)
                return [.. kept];
        }
    }

    /// <summary>Refuses that many messages with Twilio's code, then takes them as before.</summary>
    public void WillRefuse(int code, int status = 400, int times = 1) => Behaviour = new() { Code = code, Status = status, Times = times };

    /// <summary>Reports this of all messages from now on, at once, until changed.</summary>
    public void WillReport(TwilioReport report, int? code = null) => Behaviour = new() { Report = report, ReportCode = code, ReportDelayMs = 0 };

    public void Reset() => steering.Reset();

    public void Clear()
    {
        lock (gate)
            kept.Clear();
    }

    /// <summary>The newest message to a number (E.164), or null.</summary>
    public SandboxMessage? LastTo(string phone)
    {
        lock (gate)
        {
            for (var message = kept.Last; message is not null; message = message.Previous)
            {
                if (message.Value.To == phone)
                    return message.Value;
            }
            return null;
        }
    }

    /// <summary>
    /// The newest message to a number made at or after <paramref name="since"/>, as soon as there is one;
    /// null when none came in <paramref name="timeout"/> (real time).
    /// </summary>
    public Task<SandboxMessage?> WaitForMessageTo(string phone, DateTimeOffset since, TimeSpan timeout, CancellationToken cancel = default) =>
        changed.FirstAsync(() => LastTo(phone) is { } last && last.CreatedAt >= since ? last : null, timeout, cancel);

    /// <summary>
    /// The newest message to a number once so many reports of it were sent and answered; null when they were not in
    /// <paramref name="timeout"/> (real time).
    /// </summary>
    public Task<SandboxMessage?> WaitForReportsTo(string phone, int count, TimeSpan timeout, CancellationToken cancel = default) =>
        changed.FirstAsync(() => LastTo(phone) is { } last && last.Reports.Count >= count ? last : null, timeout, cancel);

    public void Dispose() => reporting.Dispose();

    internal TwilioBehaviour Receive()
    {
        Interlocked.Increment(ref received);
        return steering.Take(_ => true);
    }

    internal SandboxMessage Keep(string accountSid, string to, string? from, string? service, string body)
    {
        var sid = "SM" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        var message = new SandboxMessage(sid, accountSid, to, from, service, body, SmsSegments.Of(body), clock.GetUtcNow());
        lock (gate)
        {
            kept.AddLast(message);
            if (kept.Count > MaxKept)
                kept.RemoveFirst();
        }
        changed.Beat();
        return message;
    }

    /// <summary>Begins to report on a kept message.</summary>
    internal void ReportOn(SandboxMessage message, Uri? address, string token, TwilioBehaviour behaviour) =>
        reporting.Begin(message, address, token, behaviour, changed.Beat);
}
