using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChatMvc.Shared;

/// <summary>What is counted while it happens, for <c>/metrics</c>. No person, no chat and no text is ever a label.</summary>
public sealed class Meters
{
    public const string Name = "ChatMvc";
    /// <summary>Models with figures of their own; all further ones share one.</summary>
    public const int MaxModels = 200;
    public const string FurtherModels = "further";

    private static readonly InstrumentAdvice<double> Instants = new() { HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] };
    private readonly ConcurrentDictionary<string, bool> models = new(StringComparer.Ordinal);
    private readonly Counter<long> answers, failures, tokens;
    private readonly Counter<double> cost;
    private readonly Histogram<double> gateWait, gateHold, streamLag;

    public Meters(IMeterFactory factory)
    {
        Meter = factory.Create(Name);
        answers = Meter.CreateCounter<long>("chatmvc.answers", "{answer}", "Answers that ended, by how and by model.");
        failures = Meter.CreateCounter<long>("chatmvc.answer.failures", "{answer}", "Answers that failed, by reason.");
        tokens = Meter.CreateCounter<long>("chatmvc.tokens", "{token}", "Tokens of requests that ended, by model and kind: prompt at the full price, cached, answer.");
        cost = Meter.CreateCounter<double>("chatmvc.cost", "USD", "What requests that ended cost upstream, by model. Those of unknown price are left out.");
        gateWait = Meter.CreateHistogram("chatmvc.write_gate.wait", "s", "How long a write waited for its turn.", null, Instants);
        gateHold = Meter.CreateHistogram("chatmvc.write_gate.hold", "s", "How long a write kept the others waiting.", null, Instants);
        streamLag = Meter.CreateHistogram("chatmvc.stream.lag", "s", "From a token of an answer to the socket of one who follows it.", null, Instants);
    }

    /// <summary>For figures that are asked for instead of counted.</summary>
    public Meter Meter { get; }

    public void AnswerEnded(string state, string? model, string? failure)
    {
        answers.Add(1, new("state", state), new("model", Known(model)));
        if (failure is not null) failures.Add(1, new KeyValuePair<string, object?>("failure", failure));
    }

    /// <summary>A request to a model ended.</summary>
    /// <param name="model">Whose.</param>
    /// <param name="prompt">Tokens at the full price.</param>
    /// <param name="cached">Tokens of the prompt that the provider had kept.</param>
    /// <param name="answer">Tokens.</param>
    /// <param name="micros">Micro-dollars; null while the price is unknown.</param>
    public void RequestEnded(string model, long prompt, long cached, long answer, long? micros)
    {
        var known = new KeyValuePair<string, object?>("model", Known(model));
        if (prompt > 0) tokens.Add(prompt, known, new("kind", "prompt"));
        if (cached > 0) tokens.Add(cached, known, new("kind", "cached"));
        if (answer > 0) tokens.Add(answer, known, new("kind", "answer"));
        if (micros is { } dollars) cost.Add(dollars / 1_000_000d, known);
    }

    /// <param name="since">A <see cref="Stopwatch"/>'s timestamp, as with the others.</param>
    public void GateEntered(long since) => gateWait.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);

    public void GateLeft(long since) => gateHold.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);

    public void TokenSent(long since) => streamLag.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);

    private string Known(string? model) =>
        model is null ? "" : models.ContainsKey(model) || models.Count < MaxModels && models.TryAdd(model, true) ? model : FurtherModels;
}
