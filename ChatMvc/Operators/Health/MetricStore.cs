using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Health;

/// <summary>
/// Adds up what the meters of this server say, and tells it as Prometheus reads it: text format 0.0.4,
/// https://prometheus.io/docs/instrumenting/exposition_formats/.
/// </summary>
public sealed class MetricStore : IDisposable
{
    private const string Requests = "Microsoft.AspNetCore.Hosting", Runtime = "System.Runtime";

    private readonly Lock telling = new();
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> families = [];

    public MetricStore(IMeterFactory factory)
    {
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (IsOurs(instrument.Meter, factory)) listener.EnableMeasurementEvents(instrument, families.GetOrAdd(instrument, i => new MetricFamily(i)));
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.Start();
    }

    public string Tell()
    {
        lock (telling)
        {
            foreach (var family in families.Values) family.ForgetObserved();
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)) family.Write(text);
            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();

    // Of this server alone, should there be several in the process; the runtime's belong to all of them.
    private static bool IsOurs(Meter meter, IMeterFactory factory) =>
        meter.Name is Runtime || meter.Name is Requests or Meters.Name && ReferenceEquals(meter.Scope, factory);
}

/// <summary>One instrument with a series for each set of labels.</summary>
internal sealed partial class MetricFamily
{
    /// <summary>Beyond these nothing new is taken in: a figure with so many labels is a mistake.</summary>
    private const int MaxSeries = 2_000;
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    /// <summary>What a request is told by; the rest of its tags would only multiply the series.</summary>
    private static readonly string[] OfRequests = ["http.request.method", "http.route", "http.response.status_code"];

    private readonly ConcurrentDictionary<string, Series> series = new(StringComparer.Ordinal);
    private readonly string type, help;
    private readonly bool isObserved, isSet, isOfRequests;
    private readonly double[]? bounds;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        if (kind == typeof(Histogram<>)) bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds;
        type = isCounter ? "counter" : bounds is not null ? "histogram" : "gauge";
        isObserved = instrument.IsObservable;
        isSet = isObserved || kind == typeof(Gauge<>);
        isOfRequests = instrument.Name.StartsWith("http.", StringComparison.Ordinal);
        help = (instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        Name = NameOf(instrument.Name, instrument.Unit, isCounter);
    }

    public string Name { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        if (!series.TryGetValue(labels, out var one))
        {
            if (series.Count >= MaxSeries) return;
            one = series.GetOrAdd(labels, _ => new Series(bounds));
        }
        one.Record(value, isSet);
    }

    /// <summary>Each look sees what is there now, and nothing that is gone.</summary>
    public void ForgetObserved()
    {
        if (isObserved) series.Clear();
    }

    public void Write(StringBuilder text)
    {
        if (series.IsEmpty) return;
        text.Append("# HELP ").Append(Name).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(Name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, one) in series.OrderBy(s => s.Key, StringComparer.Ordinal)) one.Write(text, Name, labels);
    }

    private static string NameOf(string name, string? unit, bool isCounter)
    {
        name = NotOfAName().Replace(name, "_");
        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", "USD" => "_usd", _ => "" };
        if (!name.EndsWith(suffix, StringComparison.Ordinal)) name += suffix;
        return isCounter ? name + "_total" : name;
    }

    private string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (isOfRequests && !OfRequests.Contains(name)) continue;
            if (labels.Length > 0) labels.Append(',');
            labels.Append(NotOfAName().Replace(name, "_")).Append("=\"").Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }
        return labels.ToString();
    }

    private static string Escaped(string value) => value.AsSpan().ContainsAny('\\', '"', '\n')
        ? value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
        : value;

    [GeneratedRegex("[^a-zA-Z0-9_]")]
    private static partial Regex NotOfAName();

    private sealed class Series(double[]? bounds)
    {
        private readonly Lock gate = new();
        private readonly long[] counts = new long[bounds?.Length + 1 ?? 0];
        private double value;

        public void Record(double measured, bool isSet)
        {
            lock (gate)
            {
                value = isSet ? measured : value + measured;
                if (bounds is null) return;
                // A bound belongs to the bucket that it ends.
                var place = Array.BinarySearch(bounds, measured);
                counts[place < 0 ? ~place : place]++;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (gate)
            {
                if (bounds is null)
                {
                    Line(text, name, labels, value);
                    return;
                }
                var (upTo, comma) = (0L, labels.Length > 0 ? "," : "");
                for (var i = 0; i < counts.Length; i++)
                    Line(text, name + "_bucket", $"{labels}{comma}le=\"{Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity)}\"", upTo += counts[i]);
                Line(text, name + "_sum", labels, value);
                Line(text, name + "_count", labels, upTo);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double number)
        {
            text.Append(name);
            if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(Number(number)).Append('\n');
        }

        private static string Number(double number) => double.IsPositiveInfinity(number) ? "+Inf" : double.IsNegativeInfinity(number) ? "-Inf" : number.ToString("R", CultureInfo.InvariantCulture);
    }
}
