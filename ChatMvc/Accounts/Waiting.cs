using System.Globalization;

namespace ChatMvc.Accounts;

/// <summary>How long somebody has to wait: in words for the page, in whole seconds for the header.</summary>
public static class Waiting
{
    public static string InWords(TimeSpan wait) => Seconds(wait) switch
    {
        1 => "in a second",
        < 120 and var seconds => $"in {seconds} seconds",
        < 7200 and var seconds => $"in {Up(seconds, 60)} minutes",
        var seconds => $"in {Up(seconds, 3600)} hours",
    };

    /// <summary>Answers <c>429</c> and says when to come again.</summary>
    public static void TooManyRequests(this HttpResponse response, TimeSpan wait)
    {
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Rounded up, and at least one: who comes then is not too early.</summary>
    private static int Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));

    private static int Up(int seconds, int unit) => (seconds + unit - 1) / unit;
}
