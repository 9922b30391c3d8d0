using System.Security.Cryptography;
using Quartz;

namespace ChatMvc.Jobs;

/// <summary>
/// Everything that is stored about a job: its kind, the id it is about, and a number that makes each ring of the bell unique.
/// It is the job's key, so there is no job data that could ever hold a text, a code or a number.
/// </summary>
internal readonly record struct JobName(string Kind, string Id, string Ring)
{
    public const int MaxIdLength = 100; // characters; Quartz's key column is declared with 150

    public const int RingLength = 16; // characters

    public static JobName New(string kind, string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id.Length, MaxIdLength, nameof(id));
        return new JobName(kind, id, Convert.ToHexString(RandomNumberGenerator.GetBytes(RingLength / 2)));
    }

    public static JobName Parse(JobKey key) =>
        IdOf(key.Name) is var id && id.Length < key.Name.Length
            ? new JobName(key.Group, id, key.Name[(id.Length + 1)..])
            : new JobName(key.Group, key.Name, "");

    /// <summary>The id within a job's name.</summary>
    public static string IdOf(string name) => name.LastIndexOf(':') is var colon and > 0 ? name[..colon] : name;

    public JobKey ToJobKey() => new($"{Id}:{Ring}", Kind);

    public TriggerKey ToTriggerKey() => new($"{Id}:{Ring}", Kind);
}
