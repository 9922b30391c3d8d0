using ChatMvc.Shared;

namespace ChatMvc.Chats;

/// <summary>A refused message in words: what happened, then what to do.</summary>
public static class SendNotice
{
    public static ComposeNotice Of(SendResult refusal, TimeZoneInfo zone, DateTimeOffset now) => refusal switch
    {
        SendResult.OverAllowance over => new(NoticeKind.Limit, Limit(over, zone, now)),
        SendResult.QueueFull full => new(NoticeKind.Error, $"{full.Waiting} of your answers are still waiting. Let some of them finish, then send this again.", QueueField),
        SendResult.Invalid invalid => new(NoticeKind.Error, invalid.Reason, invalid.Field),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    public static int StatusOf(ComposeNotice notice) => notice.Kind == NoticeKind.Limit || notice.Field == QueueField
        ? StatusCodes.Status429TooManyRequests
        : StatusCodes.Status422UnprocessableEntity;

    private const string QueueField = "queue";

    private static string Limit(SendResult.OverAllowance over, TimeZoneInfo zone, DateTimeOffset now)
    {
        var used = over.Allowance.Limit == 1 ? "Your free message is used." : $"Your {over.Allowance.Limit} free messages are used.";
        return over.Allowance.NextAt is { } next ? $"{used} The next one comes back {Times.Moment(next, now, zone)}." : used;
    }
}
