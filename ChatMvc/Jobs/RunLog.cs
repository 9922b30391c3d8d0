using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChatMvc.Jobs;

/// <summary>
/// Hears what our own code logs within a run and hands it on to whoever keeps it. What is kept lies in a file and on a page
/// for longer than a log: of a line only its own words and such values as ids, numbers and states, of an exception its name.
/// </summary>
internal sealed partial class RunLog : ILoggerProvider
{
    private const string OurOwn = "ChatMvc";
    private const string Template = "{OriginalFormat}";
    private const string LeftOut = "…";
    private static readonly AsyncLocal<ILogger?> Run = new();

    /// <summary>Whatever the log itself is set to show.</summary>
    public static LoggerFilterRule Filter { get; } = new(typeof(RunLog).FullName, OurOwn, LogLevel.Information, null);

    /// <summary>From here on, for as long as the calling asynchronous method goes on.</summary>
    public static void HandTo(ILogger run) => Run.Value = run;

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith(OurOwn, StringComparison.Ordinal) ? new Ear() : NullLogger.Instance;

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>The names of an exception and of those within it.</summary>
    public static string NamesOf(Exception exception) =>
        string.Join(" because of ", Chain(exception).Select(e => e.GetType().Name).Distinct().Take(MaxNames));

    private const int MaxNames = 5;

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }

    private static string LineOf<TState>(TState state, Exception? exception)
    {
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        var template = values.LastOrDefault(v => v.Key == Template).Value as string ?? LeftOut;
        var line = Hole().Replace(template, hole => Plain(values.FirstOrDefault(v => v.Key == hole.Groups[1].Value).Value));
        return exception is null ? line : $"{line} ({NamesOf(exception)})";
    }

    private static string Plain(object? value) => value switch
    {
        null => "nothing",
        Enum or bool or Guid => value.ToString()!,
        string word => Word().IsMatch(word) ? word : LeftOut,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture) is var text && text.Length <= 64 ? text : LeftOut,
        _ => LeftOut,
    };

    [GeneratedRegex(@"\{(\w+)[^{}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Hole();

    // An id, a kind, a model: no spaces, no plus of a phone number, no at of an address.
    [GeneratedRegex(@"^[A-Za-z0-9_.:-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    private sealed class Ear : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => Run.Value is not null && logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var line = LineOf(state, exception);
            Run.Value!.Log(logLevel, eventId, line, null, static (words, _) => words);
        }
    }
}

/// <summary>The last lines of one run, in memory.</summary>
internal sealed class RunLines(TimeProvider time) : ILogger
{
    private const int Max = 50;
    private readonly Queue<string> _lines = new();

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():HH:mm:ss} {logLevel} {formatter(state, exception)}");
        lock (_lines)
        {
            if (_lines.Count == Max) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }
}
