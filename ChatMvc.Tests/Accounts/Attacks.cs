using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

/// <summary>What came of an attack that took this long.</summary>
/// <param name="Codes">Asked for and given.</param>
/// <param name="Sent">Text messages that were to leave.</param>
/// <param name="Guesses">That were compared with something.</param>
/// <param name="GuessesAnHour">The most in any hour, at one number.</param>
/// <param name="GuessesADay">The most in any day, at one number.</param>
/// <param name="CodesADay">The most codes in any day.</param>
public sealed record AttackResult(int Codes, int Sent, int Guesses, int GuessesAnHour, int GuessesADay, int CodesADay)
{
    public override string ToString() =>
        $"{Codes} codes ({CodesADay} in a day), {Sent} sent, {Guesses} guesses ({GuessesAnHour} an hour and {GuessesADay} a day at one number)";
}

/// <summary>The attacks of the tests, as long as one likes: the clock is moved on to when the server next gives something.</summary>
public static class Attacks
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    /// <summary>Refusals in a row before the attacker waits.</summary>
    private const int Refusals = 5;

    /// <summary>Guesses at the code of one number.</summary>
    public static async Task<AttackResult> GuessAsync(TestApp app, string phone, int addresses, TimeSpan length)
    {
        var attacker = new Attacker(app, Attacker.Addresses(addresses));
        await ForAsync(app, length, () => attacker.TryAsync(phone));
        return await ResultAsync(app, attacker);
    }

    /// <summary>Asks for codes of many numbers with accounts, one after the other, and guesses at them or not.</summary>
    public static Task<AttackResult> AskAsync(TestApp app, IReadOnlyList<string> numbers, int addresses, TimeSpan length, bool guessing) =>
        OverAsync(app, Again(numbers), addresses, length, (attacker, phone, address) => attacker.TryAsync(phone, address, guessing));

    /// <summary>Has messages sent to numbers of so many ranges, wherever one is sent.</summary>
    public static Task<AttackResult> PumpAsync(TestApp app, int ranges, int addresses, TimeSpan length) =>
        OverAsync(app, Ranges(ranges), addresses, length, (attacker, phone, address) => attacker.PumpAsync(phone, address));

    /// <summary>Guesses at passwords.</summary>
    public static Task<AttackResult> GuessPasswordsAsync(TestApp app, IReadOnlyList<string> numbers, int addresses, TimeSpan length) =>
        OverAsync(app, Again(numbers), addresses, length, (attacker, phone, address) => attacker.TryPasswordAsync(phone, address));

    /// <summary>Somebody goes on guessing, every five minutes, until the owner is in who comes after a day of it and does what the pages say.</summary>
    /// <returns>How long that took.</returns>
    public static async Task<TimeSpan> LockOutAsync(TestApp app, string phone, int addresses, Visitor owner, string ownersAddress)
    {
        var attacker = new Attacker(app, Attacker.Addresses(addresses));
        await ForAsync(app, Day, () => attacker.TryAsync(phone));
        var (came, again) = (app.Time.GetUtcNow(), app.Time.GetUtcNow());
        while (app.Time.GetUtcNow() - came < 8 * Day)
        {
            await attacker.TryAsync(phone);
            if (app.Time.GetUtcNow() >= again)
            {
                var asked = await owner.AskFromAsync(ownersAddress, phone);
                if (asked.Status == 303 && await owner.TypeShownCodeAsync() == 303) return app.Time.GetUtcNow() - came;
                again = app.Time.GetUtcNow() + TimeSpan.FromSeconds(asked.Status == 429 ? asked.RetryAfter : 60);
            }
            app.Time.Advance(TimeSpan.FromMinutes(5));
        }
        return TimeSpan.MaxValue;
    }

    /// <summary>Gives each of these numbers an account.</summary>
    public static Task HaveAccountsAsync(TestApp app, IEnumerable<string> phones) => app.ReadAsync(db => db.WriteAsync(() =>
    {
        db.Users.AddRange(phones.Select(p => new User(PhoneNumber.Parse(p), app.Time.GetUtcNow())));
        return Task.FromResult(0);
    }));

    extension(Visitor visitor)
    {
        /// <summary>Asks for a code through the known proxy.</summary>
        internal async Task<Answer> AskFromAsync(string address, string phone)
        {
            var form = (await visitor.GetAsync("/signin")).Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!;
            return await visitor.SendAsync(HttpMethod.Post, "/signin", Visitor.Fields(form, ("phone", phone)), [("X-Forwarded-For", address)]);
        }

        /// <summary>The status of the answer; 0 where none was sent.</summary>
        internal async Task<int> TypeShownCodeAsync()
        {
            var page = await visitor.GetAsync("/signin/code");
            if (page.Document.QuerySelector("#sandbox-code")?.TextContent is not { } digits) return 0;
            return (await visitor.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form:has([name=code])")!, ("code", digits))).Status;
        }
    }

    private static async Task<AttackResult> OverAsync(
        TestApp app, IEnumerable<string> numbers, int addresses, TimeSpan length, Func<Attacker, string, string, Task<TimeSpan>> tryOne)
    {
        var from = Attacker.Addresses(addresses);
        var attacker = new Attacker(app, from);
        using var next = numbers.GetEnumerator();
        var asked = 0;
        await ForAsync(app, length, async () =>
        {
            var least = TimeSpan.MaxValue;
            for (var i = 0; i < Refusals && least > TimeSpan.Zero && next.MoveNext(); i++)
                if (await tryOne(attacker, next.Current, from[asked++ % from.Length]) is var wait && wait < least) least = wait;
            return least;
        });
        return await ResultAsync(app, attacker);
    }

    // Without end, each in its last four digits another within its range.
    private static IEnumerable<string> Ranges(int ranges)
    {
        for (var i = 0; ; i++) yield return $"+1{212_000 + i % ranges}{i / ranges % 10_000:0000}";
    }

    private static IEnumerable<string> Again(IReadOnlyList<string> numbers)
    {
        for (var i = 0; ; i++) yield return numbers[i % numbers.Count];
    }

    private static async Task ForAsync(TestApp app, TimeSpan length, Func<Task<TimeSpan>> step)
    {
        var (end, swept) = (app.Time.GetUtcNow() + length, app.Time.GetUtcNow());
        while (app.Time.GetUtcNow() is var now && now < end)
        {
            var wait = await step();
            // Rows keep milliseconds.
            if (wait > TimeSpan.Zero) app.Time.Advance((wait < end - now ? wait : end - now) + TimeSpan.FromMilliseconds(2));
            if (now - swept < Day) continue;
            swept = now;
            await using var scope = app.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<AccountSweep>().RunAsync("", CancellationToken.None);
        }
    }

    private static async Task<AttackResult> ResultAsync(TestApp app, Attacker attacker) => new(
        attacker.Codes, await app.ReadAsync(db => db.SmsMessages.CountAsync(s => s.State != SmsState.Withheld)), attacker.Guesses,
        attacker.MostGuessesAtOneNumberIn(Hour), attacker.MostGuessesAtOneNumberIn(Day), attacker.MostCodesIn(Day));
}
