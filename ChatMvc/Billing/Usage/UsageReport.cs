using System.Data.Common;
using ChatMvc.Accounts;
using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

/// <summary>A month of one person's use, in their time zone.</summary>
/// <param name="Month">Which.</param>
/// <param name="Total">All of it.</param>
/// <param name="Asides">Of it, titles, summaries and what brought no answer; nothing where they are on the operator's account.</param>
/// <param name="Days">One for each day of the month.</param>
/// <param name="Models">The dearest first; of answers alone.</param>
/// <param name="Chats">The dearest first, at most <see cref="MaxChats"/>; of answers alone.</param>
/// <param name="HasMoreChats">Whether there are others.</param>
public sealed record UsageReport(
    Month Month, UsageFigures Total, UsageFigures Asides, IReadOnlyList<UsageFigures> Days,
    IReadOnlyList<ModelUse> Models, IReadOnlyList<ChatUse> Chats, bool HasMoreChats)
{
    public const int MaxChats = 50;

    public bool IsEmpty => Total == default;
}

public sealed record ModelUse(string Model, UsageFigures Figures);

/// <param name="Key">Null when the chat is deleted.</param>
/// <param name="Title">Null when the chat is deleted.</param>
/// <param name="Figures">In this month.</param>
public sealed record ChatUse(string? Key, string? Title, UsageFigures Figures);

/// <summary>Reads a month off the running sums: the number of rows does not grow with the number of answers.</summary>
public sealed class UsageReports(ChatDb db, SiteSettings site, BillingSettings billing)
{
    private static readonly string QuarterSql = $"""
        SELECT Quarter, Kind, Model, {UsageFigures.Columns} FROM UsageQuarters
        WHERE UserId = $user AND Quarter >= $from AND Quarter < $until
        """;

    // The sums are of a month of UTC. The hours by which the person's month is another one are added from the requests
    // themselves, or taken away.
    private static readonly string ChatSql = $"""
        SELECT ChatId, {UsageFigures.Sums} FROM (
          SELECT ChatId, {UsageFigures.Columns} FROM UsageChats WHERE UserId = $user AND Month = $month
          UNION ALL {Edge("+", "$from", "$utcFrom")} UNION ALL {Edge("-", "$utcFrom", "$from")}
          UNION ALL {Edge("+", "$utcUntil", "$until")} UNION ALL {Edge("-", "$until", "$utcUntil")})
        GROUP BY ChatId HAVING SUM(Answers) > 0 OR SUM(Micros) > 0 OR SUM(Unknown) > 0
        ORDER BY SUM(Micros) DESC, SUM(Answers) DESC, ChatId LIMIT $most
        """;

    private readonly bool isOwnKey = billing.Provider == BillingProvider.None;

    public TimeZoneInfo ZoneOf(User person) => Times.Zone(person.TimeZone ?? site.TimeZone);

    public async Task<UsageReport> ReadAsync(User person, Month month, CancellationToken cancellation)
    {
        var zone = ZoneOf(person);
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            var days = new UsageFigures[month.Days];
            var models = new Dictionary<string, UsageFigures>(StringComparer.Ordinal);
            UsageFigures answers = default, asides = default;
            var (quarter, day) = (-1L, 0);
            await using (var rows = await QuartersAsync(person.Id, month.In(zone), cancellation))
            {
                while (await rows.ReadAsync(cancellation))
                {
                    var (isAnswer, model, figures) = (rows.GetString(1) == "Answer", rows.GetString(2), UsageFigures.Read(rows, 3));
                    if (!isAnswer && !isOwnKey) continue;
                    // They come in order: the day is asked for once a quarter.
                    if (rows.GetInt64(0) != quarter) (quarter, day) = (rows.GetInt64(0), DayOf(rows.GetInt64(0), zone));
                    days[day] += figures;
                    if (isAnswer) (answers, models[model]) = (answers + figures, models.GetValueOrDefault(model) + figures);
                    else asides += figures;
                }
            }
            var chats = await ChatsAsync(person.Id, month, zone, cancellation);
            return new UsageReport(month, answers + asides, asides, days,
                [.. models.Where(m => m.Value != default).OrderByDescending(m => m.Value.Micros).ThenByDescending(m => m.Value.Answers).Select(m => new ModelUse(m.Key, m.Value))],
                [.. chats.Take(UsageReport.MaxChats)], chats.Count > UsageReport.MaxChats);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static int DayOf(long quarter, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(quarter * Month.Quarter), zone).Day - 1;

    private async Task<DbDataReader> QuartersAsync(long userId, (DateTimeOffset From, DateTimeOffset Until) month, CancellationToken cancellation) =>
        await Command(QuarterSql, ("$user", userId), ("$from", month.From.ToUnixTimeMilliseconds() / Month.Quarter),
            ("$until", month.Until.ToUnixTimeMilliseconds() / Month.Quarter)).ExecuteReaderAsync(cancellation);

    private async Task<List<ChatUse>> ChatsAsync(long userId, Month month, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var (here, utc) = (month.In(zone), month.In(TimeZoneInfo.Utc));
        var uses = new List<(long Id, UsageFigures Figures)>();
        await using (var rows = await Command(ChatSql, ("$user", userId), ("$month", month.Year * 100 + month.Number), ("$most", UsageReport.MaxChats + 1),
            ("$from", here.From.ToUnixTimeMilliseconds()), ("$until", here.Until.ToUnixTimeMilliseconds()),
            ("$utcFrom", utc.From.ToUnixTimeMilliseconds()), ("$utcUntil", utc.Until.ToUnixTimeMilliseconds())).ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation)) uses.Add((rows.GetInt64(0), UsageFigures.Read(rows, 1)));
        }
        var ids = uses.ConvertAll(u => u.Id);
        var known = await db.Chats.VisibleTo(userId).Where(c => ids.Contains(c.Id)).Select(c => new { c.Id, c.Key, c.Title }).ToDictionaryAsync(c => c.Id, cancellation);
        return uses.ConvertAll(u => new ChatUse(known.GetValueOrDefault(u.Id)?.Key, known.GetValueOrDefault(u.Id)?.Title, u.Figures));
    }

    private DbCommand Command(string sql, params (string Name, long Value)[] parameters)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    // Nothing, in one of the two directions.
    private static string Edge(string sign, string from, string until) => $"""
        SELECT ChatId, {string.Join(", ", UsageFigures.Columns.Split(", ").Select(c => sign + c))} FROM (
          SELECT ChatId, {UsageFigures.OfCompletion} FROM Completions
          WHERE UserId = $user AND StartedAt >= {from} AND StartedAt < {until} AND {UsageFigures.IsPersons})
        """;
}
