using System.Globalization;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>Moves what the sandbox's Stripe holds, from outside: by JSON for tests, by forms from the page at <c>/sandbox</c>.</summary>
internal static class StripeSteering
{
    public static void MapStripeSteering(this RouteGroupBuilder sandbox)
    {
        var steering = sandbox.MapGroup("/stripe");
        steering.MapGet("/behaviour", (SandboxStripe stripe) => Results.Json(stripe.Behaviour, SandboxJson.Options));
        steering.MapPut("/behaviour", http => SteeringRequest.SetAsync<StripeBehaviour>(http, given => Stripe(http).Behaviour = given));
        steering.MapDelete("/behaviour", http => SteeringRequest.EmptyAsync(http, () => Stripe(http).Behaviour = new()));
        steering.MapGet("/webhooks", (SandboxStripe stripe) => Results.Json(stripe.Webhooks, SandboxJson.Options));
        steering.MapPut("/webhooks", http => SteeringRequest.SetAsync<StripeDelivery>(http, given => Stripe(http).Webhooks = given));
        steering.MapDelete("/webhooks", http => SteeringRequest.EmptyAsync(http, () => Stripe(http).Webhooks = new()));
        steering.MapGet("/calls", (SandboxStripe stripe) => Results.Json(stripe.Calls, SandboxJson.Options));
        steering.MapPost("/steer", SteerAsync);
    }

    private static async Task SteerAsync(HttpContext http)
    {
        if (!StripePages.IsOurOwn(http.Request) || !http.Request.HasFormContentType)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? complaint = null;
        IReadOnlyList<string> events = [];
        try
        {
            events = Steer(Stripe(http), form);
        }
        catch (StripeException refusal)
        {
            complaint = refusal.Message;
        }
        if (complaint is null && form.ContainsKey("back"))
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = "/sandbox";
            return;
        }
        await SandboxBody.WriteJsonAsync(http.Response, complaint is null ? 200 : 400, json =>
        {
            json.WriteStartObject();
            if (complaint is not null) json.WriteString("error", complaint);
            json.WriteStartArray("events");
            foreach (var id in events) json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Does one thing.</summary>
    /// <returns>The ids of the events that it made.</returns>
    /// <exception cref="StripeException">It cannot be done, or is not known.</exception>
    private static IReadOnlyList<string> Steer(SandboxStripe stripe, IFormCollection form)
    {
        var (id, word) = (form["id"].ToString(), form["word"].ToString());
        long? amount = long.TryParse(form["amount"], CultureInfo.InvariantCulture, out var cents) ? cents : null;
        return form["do"].ToString() switch
        {
            "pay" => stripe.Pay(id),
            "pay-later" => stripe.PayLater(id),
            "decline" => stripe.Decline(id),
            "delayed-succeeds" => stripe.DelayedSucceeds(id),
            "delayed-fails" => stripe.DelayedFails(id),
            "expire" => stripe.Expire(id),
            "renew" => stripe.Renew(id),
            "fail-renewal" => stripe.FailRenewal(id),
            "pay-invoice" => stripe.PayInvoice(id),
            "give-up" => stripe.GiveUp(id, word),
            "pause" => stripe.Pause(id),
            "resume" => stripe.Resume(id),
            "cancel" => stripe.Cancel(id),
            "cancel-at-end" => stripe.CancelAtPeriodEnd(id),
            "keep" => stripe.CancelAtPeriodEnd(id, yes: false),
            "refund" => stripe.Refund(id, amount),
            "refund-fails" => stripe.RefundFails(id),
            "dispute" => stripe.Dispute(id, amount),
            "close-dispute" => stripe.CloseDispute(id, word),
            "break-card" => None(() => stripe.BreakCard(id, word != "no")),
            "resend" => None(() => stripe.Resend(id)),
            "hold" => None(stripe.Hold),
            "release" => None(() => stripe.Release()),
            "reset" => None(stripe.Reset),
            var other => throw StripeException.Invalid($"The sandbox cannot do {other}."),
        };
    }

    private static IReadOnlyList<string> None(Action act)
    {
        act();
        return [];
    }

    private static SandboxStripe Stripe(HttpContext http) => http.RequestServices.GetRequiredService<SandboxStripe>();
}
