using System.Globalization;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>What the sandbox's Stripe holds, with a button for each thing that can happen to it: a part of the page at <c>/sandbox</c>.</summary>
internal static class StripePanel
{
    private const int Shown = 25;

    public static string Html(SandboxStripe stripe) => $"""
        <h2>Stripe</h2>
        <div>{Button("hold", "", "Keep events back")} {Button("release", "", "Send them")} {Button("reset", "", "Behave as usual")}</div>
        <h3>Customers</h3>
        {Table(stripe, "customer", ["Customer", "Email", "Made"], Customer, "No customer yet.")}
        <h3>Checkouts</h3>
        {Table(stripe, "checkout.session", ["Checkout", "For", "Amount", "State", "What happens"], Session, "No checkout yet.")}
        <h3>Subscriptions</h3>
        {Table(stripe, "subscription", ["Subscription", "Customer", "State", "Period", "What happens"], Subscription, "No subscription yet.")}
        <h3>Payments</h3>
        {Table(stripe, "charge", ["Charge", "Customer", "Amount", "State", "What happens"], Charge, "No payment yet.")}
        <h3>Refunds</h3>
        {Table(stripe, "refund", ["Refund", "Charge", "Amount", "State", "What happens"], Refund, "No refund yet.")}
        <h3>Disputes</h3>
        {Table(stripe, "dispute", ["Dispute", "Charge", "Amount", "State", "What happens"], Dispute, "No dispute yet.")}
        <h3>Last events</h3>
        {Table(stripe, "event", ["Event", "Time", "Type", "About", "Delivery", "What happens"], made => Event(stripe, made), "No event yet.")}
        """;

    private static string Table(SandboxStripe stripe, string kind, string[] heads, Func<JsonObject, string[]> row, string none) =>
        SandboxPage.Table(heads, stripe.All(kind).Where(obj => !obj.IsDeleted).Take(Shown).Select(row), none);

    private static string[] Customer(JsonObject customer) => [Encoded(customer.Id), Encoded(customer.Text("email")), Time(customer.Number("created"))];

    private static string[] Session(JsonObject session) =>
    [
        session.Text("url") is { } url ? $"<a href=\"{Encoded(url.Replace(StripeShapes.Here, SandboxStripe.BasePath, StringComparison.Ordinal))}\">{Short(session.Id)}</a>" : Short(session.Id),
        Encoded(session.Text("customer")), Money(session, "amount_total"), $"{session.Text("status")}, {session.Text("payment_status")}",
        (session.Text("status"), session.Text("payment_status")) switch
        {
            ("open", _) => Buttons(session.Id, ("pay", "Pay"), ("pay-later", "Pay later"), ("decline", "Decline"), ("expire", "Expire")),
            ("complete", "unpaid") => Buttons(session.Id, ("delayed-succeeds", "Money comes"), ("delayed-fails", "Money stays away")),
            _ => "",
        },
    ];

    private static string[] Subscription(JsonObject subscription) =>
    [
        Encoded(subscription.Id), Encoded(subscription.Text("customer")),
        subscription.Text("status") + (subscription.Flag("cancel_at_period_end") ? ", ends with its period" : ""),
        StripePages.Day(StripeSubscriptions.PeriodEnd(subscription)),
        subscription.Text("status") switch
        {
            "canceled" => "",
            "paused" => Buttons(subscription.Id, ("resume", "Resume"), ("cancel", "Cancel now")),
            "past_due" => Buttons(subscription.Id, ("fail-renewal", "Fail again"), ("cancel", "Cancel now"))
                + Button("give-up", subscription.Id, "Becomes unpaid", "unpaid") + Button("give-up", subscription.Id, "Is canceled for it", "canceled")
                + (subscription.Text("latest_invoice") is { } invoice ? Button("pay-invoice", invoice, "Pay after all") : ""),
            "unpaid" => Buttons(subscription.Text("latest_invoice")!, ("pay-invoice", "Pay after all")) + Button("cancel", subscription.Id, "Cancel now"),
            _ => Buttons(subscription.Id, ("renew", "Renew"), ("fail-renewal", "Fail the renewal"), ("pause", "Pause"),
                subscription.Flag("cancel_at_period_end") ? ("keep", "Do not cancel") : ("cancel-at-end", "Cancel at the period’s end"), ("cancel", "Cancel now")),
        },
    ];

    private static string[] Charge(JsonObject charge) =>
    [
        Encoded(charge.Id), Encoded(charge.Text("customer")), Money(charge, "amount"),
        $"{charge.Text("status")}{(charge.Number("amount_refunded") > 0 ? $", {StripePages.Money(charge.Number("amount_refunded"), charge.Text("currency")!)} refunded" : "")}{(charge.Flag("disputed") ? ", disputed" : "")}",
        charge.Text("status") != "succeeded" || charge.Flag("disputed") ? ""
            : (charge.Flag("refunded") ? "" : Button("refund", charge.Id, "Refund the rest") + Button("refund", charge.Id, "Refund $1.00", amount: 100)) + Button("dispute", charge.Id, "Dispute"),
    ];

    private static string[] Refund(JsonObject refund) =>
    [
        Encoded(refund.Id), Encoded(refund.Text("charge")), Money(refund, "amount"), Encoded(refund.Text("status")),
        refund.Text("status") == "failed" ? "" : Button("refund-fails", refund.Id, "Fails"),
    ];

    private static string[] Dispute(JsonObject dispute) =>
    [
        Encoded(dispute.Id), Encoded(dispute.Text("charge")), Money(dispute, "amount"), Encoded(dispute.Text("status")),
        dispute.Text("status") != "needs_response" ? "" : Button("close-dispute", dispute.Id, "Won", "won") + Button("close-dispute", dispute.Id, "Lost", "lost"),
    ];

    private static string[] Event(SandboxStripe stripe, JsonObject made) =>
    [
        Encoded(made.Id), Time(made.Number("created")), Encoded(made.Text("type")), Short(made.Part("data").Part("object").Id),
        made.Number("pending_webhooks") == 0 ? $"delivered{Answers(stripe, made.Id)}" : $"not delivered{Answers(stripe, made.Id)}",
        Button("resend", made.Id, "Send again"),
    ];

    private static string Answers(SandboxStripe stripe, string id) => stripe.SendingsOf(id) is { Count: > 0 } sendings
        ? $", answered {string.Join(", ", sendings.Select(sending => sending.Answer?.ToString(CultureInfo.InvariantCulture) ?? "not at all"))}"
        : "";

    private static string Buttons(string id, params (string Do, string Text)[] buttons) => string.Concat(buttons.Select(button => Button(button.Do, id, button.Text)));

    private static string Button(string act, string id, string text, string word = "", long? amount = null) => $"""
        <form method="post" action="{SandboxStripe.BasePath}/steer"><input type="hidden" name="back" value="1"><input type="hidden" name="do" value="{act}"><input type="hidden" name="id" value="{Encoded(id)}"><input type="hidden" name="word" value="{word}"><input type="hidden" name="amount" value="{amount}"><button class="button quiet" type="submit">{text}</button></form>
        """;

    private static string Money(JsonObject obj, string name) => StripePages.Money(obj.Number(name), obj.Text("currency")!);

    // A checkout's id has 66 characters.
    private static string Short(string id) => Encoded(id.Length <= 32 ? id : id[..20] + "…");

    private static string Time(long at) => SandboxPage.Time(DateTimeOffset.FromUnixTimeSeconds(at));

    private static string Encoded(string? text) => SandboxPage.Encoded(text);
}
