using System.Data.Common;
using System.Text.Json;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Usage;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Operators.Access;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.People;

/// <summary>A person in the list.</summary>
/// <param name="Person">Who.</param>
/// <param name="IsPro">Now.</param>
/// <param name="Balance">Of credit.</param>
/// <param name="ThisMonth">Answers of the month, in UTC.</param>
/// <param name="Devices">That are signed in.</param>
public sealed record PersonLine(User Person, bool IsPro, Usd Balance, UsageFigures ThisMonth, int Devices);

/// <summary>All that operators see of a person.</summary>
/// <param name="Person">Who.</param>
/// <param name="Plan">Now.</param>
/// <param name="Allowance">Null where none is counted.</param>
/// <param name="Balance">Of credit, less what is held.</param>
/// <param name="Held">For answers under way.</param>
/// <param name="Devices">That are signed in.</param>
/// <param name="SeenAt">When a device was last used, to the day; null where none is known any more.</param>
/// <param name="IsOperator">Whether they may open these pages.</param>
/// <param name="Months">Newest first; those alone in which something was used.</param>
public sealed record PersonView(
    User Person, PlanState Plan, AllowanceState? Allowance, Usd Balance, Usd Held, int Devices, DateTimeOffset? SeenAt, bool IsOperator, IReadOnlyList<MonthOfUse> Months);

/// <summary>A month, in UTC.</summary>
/// <param name="Month">Which.</param>
/// <param name="Answers">The person's own.</param>
/// <param name="Upstream">What all their requests cost upstream, also titles, summaries and what failed.</param>
public sealed record MonthOfUse(Month Month, UsageFigures Answers, Usd Upstream);

/// <summary>Reads the figures of people, and no text of theirs: their number does not grow with what they wrote.</summary>
public sealed class PeopleFigures(
    ChatDb db, Plans plans, Allowance allowance, CreditLedger ledger, OperatorNumbers operators, BillingSettings billing, SessionSettings sessions, TimeProvider time)
{
    public const int Shown = 50;
    private const int MonthsShown = 12;

    private static readonly string ThisMonthSql = $"""
        SELECT UserId, {UsageFigures.Sums} FROM UsageQuarters
        WHERE UserId IN (SELECT value FROM json_each($people)) AND Quarter >= $from AND Kind = 'Answer' GROUP BY UserId
        """;

    // A quarter of an hour has 900 seconds.
    private static readonly string MonthsSql = $"""
        SELECT strftime('%Y-%m', Quarter * 900, 'unixepoch'), {UsageFigures.Sums} FROM UsageQuarters
        WHERE UserId = $person AND Quarter >= $from AND Kind = 'Answer' GROUP BY 1
        """;

    private Month Present => Month.Of(time.GetUtcNow(), TimeZoneInfo.Utc);

    /// <summary>At most one more than a page, which tells that there are others.</summary>
    /// <param name="sought">As typed.</param>
    /// <param name="after">The id of the last one on the page before.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<PersonLine>> ListAsync(string sought, long? after, CancellationToken cancellation)
    {
        var (now, seen, live) = (time.GetUtcNow(), time.GetUtcNow() - sessions.Idle, ledger.LiveMode);
        var last = after is null ? null : await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == after, cancellation);
        var rows = await PeopleSearch.Find(db.Users.AsNoTracking(), sought, last).Take(Shown + 1).Select(u => new
        {
            Person = u,
            Balance = db.LedgerEntries.Where(e => e.UserId == u.Id && e.LiveMode == live).OrderByDescending(e => e.Id).Select(e => e.BalanceMicros).FirstOrDefault(),
            Devices = db.Sessions.Count(s => s.UserId == u.Id && s.RevokedAt == null && s.ExpiresAt > now && s.LastSeenAt > seen),
        }).ToListAsync(cancellation);
        var people = rows.ConvertAll(r => r.Person.Id);
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(s => people.Contains(s.UserId) && s.LiveMode == live).ToListAsync(cancellation);
        var subscribers = subscriptions.Where(s => s.Entitles(now, billing.Grace)).Select(s => s.UserId).ToHashSet();
        var months = await ThisMonthAsync(people, cancellation);
        return rows.ConvertAll(r => new PersonLine(
            r.Person, r.Person.ProUntil > now || subscribers.Contains(r.Person.Id), new Usd(r.Balance), months.GetValueOrDefault(r.Person.Id), r.Devices));
    }

    /// <summary>Also of somebody who is deleted: the books stay. Null where there never was such a person.</summary>
    public async Task<PersonView?> FindAsync(long id, CancellationToken cancellation)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellation) is not { } person) return null;
        var (now, seen) = (time.GetUtcNow(), time.GetUtcNow() - sessions.Idle);
        var devices = db.Sessions.Where(s => s.UserId == id);
        return new PersonView(
            person,
            await plans.OfAsync(db, person, cancellation),
            await allowance.OfAsync(db, id, cancellation),
            await ledger.BalanceAsync(db, id),
            await HeldAsync(id, cancellation),
            await devices.CountAsync(s => s.RevokedAt == null && s.ExpiresAt > now && s.LastSeenAt > seen, cancellation),
            await devices.OrderByDescending(s => s.LastSeenAt).Select(s => (DateTimeOffset?)s.LastSeenAt).FirstOrDefaultAsync(cancellation),
            person.DeletedAt is null && await operators.IncludeAsync(db, person.Phone, cancellation),
            await MonthsAsync(id, cancellation));
    }

    private async Task<Usd> HeldAsync(long id, CancellationToken cancellation)
    {
        var holds = await db.Messages.Unfinished().Where(m => m.AskedById == id && m.Payer == Payer.Credit)
            .Select(m => db.LedgerEntries.Where(e => e.AnswerId == m.Id && e.Kind == LedgerKind.Hold).Select(e => e.AmountMicros).FirstOrDefault()).ToListAsync(cancellation);
        return new Usd(-holds.Sum());
    }

    private async Task<Dictionary<long, UsageFigures>> ThisMonthAsync(List<long> people, CancellationToken cancellation)
    {
        var months = new Dictionary<long, UsageFigures>();
        await ReadAsync(ThisMonthSql, row => months[row.GetInt64(0)] = UsageFigures.Read(row, 1), cancellation,
            ("$people", JsonSerializer.Serialize(people)), ("$from", FirstQuarter(Present)));
        return months;
    }

    private async Task<IReadOnlyList<MonthOfUse>> MonthsAsync(long id, CancellationToken cancellation)
    {
        var months = Enumerable.Range(0, MonthsShown - 1).Aggregate(new List<Month> { Present }, (list, _) => [.. list, list[^1].Previous]);
        var answers = new Dictionary<Month, UsageFigures>();
        await ReadAsync(MonthsSql, row => answers[Month.Parse(row.GetString(0))!.Value] = UsageFigures.Read(row, 1), cancellation,
            ("$person", id), ("$from", FirstQuarter(months[^1])));
        var since = DailyCost.DayOf(months[^1].In(TimeZoneInfo.Utc).From);
        var days = await db.DailyCosts.AsNoTracking().Where(c => c.UserId == id && c.Day >= since).ToListAsync(cancellation);
        var upstream = days.ToLookup(c => Of(DateOnly.FromDayNumber(c.Day)), c => c.Micros);
        return [.. months.Where(m => answers.ContainsKey(m) || upstream[m].Any()).Select(m => new MonthOfUse(m, answers.GetValueOrDefault(m), new Usd(upstream[m].Sum())))];
    }

    private static Month Of(DateOnly day) => new(day.Year, day.Month);

    private static long FirstQuarter(Month month) => month.In(TimeZoneInfo.Utc).From.ToUnixTimeMilliseconds() / Month.Quarter;

    // The tables of running sums are not in the model.
    private async Task ReadAsync(string sql, Action<DbDataReader> read, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // one of the constants above
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation)) read(rows);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }
}
