using ChatMvc.Billing;
using ChatMvc.Operators.State;
using ChatMvc.Shared;

namespace ChatMvc.Chats;

/// <summary>A refused message in words: what happened, then what to do.</summary>
public static class SendNotice
{
    public static ComposeNotice Of(SendResult refusal, TimeZoneInfo zone, DateTimeOffset now) => refusal switch
    {
        SendResult.NotCovered refused => Of(refused.Reason, zone, now),
        SendResult.QueueFull full => new(NoticeKind.Error, $"{full.Waiting} of your answers are still waiting. Let some of them finish, then send this again.", IsTooMuch: true),
        SendResult.Closed closed => new(NoticeKind.Error, $"{ClosedFor(closed.Words)} Send this again later.", IsClosed: true),
        SendResult.Invalid invalid => new(NoticeKind.Error, invalid.Reason, invalid.Field),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>What stands above the box while no new messages are taken.</summary>
    public static string ClosedFor(string words) => $"No new messages are taken for now. {words}";

    /// <summary>Answers with the status of a refusal.</summary>
    public static void Refuse(this HttpResponse response, ComposeNotice notice)
    {
        response.StatusCode = notice switch
        {
            { IsClosed: true } => StatusCodes.Status503ServiceUnavailable,
            { IsTooMuch: true } => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status422UnprocessableEntity,
        };
        if (notice.IsClosed) response.Headers.RetryAfter = $"{Maintenance.AskAgainAfter.TotalSeconds:0}";
    }

    private static ComposeNotice Of(Uncovered reason, TimeZoneInfo zone, DateTimeOffset now) => reason switch
    {
        Uncovered.AllowanceUsed used => Limit($"{Used(used.Allowance, zone, now)}"),
        Uncovered.CreditTooLow { Balance: var balance, Model: var model } when balance <= Usd.Zero =>
            Limit($"{model} is not part of the free allowance, and you have no credit. Choose another model, add credit or go Pro."),
        Uncovered.CreditTooLow low =>
            Limit($"Your credit of {low.Balance} does not cover this message: even a short answer may cost {low.Needed}. Add credit, or choose a cheaper model."),
        Uncovered.PriceUnknown unknown =>
            Limit($"{unknown.Model} is not part of the free allowance, and credit cannot pay for it because its price is not known here. Choose another model or go Pro."),
        Uncovered.BudgetUsed budget => new(NoticeKind.Error,
            $"Your budget of {budget.Budget} for this month does not cover this message: {budget.Spent} of it is used. Raise it, or send this again next month.",
            IsTooMuch: true, Link: ("/usage", "See your usage")),
        Uncovered.CeilingReached { IsServer: true } reached => new(NoticeKind.Error,
            $"What this server may spend in a day is spent. Send this again {Times.Moment(reached.Until, now, zone)}.", IsTooMuch: true),
        Uncovered.CeilingReached reached => new(NoticeKind.Error,
            $"What one person may spend here in a day is spent. Send this again {Times.Moment(reached.Until, now, zone)}.", IsTooMuch: true),
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    private static ComposeNotice Limit(string words) => new(NoticeKind.Limit, words, IsTooMuch: true);

    private static string Used(AllowanceState allowance, TimeZoneInfo zone, DateTimeOffset now)
    {
        var used = allowance.Limit == 1 ? "Your free message is used." : $"Your {allowance.Limit} free messages are used.";
        return allowance.NextAt is { } next ? $"{used} The next one comes back {Times.Moment(next, now, zone)}." : used;
    }
}
