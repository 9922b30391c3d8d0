using System.Globalization;
using ChatMvc.Data;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace ChatMvc.Sms;

/// <summary>Takes Twilio's reports: <c>403</c> without its signature, else <c>204</c> whatever is in them.</summary>
public static class TwilioWebhook
{
    /// <summary>Bytes; a report has about 500.</summary>
    private const int MaxBody = 16 * 1024;
    private const int MaxFields = 100;

    public static void MapSms(this WebApplication app)
    {
        if (app.Services.GetRequiredService<SmsSettings>().Provider != SmsProvider.Twilio) return;
        app.MapPost(StatusCallbacks.Path, ReceiveAsync).AllowAnonymous()
            // The signature says who posted; a browser's token would say nothing.
            .DisableAntiforgery().DisableRateLimiting()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody), new SkipStatusCodePagesAttribute());
    }

    private static async Task<IResult> ReceiveAsync(HttpContext http, StatusCallbacks callbacks, StatusReports reports)
    {
        if (!http.Request.HasFormContentType) return Results.StatusCode(StatusCodes.Status403Forbidden);
        try
        {
            var form = await http.Request.ReadFormAsync(new FormOptions { ValueCountLimit = MaxFields }, http.RequestAborted);
            if (!callbacks.AreFrom(http.Request.QueryString.Value ?? "", form, http.Request.Headers[StatusCallbacks.Signature].ToString()))
                return Results.StatusCode(StatusCodes.Status403Forbidden);
            if (StatusReport.Read(http.Request.Query, form) is { } report) await reports.StoreAsync(report, http.RequestAborted);
            // Also for a message that is forgotten, or was never in a database put back from a backup: an error would have
            // Twilio raise an alarm, and nobody could do anything about it.
            return Results.NoContent();
        }
        catch (BadHttpRequestException e)
        {
            return Results.StatusCode(e.StatusCode);
        }
        catch (InvalidDataException)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }
    }
}

/// <summary>What Twilio says of one message.</summary>
/// <param name="Sms">The row, from the address that was signed.</param>
/// <param name="Sid">Twilio's id of the message.</param>
/// <param name="To">E.164.</param>
/// <param name="Status">Twilio's word, such as <c>delivered</c>.</param>
/// <param name="ErrorCode">Such as 30006, where it did not arrive.</param>
public sealed record StatusReport(long Sms, string Sid, string To, string Status, int? ErrorCode)
{
    private const int MaxSid = 64;

    internal static StatusReport? Read(IQueryCollection query, IFormCollection form) =>
        long.TryParse(query["sms"], NumberStyles.None, CultureInfo.InvariantCulture, out var sms)
        && form["MessageSid"].ToString() is { Length: > 0 and <= MaxSid } sid
            ? new StatusReport(sms, sid, form["To"].ToString(), form["MessageStatus"].ToString(),
                int.TryParse(form["ErrorCode"], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null)
            : null;
}

/// <summary>Writes down what Twilio reports.</summary>
public sealed class StatusReports(ChatDb db, SmsBlocks blocks, TimeProvider time, ILogger<StatusReports> logger)
{
    public async Task StoreAsync(StatusReport report, CancellationToken cancellation)
    {
        var sms = await db.WriteAsync(async () =>
        {
            if (await db.SmsMessages.FindAsync([report.Sms], cancellation) is not { } found || !found.Hear(report, time.GetUtcNow())) return null;
            await blocks.NoteAsync(found, cancellation);
            return found;
        }, cancellation);
        if (sms?.State == SmsState.Undelivered) SmsLog.NotDelivered(logger, sms.Id, sms.ErrorCode);
    }
}
