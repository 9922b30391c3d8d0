namespace ChatMvc.Bench.Figures;

/// <summary>Something that is measured by itself, against a server of its own; it may yield several rows of the table.</summary>
internal abstract class Figure
{
    /// <summary>By which it is chosen on the command line.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<Goal> Goals { get; }

    /// <summary>After this it is given up, with the default number of runs.</summary>
    public virtual TimeSpan Limit => TimeSpan.FromMinutes(3);

    /// <summary>Starts what it needs, warms it up, and fills in one reading per goal and run.</summary>
    public abstract Task MeasureAsync(Workbench bench, Readings readings);

    /// <summary>All there are, in the order of the table.</summary>
    public static readonly IReadOnlyList<Figure> All =
    [
        new SendFigure(), new BrowserFigure(), AnswersAtOnceFigure.Hundred, AnswersAtOnceFigure.FiveHundred, new IdleFollowersFigure(),
        new PageFigure(), new RoomSizeFigure(), new LedgerFigure(), new ColdLoadFigure(), new SlowLineFigure(), new UsageFigure(), new SearchFigure(), new StartFigure(),
        new RestartFigure(), new BackupFigure(), new OperatorsFigure(),
    ];
}

/// <summary>One row of the table.</summary>
/// <param name="Words">What is measured.</param>
/// <param name="Unit">Written after each number.</param>
/// <param name="AtMost">What it should not be above; null where it is bounded from below, or told for information.</param>
/// <param name="AtLeast">What it should not be below.</param>
/// <param name="Peers">The best that another chat server reached on such a machine.</param>
/// <param name="Digits">Behind the point.</param>
internal sealed record Goal(string Words, string Unit, double? AtMost = null, double? AtLeast = null, string Peers = "", int Digits = 1)
{
    public string Target => AtMost is { } most ? $"≤ {Format(most)}" : AtLeast is { } least ? $"≥ {Format(least)}" : "";

    public bool? IsMetBy(double value) => AtMost is { } most ? value <= most : AtLeast is { } least ? value >= least : null;

    public string Format(double value) => $"{Number(value)}{(Unit.Length > 0 ? " " : "")}{Unit}";

    public string Number(double value) => value.ToString($"N{Digits}");
}

/// <summary>What came of one figure: a number per goal and run, and what has to be known to read them.</summary>
internal sealed class Readings
{
    private readonly Dictionary<Goal, List<double>> values = [];

    public List<string> Notes { get; } = [];

    /// <summary>Why there are no more of them; null when all went well.</summary>
    public string? Failure { get; set; }

    public IReadOnlyList<double> Of(Goal goal) => values.GetValueOrDefault(goal) ?? [];

    public void Add(Goal goal, double value)
    {
        if (!values.TryGetValue(goal, out var list)) values[goal] = list = [];
        list.Add(value);
    }
}
