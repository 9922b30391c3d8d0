using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>Payment intents with their charges, and what comes of a charge later: refunds and disputes.</summary>
internal static class StripePayments
{
    private const string RefundParameters = "amount charge expand metadata payment_intent reason";
    private static readonly TimeSpan TimeForEvidence = TimeSpan.FromDays(7);

    public static JsonObject Intend(StripeWork work, string? customer, long amount, string currency, JsonObject? metadata = null, string? description = null)
    {
        var intent = StripeShapes.PaymentIntent(StripeJson.NewId("pi_"), customer, amount, currency, work.Now);
        intent["description"] = description;
        if (metadata is not null) intent["metadata"] = metadata.DeepClone();
        work.Put(intent);
        work.Tell("payment_intent.created", intent);
        return intent;
    }

    public static void Succeed(StripeWork work, JsonObject intent)
    {
        // A delayed method has charged already, and its charge comes through.
        var charge = work.Books.Find(intent.Text("latest_charge")) is { } pending && pending.Text("status") == "pending" ? pending : Charge(work, intent, "succeeded");
        charge["status"] = "succeeded";
        charge["paid"] = true;
        charge["outcome"] = Outcome("authorized", "approved_by_network", "Payment complete.");
        work.Put(charge);
        intent["status"] = "succeeded";
        intent["amount_received"] = intent.Number("amount");
        intent["last_payment_error"] = null;
        work.Put(intent);
        work.Tell("charge.succeeded", charge);
        work.Tell("payment_intent.succeeded", intent);
    }

    /// <summary>The money is on its way and may still not come.</summary>
    public static void Process(StripeWork work, JsonObject intent)
    {
        var charge = Charge(work, intent, "pending");
        intent["status"] = "processing";
        work.Put(intent);
        work.Tell("charge.pending", charge);
        work.Tell("payment_intent.processing", intent);
    }

    public static void AskBank(StripeWork work, JsonObject intent)
    {
        intent["status"] = "requires_action";
        work.Put(intent);
        work.Tell("payment_intent.requires_action", intent);
    }

    public static void Decline(StripeWork work, JsonObject intent)
    {
        var charge = work.Books.Find(intent.Text("latest_charge")) is { } pending && pending.Text("status") == "pending" ? pending : Charge(work, intent, "failed");
        charge["status"] = "failed";
        charge["paid"] = false;
        charge["captured"] = false;
        charge["amount_captured"] = 0;
        charge["receipt_url"] = null;
        charge["failure_code"] = "card_declined";
        charge["failure_message"] = "Your card was declined.";
        charge["outcome"] = Outcome("issuer_declined", "declined_by_network", "The bank did not return any further details with this decline.");
        work.Put(charge);
        intent["status"] = "requires_payment_method";
        intent["payment_method"] = null;
        intent["last_payment_error"] = new JsonObject
        {
            ["charge"] = charge.Id,
            ["code"] = "card_declined",
            ["decline_code"] = "generic_decline",
            ["message"] = "Your card was declined.",
            ["type"] = "card_error",
        };
        work.Put(intent);
        work.Tell("charge.failed", charge);
        work.Tell("payment_intent.payment_failed", intent);
    }

    /// <summary>POST /v1/refunds.</summary>
    public static JsonObject Refund(StripeWork work, StripeForm form)
    {
        form.Only(RefundParameters);
        var charge = work.Named(form, "charge", "charge")
            ?? (work.Named(form, "payment_intent", "payment_intent") is { } intent ? work.Books.Find(intent.Text("latest_charge")) : null)
            ?? throw StripeException.Invalid("One of the following params should be provided: payment_intent or charge.", code: "parameter_missing");
        var refund = Refund(work, charge, form.Integer("amount"), form.Word("reason", "duplicate", "fraudulent", "requested_by_customer"), form.Metadata());
        return refund;
    }

    /// <summary>Gives back a part, or all that is left.</summary>
    public static JsonObject Refund(StripeWork work, JsonObject charge, long? amount, string? reason = null, JsonObject? metadata = null)
    {
        var left = charge.Number("amount") - charge.Number("amount_refunded");
        if (charge.Text("status") != "succeeded") throw StripeException.Invalid($"This Charge ({charge.Id}) has not succeeded and cannot be refunded.");
        if (left == 0) throw StripeException.Invalid($"Charge {charge.Id} has already been refunded.", code: "charge_already_refunded");
        if (charge.Flag("disputed")) throw StripeException.Invalid($"Charge {charge.Id} has been charged back; cannot issue a refund.", code: "charge_disputed");
        if (amount < 1) throw StripeException.Invalid("Invalid positive integer", "amount", "parameter_invalid_integer");
        if (amount > left) throw StripeException.Invalid($"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount");
        var refund = StripeShapes.Refund(StripeJson.NewId("re_"), charge, amount ?? left, reason, work.Now);
        if (metadata is not null) refund["metadata"] = metadata;
        work.Put(refund);
        work.Tell("refund.created", refund);
        GiveBack(work, charge, refund.Number("amount"));
        work.Tell("charge.refunded", charge);
        return refund;
    }

    /// <summary>The bank sends the money back: the charge is refunded by that much less.</summary>
    public static void FailRefund(StripeWork work, JsonObject refund)
    {
        if (refund.Text("status") == "failed") throw StripeException.Invalid($"Refund {refund.Id} has failed already.");
        refund["status"] = "failed";
        refund["failure_reason"] = "expired_or_canceled_card";
        work.Put(refund);
        GiveBack(work, work.Get("charge", refund.Text("charge")!), -refund.Number("amount"));
        work.Tell("refund.updated", refund);
        work.Tell("refund.failed", refund);
        work.Tell("charge.refund.updated", refund);
    }

    public static JsonObject OpenDispute(StripeWork work, JsonObject charge, long? amount)
    {
        if (charge.Text("status") != "succeeded" || charge.Flag("disputed")) throw StripeException.Invalid($"Charge {charge.Id} cannot be disputed.");
        if (amount is { } part && (part < 1 || part > charge.Number("amount"))) throw StripeException.Invalid("The disputed amount is 1 to the charge’s.", "amount");
        var dispute = StripeShapes.Dispute(StripeJson.NewId("dp_"), charge, amount ?? charge.Number("amount"), work.Now, (work.At + TimeForEvidence).ToUnixTimeSeconds());
        work.Put(dispute);
        charge["disputed"] = true;
        work.Put(charge);
        work.Tell("charge.dispute.created", dispute);
        work.Tell("charge.dispute.funds_withdrawn", dispute);
        return dispute;
    }

    /// <param name="work">The work.</param>
    /// <param name="dispute">An open one.</param>
    /// <param name="outcome">won, lost, warning_closed or prevented.</param>
    public static void CloseDispute(StripeWork work, JsonObject dispute, string outcome)
    {
        if (outcome is not ("won" or "lost" or "warning_closed" or "prevented")) throw StripeException.Invalid("A dispute is won, lost, warning_closed or prevented.");
        if (dispute.Text("status") != "needs_response") throw StripeException.Invalid($"Dispute {dispute.Id} is closed already.");
        dispute["status"] = outcome;
        work.Put(dispute);
        work.Tell("charge.dispute.closed", dispute);
        if (outcome != "lost") work.Tell("charge.dispute.funds_reinstated", dispute);
    }

    /// <summary>The charge that an id names: its own, or its intent's.</summary>
    public static JsonObject ChargeOf(StripeWork work, string id) =>
        work.Books.Find(id) is { } intent && intent.Kind == "payment_intent" ? work.Get("charge", intent.Text("latest_charge") ?? id) : work.Get("charge", id);

    private static void GiveBack(StripeWork work, JsonObject charge, long amount)
    {
        charge["amount_refunded"] = charge.Number("amount_refunded") + amount;
        charge["refunded"] = charge.Number("amount_refunded") == charge.Number("amount");
        work.Put(charge);
    }

    private static JsonObject Charge(StripeWork work, JsonObject intent, string status)
    {
        var charge = work.Put(StripeShapes.Charge(StripeJson.NewId("ch_"), intent, status, work.Now));
        intent["latest_charge"] = charge.Id;
        intent["payment_method"] = charge.Text("payment_method");
        return charge;
    }

    private static JsonObject Outcome(string type, string network, string message) => new()
    {
        ["advice_code"] = null,
        ["network_advice_code"] = null,
        ["network_decline_code"] = null,
        ["network_status"] = network,
        ["reason"] = type == "authorized" ? null : "generic_decline",
        ["risk_level"] = "normal",
        ["seller_message"] = message,
        ["type"] = type,
    };
}
