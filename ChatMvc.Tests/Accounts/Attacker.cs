using ChatMvc.Accounts;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

/// <summary>
/// Asks for codes and guesses at them as often as the server lets anybody, each time in a new browser. It goes past the pages,
/// so that a month of it fits into a test; the limits are asked below them.
/// </summary>
public sealed class Attacker(TestApp app, IReadOnlyList<string> addresses)
{
    private static readonly TimeSpan AWeek = TimeSpan.FromDays(7);
    /// <summary>Before the page is looked at again that says that only accounts get messages.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);
    private readonly List<(DateTimeOffset At, string Phone)> guesses = [];
    private readonly List<DateTimeOffset> codes = [];
    private readonly Dictionary<string, DateTimeOffset> lastUsed = [];

    /// <summary>As many addresses as this, four in each of their networks.</summary>
    public static string[] Addresses(int count) => [.. Enumerable.Range(0, count).Select(i => $"{20 + i % Math.Max(1, count / 4)}.7.0.{1 + i}")];

    /// <summary>Numbers of as many ranges, one in each.</summary>
    public static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => $"+1{212_000 + i}0101")];

    public int Guesses => guesses.Count;
    public int Codes => codes.Count;

    /// <summary>The most guesses that were judged at one number in any time of this length.</summary>
    public int MostGuessesAtOneNumberIn(TimeSpan window) =>
        guesses.GroupBy(g => g.Phone).Select(ofOne => MostIn(window, [.. ofOne.Select(g => g.At)])).DefaultIfEmpty().Max();

    public int MostCodesIn(TimeSpan window) => MostIn(window, codes);

    /// <summary>Asks for one number wherever it gets one: where it asked before, else from the address that it has not used for longest.</summary>
    /// <returns>How long to wait; zero when it got one and guessed at it.</returns>
    public async Task<TimeSpan> TryAsync(string phone)
    {
        var (now, oldest) = (app.Time.GetUtcNow(), addresses.MinBy(a => lastUsed.GetValueOrDefault(a)))!;
        var worn = addresses.Where(a => lastUsed.TryGetValue(a, out var at) && now - at < AWeek).MinBy(a => lastUsed[a]);
        var wait = worn is null ? TimeSpan.MaxValue : await TryAsync(phone, worn);
        if (wait == TimeSpan.Zero || oldest == worn) return wait;
        var fresh = await TryAsync(phone, oldest!);
        return fresh < wait ? fresh : wait;
    }

    /// <summary>Asks where a message is sent, and keeps away where the page says that none is.</summary>
    public async Task<TimeSpan> PumpAsync(string phone, string address)
    {
        var forAccountsOnly = await InAsync<CodeLimits, bool>(l => l.IsForAccountsOnlyAsync(phone, default)) || await InAsync<SmsOutbox, bool>(o => o.IsForAccountsOnlyAsync(default));
        return forAccountsOnly ? Pause : await TryAsync(phone, address, guessing: false);
    }

    public async Task<TimeSpan> TryAsync(string phone, string address, bool guessing = true)
    {
        var browser = RandomKey.OfLength(32);
        var asked = await InAsync<OneTimeCodes, AskedForCode>(c =>
            c.AskForAsync(new CodeRequest(PhoneNumber.Parse(phone), CodePurpose.SignIn, browser, address), default));
        if (asked is AskedForCode.TooSoon(var wait)) return wait;
        if (asked is AskedForCode.DayUsedUp(var day)) return day;
        lastUsed[address] = app.Time.GetUtcNow();
        codes.Add(app.Time.GetUtcNow());
        if (guessing) await GuessAsync(phone, browser);
        return TimeSpan.Zero;
    }

    /// <summary>Guesses at a password.</summary>
    /// <returns>How long to wait; zero when it was judged.</returns>
    public async Task<TimeSpan> TryPasswordAsync(string phone, string address)
    {
        var attempt = new PasswordAttempt(RandomKey.OfLength(32), address, "", null);
        var (guess, wait) = await InAsync<PasswordLimits, (PasswordGuess?, TimeSpan)>(l => l.TakeAsync(PhoneNumber.Parse(phone), attempt, default));
        if (guess is not null) guesses.Add((app.Time.GetUtcNow(), phone));
        return wait;
    }

    // Not with digits: one of the guesses would be right some day, and this is about how many there are.
    private async Task GuessAsync(string phone, string browser)
    {
        while (await InAsync<SignIns, SignInAnswer>(s => s.RedeemAsync("wrong!", browser, "", null, default)) is { Code: CodeAnswer.Wrong }) { }
        var hash = RandomKey.Hash(browser);
        var judged = await app.ReadAsync(db => db.OneTimeCodes.Where(c => c.BrowserHash == hash).Select(c => c.Attempts).SingleAsync());
        guesses.AddRange(Enumerable.Repeat((app.Time.GetUtcNow(), phone), judged));
    }

    private async Task<T> InAsync<TService, T>(Func<TService, Task<T>> work) where TService : notnull
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <param name="window">How long.</param>
    /// <param name="times">Oldest first.</param>
    private static int MostIn(TimeSpan window, List<DateTimeOffset> times)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] >= window) first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}
