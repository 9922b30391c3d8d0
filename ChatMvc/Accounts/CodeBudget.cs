namespace ChatMvc.Accounts;

/// <summary>The codes of one number that are counted together, and what they leave for the next one.</summary>
/// <param name="Codes">Of at least <see cref="Memory"/>, oldest first.</param>
/// <param name="IsShared">By all strangers; else it is a known browser's or address's own.</param>
/// <param name="Settings">How many codes an hour, how many attempts at each.</param>
internal sealed record CodeBudget(IReadOnlyList<OneTimeCode> Codes, bool IsShared, OtpSettings Settings)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    /// <summary>After the first code; it doubles with each that was not used.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    /// <summary>Rows keep milliseconds, so what was waited out to the tick seems early by less than this.</summary>
    private static readonly TimeSpan Coarseness = TimeSpan.FromMilliseconds(2);
    /// <summary>The part of all guesses, one in so many, that is kept for the extra code.</summary>
    private const int ExtraShare = 8;

    /// <summary>Guesses of this hour may be at codes a lifetime older, and each of those is judged by the hour before it.</summary>
    public static TimeSpan Memory(OtpSettings settings) => 2 * (Hour + settings.Lifetime);

    public TimeSpan WaitForNext(DateTimeOffset now) => Wait(Codes.Count, now);

    /// <summary>How long until there is an extra code for whoever is new here: few, however many others asked for.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="network">Whether the whole network is new. An address alone comes second, for one network has plenty.</param>
    /// <param name="isCapped">More was used up than this budget: then any code before counts as the last extra one.</param>
    public TimeSpan WaitForExtra(DateTimeOffset now, bool network, bool isCapped)
    {
        if (ExtraTries == 0) return WaitForNext(now);
        if (Codes.Count == 0) return TimeSpan.Zero;
        var byPace = Codes[^1].CreatedAt + FirstWait - now;
        var last = isCapped ? Codes[^1] : Extras.LastOrDefault();
        var byCount = last is null ? TimeSpan.Zero : last.CreatedAt + BetweenExtras * (network ? 1 : 2) - now;
        return Longest(byPace, byCount, TimeSpan.Zero);
    }

    /// <summary>
    /// In any hour, attempts times codes; of what strangers have a part is the extra code's. Every guess of the last hour was
    /// at a code made in the last hour and a code's lifetime, so the sum over those is never too small.
    /// </summary>
    public int GuessesLeft(OneTimeCode code, DateTimeOffset now)
    {
        if (Extras.FirstOrDefault(e => e.Id == code.Id) is { } extra) return ExtraTries - extra.Attempts;
        var since = now - Hour - Settings.Lifetime;
        return AllTries - ExtraTries - Codes.Except(Extras).Where(c => c.CreatedAt > since).Sum(c => c.Attempts);
    }

    /// <summary>So guesses at two of them never fall into one hour.</summary>
    private TimeSpan BetweenExtras => Hour + Settings.Lifetime;

    private int AllTries => Settings.MaxAttempts * Settings.MaxPerHour;

    private int ExtraTries => IsShared ? Math.Min(Settings.MaxAttempts, AllTries / ExtraShare) : 0;

    /// <summary>Those that were given out although the others had to wait.</summary>
    private IEnumerable<OneTimeCode> Extras =>
        ExtraTries == 0 ? [] : Codes.Where((code, at) => Wait(at, code.CreatedAt) > Coarseness);

    /// <summary>How long after the first so many codes the next one has to wait.</summary>
    private TimeSpan Wait(int count, DateTimeOffset at)
    {
        var codes = Codes.Take(count).Where(c => c.CreatedAt > at - Hour).ToList();
        if (codes.Count == 0) return TimeSpan.Zero;
        var byCount = codes.Count < Settings.MaxPerHour ? TimeSpan.Zero : codes[^Settings.MaxPerHour].CreatedAt + Hour - at;
        var unused = codes.AsEnumerable().Reverse().TakeWhile(c => c.RedeemedAt is not { } redeemed || redeemed > at).Count();
        var byPace = unused == 0 ? TimeSpan.Zero : codes[^1].CreatedAt + WaitAfter(unused) - at;
        return Longest(byCount, byPace, TimeSpan.Zero);
    }

    private static TimeSpan WaitAfter(int unused) => Shortest(FirstWait * Math.Pow(2, Math.Min(unused, 10) - 1), LongestWait);

    private static TimeSpan Longest(params TimeSpan[] spans) => spans.Max();

    private static TimeSpan Shortest(params TimeSpan[] spans) => spans.Min();
}
