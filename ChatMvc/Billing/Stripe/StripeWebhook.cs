using System.Text.Json;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// Takes Stripe's events: <c>400</c> without its signature, else <c>200</c> once the event is stored, whatever it says.
/// What comes of it is a job's business.
/// </summary>
public static class StripeWebhook
{
    public const string Path = "/webhooks/stripe";
    /// <summary>Bytes; the largest events have some tens of thousands.</summary>
    private const int MaxBody = 256 * 1024;

    public static void MapBilling(this WebApplication app)
    {
        if (app.Services.GetRequiredService<BillingSettings>().Provider != BillingProvider.Stripe) return;
        app.MapPost(Path, ReceiveAsync).AllowAnonymous()
            // The signature says who posted; a browser's token would say nothing.
            .DisableAntiforgery().DisableRateLimiting()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody), new SkipStatusCodePagesAttribute());
    }

    private static async Task<IResult> ReceiveAsync(HttpContext http, Upstreams upstreams, StripeInbox inbox, TimeProvider time, ILoggerFactory loggers)
    {
        try
        {
            // Before it is read, let alone understood: what is signed are these very bytes.
            if (StripeSignature.Read(http.Request.Headers[StripeSignature.Header]) is not { } signature) return Results.BadRequest();
            var body = await ReadAsync(http.Request);
            var verdict = signature.Judge(body, upstreams.Stripe.WebhookSecrets, time.GetUtcNow());
            if (verdict != SignatureVerdict.Right)
            {
                Tell(loggers.CreateLogger(typeof(StripeWebhook)), verdict, signature.SecondsOff(time.GetUtcNow()));
                return Results.BadRequest();
            }
            if (JsonSerializer.Deserialize<EventObject>(body, StripeJson.Options) is not { } told || !StripeInbox.IsReadable(told)) return Results.BadRequest();
            await inbox.TakeAsync([told], http.RequestAborted);
            return Results.Ok();
        }
        catch (BadHttpRequestException e)
        {
            return Results.StatusCode(e.StatusCode);
        }
        catch (JsonException)
        {
            return Results.BadRequest();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBody) throw new BadHttpRequestException("Too large.", StatusCodes.Status413PayloadTooLarge);
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    private static void Tell(ILogger logger, SignatureVerdict verdict, long secondsOff)
    {
        if (verdict == SignatureVerdict.TooOld) StripeLog.ClockIsOff(logger, secondsOff);
        else StripeLog.Forged(logger);
    }
}
