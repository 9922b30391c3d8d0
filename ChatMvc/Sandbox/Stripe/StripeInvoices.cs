using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

internal static class StripeInvoices
{
    /// <summary>How often a payment is tried before Stripe lets it be.</summary>
    public const int MaxAttempts = 4;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromDays(3);

    /// <summary>Bills a subscription for its period: made as a draft, made final, and not yet paid.</summary>
    /// <param name="work">The work.</param>
    /// <param name="subscription">Whose period it is.</param>
    /// <param name="reason">subscription_create or subscription_cycle.</param>
    public static JsonObject Bill(StripeWork work, JsonObject subscription, string reason)
    {
        var customer = work.Get("customer", subscription.Text("customer")!);
        var items = subscription.Part("items").Data().ToList();
        var (start, end) = (items[0].Number("current_period_start"), items[0].Number("current_period_end"));
        var free = subscription.Text("status") == "trialing";
        var total = free ? 0 : items.Sum(item => item.Part("price").Number("unit_amount") * item.Number("quantity"));
        var invoice = StripeShapes.Invoice(StripeJson.NewId("in_"), subscription, customer, NextNumber(work, customer), reason, total, work.Now, start, end);
        var lines = invoice["lines"]!["data"]!.AsArray();
        foreach (var item in items)
        {
            var line = StripeShapes.InvoiceLine(StripeJson.NewId("il_"), invoice.Id, subscription, item, NameOf(work, item, free), start, end);
            if (free) (line["amount"], line["subtotal"]) = (0, 0);
            lines.Add(line);
        }
        subscription["latest_invoice"] = invoice.Id;
        work.Put(subscription);
        work.Put(invoice);
        work.Tell("invoice.created", invoice);
        if (total > 0)
        {
            var intent = StripePayments.Intend(work, customer.Id, total, invoice.Text("currency")!, description: reason == "subscription_create" ? "Subscription creation" : "Subscription update");
            work.Put(StripeShapes.InvoicePayment(StripeJson.NewId("inpay_"), invoice, intent.Id, work.Now));
        }
        Finalize(work, invoice);
        return invoice;
    }

    public static void Pay(StripeWork work, JsonObject invoice)
    {
        var amount = invoice.Number("amount_due");
        var payment = PaymentOf(work, invoice);
        if (payment is not null) StripePayments.Succeed(work, IntentOf(work, payment));
        invoice["status"] = "paid";
        invoice["amount_paid"] = amount;
        invoice["amount_remaining"] = 0;
        invoice["attempted"] = true;
        invoice["attempt_count"] = invoice.Number("attempt_count") + 1;
        invoice["next_payment_attempt"] = null;
        invoice["ending_balance"] = 0;
        invoice["status_transitions"]!["paid_at"] = work.Now;
        work.Put(invoice);
        work.Tell("invoice.paid", invoice);
        work.Tell("invoice.payment_succeeded", invoice);
        if (payment is null) return;
        payment["status"] = "paid";
        payment["amount_paid"] = amount;
        payment["status_transitions"]!["paid_at"] = work.Now;
        work.Put(payment);
        work.Tell("invoice_payment.paid", payment);
    }

    /// <summary>Another attempt fails. After the last there is no next one.</summary>
    public static void Fail(StripeWork work, JsonObject invoice)
    {
        StripePayments.Decline(work, IntentOf(work, PaymentOf(work, invoice)!));
        var attempts = invoice.Number("attempt_count") + 1;
        invoice["attempted"] = true;
        invoice["attempt_count"] = attempts;
        invoice["next_payment_attempt"] = attempts < MaxAttempts ? (work.At + BetweenAttempts).ToUnixTimeSeconds() : null;
        work.Put(invoice);
        work.Tell("invoice.payment_failed", invoice);
    }

    /// <summary>The first payment is on its way.</summary>
    public static void Process(StripeWork work, JsonObject invoice) => StripePayments.Process(work, IntentOf(work, PaymentOf(work, invoice)!));

    public static void GiveUp(StripeWork work, JsonObject invoice)
    {
        invoice["status"] = "uncollectible";
        invoice["next_payment_attempt"] = null;
        invoice["status_transitions"]!["marked_uncollectible_at"] = work.Now;
        work.Put(invoice);
        work.Tell("invoice.marked_uncollectible", invoice);
    }

    /// <summary>The payment of an invoice, or null where nothing was due.</summary>
    public static JsonObject? PaymentOf(StripeWork work, JsonObject invoice) =>
        work.Books.NewestFirst("invoice_payment").FirstOrDefault(payment => payment.Text("invoice") == invoice.Id);

    private static JsonObject IntentOf(StripeWork work, JsonObject payment) => work.Get("payment_intent", payment.Part("payment").Text("payment_intent")!);

    private static void Finalize(StripeWork work, JsonObject invoice)
    {
        invoice["status"] = "open";
        invoice["number"] = invoice.Text("_number");
        invoice["effective_at"] = work.Now;
        invoice["hosted_invoice_url"] = $"{StripeShapes.Here}/invoice/{invoice.Id}";
        invoice["invoice_pdf"] = $"{StripeShapes.Here}/invoice/{invoice.Id}/pdf";
        invoice["status_transitions"]!["finalized_at"] = work.Now;
        work.Put(invoice);
        work.Tell("invoice.finalized", invoice);
    }

    private static string NextNumber(StripeWork work, JsonObject customer)
    {
        var number = customer.Number("next_invoice_sequence");
        customer["next_invoice_sequence"] = number + 1;
        work.Put(customer);
        return $"{customer.Text("invoice_prefix")}-{number:0000}";
    }

    private static string NameOf(StripeWork work, JsonObject item, bool free)
    {
        var price = item.Part("price");
        var product = work.Books.Find(price.Text("product"))?.Text("name") ?? "Item";
        return free ? $"Trial period for {product}" : $"{item.Number("quantity")} × {product} (at {StripePages.Money(price.Number("unit_amount"), price.Text("currency")!)} / {price.Part("recurring").Text("interval")})";
    }
}
