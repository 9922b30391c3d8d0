using System.Text;
using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>The last chat requests in the order they came, and how many there were since the start.</summary>
public sealed class OpenAICalls
{
    public const int MaxKept = 1000;
    public const int MaxBodyBytes = 64 * 1024;

    // All bodies together: 1,000 of the largest would weigh more than the app they test.
    private const int MaxBytesKept = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly LinkedList<OpenAICall> kept = [];
    private long bytesKept;
    private int answers;
    private int titles;
    private int summaries;
    private int running;
    private int mostAtOnce;

    public int Answers => Volatile.Read(ref answers);
    public int Titles => Volatile.Read(ref titles);
    public int Summaries => Volatile.Read(ref summaries);

    /// <summary>Requests being answered now, and the most there ever were.</summary>
    public int Running => Volatile.Read(ref running);
    public int MostAtOnce => Volatile.Read(ref mostAtOnce);

    public IReadOnlyList<OpenAICall> Snapshot()
    {
        lock (gate)
            return [.. kept];
    }

    /// <summary>Forgets the list; the counters go on.</summary>
    public void Clear()
    {
        lock (gate)
        {
            kept.Clear();
            bytesKept = 0;
        }
    }

    internal void Begin(OpenAICall call)
    {
        lock (gate)
        {
            kept.AddLast(call);
            bytesKept += call.Body?.Length ?? 0;
            while (kept.Count > MaxKept)
            {
                bytesKept -= kept.First!.Value.Body?.Length ?? 0;
                kept.RemoveFirst();
            }
            for (var oldest = kept.First; bytesKept > MaxBytesKept && oldest is not null; oldest = oldest.Next)
            {
                bytesKept -= oldest.Value.Body?.Length ?? 0;
                oldest.Value.Body = null;
            }
            _ = call.Kind switch { CallKind.Title => titles++, CallKind.Summary => summaries++, _ => answers++ };
            mostAtOnce = Math.Max(mostAtOnce, ++running);
        }
    }

    internal void End(OpenAICall call, CallState state, DateTimeOffset at)
    {
        lock (gate)
        {
            // The first end counts: a client that leaves after the last byte has had its answer.
            if (call.EndedAt is not null)
                return;
            call.End(state, at);
            running--;
        }
    }

    internal void WriteCounts(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("answer", Answers);
        json.WriteNumber("title", Titles);
        json.WriteNumber("summary", Summaries);
        json.WriteNumber("running", Running);
        json.WriteNumber("mostAtOnce", MostAtOnce);
        json.WriteEndObject();
    }

    /// <summary>A JSON array. <c>body</c> is the request as it came; where it was too long, <c>bodyStart</c> is its beginning as text.</summary>
    internal void Write(Utf8JsonWriter json, bool bodies)
    {
        json.WriteStartArray();
        foreach (var call in Snapshot())
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("kind", Word(call.Kind));
            json.WriteString("model", call.Model);
            json.WriteBoolean("stream", call.Stream);
            WriteTime(json, "receivedAt", call.ReceivedAt);
            if (call.EndedAt is { } ended)
                WriteTime(json, "endedAt", ended);
            json.WriteString("state", Word(call.State));
            json.WriteNumber("promptTokens", call.PromptTokens);
            json.WriteNumber("completionTokens", call.CompletionTokens);
            if (bodies && call.Body is { } body)
                WriteBody(json, body, call.BodyIsWhole);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    internal static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static void WriteBody(Utf8JsonWriter json, byte[] body, bool whole)
    {
        if (whole)
        {
            json.WritePropertyName("body");
            json.WriteRawValue(body);
        }
        else
        {
            json.WriteString("bodyStart", Encoding.UTF8.GetString(body));
        }
    }

    /// <summary>Unix milliseconds with their fraction.</summary>
    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset at) =>
        json.WriteNumber(name, Math.Round((decimal)(at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond, 3));
}
