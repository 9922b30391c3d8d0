using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>The pages that Stripe hosts: checkout, portal, invoice and receipt. Plain forms, no scripts.</summary>
internal static class StripePages
{
    private const string SessionMark = "{CHECKOUT_SESSION_ID}";
    private const string NoSmallerUnit = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf";
    private static readonly TimeSpan PortalLives = TimeSpan.FromHours(1);

    public static void MapStripePages(this RouteGroupBuilder sandbox)
    {
        var pages = sandbox.MapGroup("/stripe");
        pages.MapGet("/checkout/{id}", http => ShowAsync(http, "checkout.session", (work, session) => Checkout(work, session, null)));
        pages.MapPost("/checkout/{id}", http => ActAsync(http, "checkout.session", EndCheckout));
        pages.MapGet("/portal/{id}", http => ShowAsync(http, "billing_portal.session", (work, session) => Portal(work, session, null)));
        pages.MapPost("/portal/{id}", http => ActAsync(http, "billing_portal.session", ChangePlan));
        pages.MapGet("/invoice/{id}", http => ShowAsync(http, "invoice", (work, invoice) => new(200, Invoice(work, invoice))));
        pages.MapPost("/invoice/{id}", http => ActAsync(http, "invoice", PayInvoice));
        pages.MapGet("/invoice/{id}/pdf", PdfAsync);
        pages.MapGet("/receipt/{id}", http => ShowAsync(http, "charge", (work, charge) => new(200, Receipt(charge))));
    }

    /// <summary>An amount as people write it, such as <c>$20.00</c>.</summary>
    public static string Money(long amount, string currency)
    {
        var number = NoSmallerUnit.Split(' ').Contains(currency)
            ? amount.ToString("#,0", CultureInfo.InvariantCulture)
            : (amount / 100m).ToString("#,0.00", CultureInfo.InvariantCulture);
        return currency == "usd" ? $"${number}" : $"{number} {currency.ToUpperInvariant()}";
    }

    /// <summary>Whether a form was sent by a page of this server, and not by one of somewhere else.</summary>
    public static bool IsOurOwn(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"] is not [var site] || site is "same-origin" or "none";

    public static string Encoded(string? text) => WebUtility.HtmlEncode(text) ?? "";

    public static string Day(long at) =>
        $"<time datetime=\"{At(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}\">{At(at).ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}</time>";

    private static DateTime At(long at) => DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime;

    private static Task ShowAsync(HttpContext http, string kind, Func<StripeWork, JsonObject, Answer> show) =>
        WriteAsync(http, Stripe(http).Do(work => work.Books.Find(IdIn(http)) is { } found && found.Kind == kind ? show(work, found) : Gone));

    private static async Task ActAsync(HttpContext http, string kind, Func<StripeWork, JsonObject, IFormCollection, Answer> act)
    {
        if (!IsOurOwn(http.Request) || !http.Request.HasFormContentType)
        {
            await WriteAsync(http, new(403, "<h1>Not from here</h1><p>Open the page itself and press the button there.</p>"));
            return;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        await WriteAsync(http, Stripe(http).Do(work => work.Books.Find(IdIn(http)) is { } found && found.Kind == kind ? act(work, found, form) : Gone));
    }

    private static Answer EndCheckout(StripeWork work, JsonObject session, IFormCollection form)
    {
        try
        {
            switch (form["outcome"])
            {
                case "pay":
                    StripeCheckout.Pay(work, session);
                    return new(303, After(session));
                case "later":
                    StripeCheckout.PayLater(work, session);
                    return new(303, After(session));
                case "confirm":
                    StripeCheckout.AskBank(work, session);
                    return Bank(session);
                case "decline":
                    StripeCheckout.Decline(work, session);
                    return Checkout(work, session, "The card was declined. Try again, or go back to the shop.");
                default:
                    return Checkout(work, session, "Press one of the buttons.");
            }
        }
        catch (StripeException refusal)
        {
            return Checkout(work, session, refusal.Message);
        }
    }

    private static Answer Checkout(StripeWork work, JsonObject session, string? error)
    {
        if (session.Text("status") != "open") return new(error is null ? 200 : 422, Ended(session));
        var total = Money(session.Number("amount_total"), session.Text("currency")!);
        var mode = session.Text("mode");
        return new(error is null ? 200 : 422, $"""
            <h1>{(mode == "subscription" ? "Subscribe" : "Pay")}</h1>
            <p class="lead">The sandbox’s checkout: no card is asked for, and no money moves.</p>
            {Notice(error)}
            <dl class="facts">
            {string.Concat(StripeCheckout.ItemsOf(session).Select(ItemRow))}<div><dt>To pay now</dt><dd>{total}</dd></div>
            </dl>
            <form method="post" action="{SandboxStripe.BasePath}/checkout/{session.Id}">
              <button class="button" type="submit" name="outcome" value="pay">Pay {total}</button>
              <button class="button quiet" type="submit" name="outcome" value="confirm">Pay with the bank’s confirmation</button>
              <button class="button quiet" type="submit" name="outcome" value="later">Pay later (delayed method)</button>
              <button class="button quiet" type="submit" name="outcome" value="decline">Decline</button>
            </form>
            {BackTo(session.Text("cancel_url"), "Back to the shop")}
            <p class="hint">Open until {Day(session.Number("expires_at"))}. For {Encoded(work.Books.Find(session.Text("customer"))?.Text("email") ?? session.Text("customer") ?? "a guest")}.</p>
            """);
    }

    private static Answer Bank(JsonObject session) => new(200, $"""
        <h1>Your bank asks</h1>
        <p class="lead">Do you confirm the payment of {Money(session.Number("amount_total"), session.Text("currency")!)}?</p>
        <form method="post" action="{SandboxStripe.BasePath}/checkout/{session.Id}">
          <button class="button" type="submit" name="outcome" value="pay">Confirm</button>
          <button class="button quiet" type="submit" name="outcome" value="decline">Refuse</button>
        </form>
        """);

    private static string Ended(JsonObject session) => session.Text("status") == "complete"
        ? $"""
          <h1>{(session.Text("payment_status") == "unpaid" ? "On its way" : "Paid")}</h1>
          <p class="lead">This checkout is complete.</p>
          {BackTo(After(session), "Go on to the shop")}
          """
        : $"""
          <h1>Too late</h1>
          <p class="lead">This checkout is no longer open. Start again in the shop.</p>
          {BackTo(session.Text("cancel_url"), "Back to the shop")}
          """;

    private static string ItemRow(JsonObject item)
    {
        var recurring = item.Part("price")["recurring"]?.AsObject();
        var every = recurring is null ? "" : recurring.Number("interval_count") == 1 ? $" each {recurring.Text("interval")}" : $" every {recurring.Number("interval_count")} {recurring.Text("interval")}s";
        var times = item.Number("quantity") == 1 ? "" : $"{item.Number("quantity")} × ";
        return $"<div><dt>{times}{Encoded(item.Text("description"))}</dt><dd>{Money(item.Number("amount_total"), item.Text("currency")!)}{every}</dd></div>\n";
    }

    // Clients may send the braces encoded.
    private static string After(JsonObject session) => session.Text("success_url")!
        .Replace(SessionMark, session.Id, StringComparison.Ordinal)
        .Replace(Uri.EscapeDataString(SessionMark), session.Id, StringComparison.OrdinalIgnoreCase);

    private static Answer ChangePlan(StripeWork work, JsonObject session, IFormCollection form)
    {
        if (IsOver(work, session)) return Portal(work, session, null);
        try
        {
            if (form["do"] == "change-card") StripeSubscriptions.ChangeCard(work, work.Get("customer", session.Text("customer")!));
            else
            {
                var subscription = work.Get("subscription", form["subscription"].ToString());
                if (subscription.Text("customer") != session.Text("customer")) return Gone;
                if (form["do"] == "cancel-now") StripeSubscriptions.Cancel(work, StripeForm.Parse("", ""), subscription.Id);
                else StripeSubscriptions.EndWithPeriod(work, subscription, form["do"] == "cancel-at-end");
            }
            return new(303, $"{SandboxStripe.BasePath}/portal/{session.Id}");
        }
        catch (StripeException refusal)
        {
            return Portal(work, session, refusal.Message);
        }
    }

    private static bool IsOver(StripeWork work, JsonObject session) => At(session.Number("created")) + PortalLives < work.At.UtcDateTime;

    private static Answer Portal(StripeWork work, JsonObject session, string? error)
    {
        var back = BackTo(session.Text("return_url"), "Back to the shop");
        if (IsOver(work, session)) return new(410, $"<h1>Too late</h1>\n<p class=\"lead\">This link is over. Open your plan again from the shop.</p>\n{back}");
        var customer = session.Text("customer");
        var subscriptions = work.Books.NewestFirst("subscription").Where(s => s.Text("customer") == customer).ToList();
        var invoices = work.Books.NewestFirst("invoice").Where(i => i.Text("customer") == customer).Take(25).ToList();
        return new(error is null ? 200 : 422, $"""
            <h1>Your plan</h1>
            <p class="lead">The sandbox’s customer portal.</p>
            {Notice(error)}
            {string.Concat(subscriptions.Select(s => Subscription(work, session, s)))}{(subscriptions.Count == 0 ? "<p>No subscription.</p>" : "")}
            <form method="post" action="{SandboxStripe.BasePath}/portal/{session.Id}">
              <button class="button quiet" type="submit" name="do" value="change-card">Change card</button>
            </form>
            <h2>Invoices</h2>
            {(invoices.Count == 0 ? "<p>None yet.</p>" : $"<dl class=\"facts\">\n{string.Concat(invoices.Select(InvoiceRow))}</dl>")}
            {back}
            """);
    }

    private static string Subscription(StripeWork work, JsonObject session, JsonObject subscription)
    {
        var item = subscription.Part("items").Data().First();
        var price = item.Part("price");
        var until = item.Number("current_period_end");
        var (status, over) = (subscription.Text("status")!, StripeSubscriptions.IsOver(subscription));
        var when = over ? $"Ended on {Day(subscription.Number("ended_at"))}" : subscription.Flag("cancel_at_period_end") ? $"Ends on {Day(until)}" : $"Renews on {Day(until)}";
        var keep = subscription.Flag("cancel_at_period_end");
        return $"""
            <section data-subscription="{subscription.Id}" data-status="{status}">
            <dl class="facts">
            <div><dt>{Encoded(work.Books.Find(price.Text("product"))?.Text("name"))}, {Money(price.Number("unit_amount") * item.Number("quantity"), price.Text("currency")!)} each {price.Part("recurring").Text("interval")}</dt><dd>{Encoded(status.Replace('_', ' '))}</dd></div>
            <div><dt>Period</dt><dd>{when}</dd></div>
            </dl>
            {(over ? "" : $"""
            <form method="post" action="{SandboxStripe.BasePath}/portal/{session.Id}">
              <input type="hidden" name="subscription" value="{subscription.Id}">
              <div class="actions">
              {(keep ? "<button class=\"button\" type=\"submit\" name=\"do\" value=\"resume\">Do not cancel</button>" : "<button class=\"button quiet\" type=\"submit\" name=\"do\" value=\"cancel-at-end\">Cancel at the period’s end</button>")}
              <button class="button danger" type="submit" name="do" value="cancel-now">Cancel now</button>
              </div>
            </form>
            """)}
            </section>

            """;
    }

    private static string InvoiceRow(JsonObject invoice) =>
        $"<div><dt><a href=\"{SandboxStripe.BasePath}/invoice/{invoice.Id}\">{Encoded(invoice.Text("number") ?? "Draft")}</a>, {Day(invoice.Number("created"))}</dt><dd>{Money(invoice.Number("total"), invoice.Text("currency")!)}, {Encoded(invoice.Text("status"))}</dd></div>\n";

    private static Answer PayInvoice(StripeWork work, JsonObject invoice, IFormCollection form)
    {
        if (invoice.Text("status") is "open" or "uncollectible") StripeSubscriptions.Settle(work, invoice);
        return new(303, $"{SandboxStripe.BasePath}/invoice/{invoice.Id}");
    }

    private static string Invoice(StripeWork work, JsonObject invoice)
    {
        var currency = invoice.Text("currency")!;
        var open = invoice.Text("status") is "open" or "uncollectible";
        return $"""
            <h1>Invoice {Encoded(invoice.Text("number"))}</h1>
            <p class="lead">Of {Day(invoice.Number("created"))}: {Encoded(invoice.Text("status"))}.</p>
            <dl class="facts">
            {string.Concat(invoice.Part("lines").Data().Select(line => $"<div><dt>{Encoded(line.Text("description"))}</dt><dd>{Money(line.Number("amount"), currency)}</dd></div>\n"))}<div><dt>Total</dt><dd>{Money(invoice.Number("total"), currency)}</dd></div>
            <div><dt>Paid</dt><dd>{Money(invoice.Number("amount_paid"), currency)}</dd></div>
            </dl>
            {(open ? $"<form method=\"post\" action=\"{SandboxStripe.BasePath}/invoice/{invoice.Id}\"><button class=\"button\" type=\"submit\" name=\"do\" value=\"pay\">Pay {Money(invoice.Number("amount_remaining"), currency)}</button></form>" : "")}
            <p><a href="{SandboxStripe.BasePath}/invoice/{invoice.Id}/pdf">As PDF</a></p>
            """;
    }

    private static string Receipt(JsonObject charge)
    {
        var currency = charge.Text("currency")!;
        return $"""
            <h1>Receipt</h1>
            <p class="lead">Of {Day(charge.Number("created"))}: {Encoded(charge.Text("status"))}.</p>
            <dl class="facts">
            <div><dt>{Encoded(charge.Text("description") ?? "Payment")}</dt><dd>{Money(charge.Number("amount"), currency)}</dd></div>
            <div><dt>Refunded</dt><dd>{Money(charge.Number("amount_refunded"), currency)}</dd></div>
            </dl>
            """;
    }

    private static Task PdfAsync(HttpContext http)
    {
        var lines = Stripe(http).Do(work => work.Books.Find(IdIn(http)) is { } invoice && invoice.Kind == "invoice"
            ? new[] { $"Invoice {invoice.Text("number")}", $"Status: {invoice.Text("status")}", $"Total: {Money(invoice.Number("total"), invoice.Text("currency")!)}", "Made by the sandbox; no money moved." }
            : null);
        if (lines is null) return WriteAsync(http, Gone);
        http.Response.ContentType = "application/pdf";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.Body.WriteAsync(StripePdf.Of(lines), http.RequestAborted).AsTask();
    }

    private static string Notice(string? error) => error is null ? "" : $"<p class=\"notice\" data-notice=\"error\" role=\"alert\"><span>{Encoded(error)}</span></p>";

    private static string BackTo(string? address, string text) => address is null ? "" : $"<p class=\"leave\"><a href=\"{Encoded(address)}\">{text}</a></p>";

    private static readonly Answer Gone = new(404, "<h1>Nothing here</h1>\n<p class=\"lead\">The sandbox knows no such page. It may have been made in another data directory.</p>");

    /// <summary>The main part of a page; with 303, where to go.</summary>
    private sealed record Answer(int Status, string Text);

    private static async Task WriteAsync(HttpContext http, Answer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.Headers.CacheControl = "no-store";
        if (answer.Status == StatusCodes.Status303SeeOther)
        {
            // A form may lead to its own origin alone; elsewhere the finished page has a link.
            http.Response.Headers.Location = LeadsHome(http, answer.Text) ? answer.Text : http.Request.Path.Value;
            return;
        }
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{Title(answer.Text)} · Sandbox</title>
              <link rel="stylesheet" href="/lib/site.css">
              <link rel="stylesheet" href="/lib/pages.css">
            </head>
            <body class="narrow">
            <a class="skip" href="#main">Skip to the content</a>
            <main id="main" class="sheet account">
            {answer.Text}
            </main>
            <footer class="sandbox-note">The sandbox’s Stripe: nothing leaves this machine.</footer>
            </body>
            </html>

            """, Encoding.UTF8, http.RequestAborted);
    }

    private static string Title(string main) => main[(main.IndexOf("<h1>", StringComparison.Ordinal) + 4)..main.IndexOf("</h1>", StringComparison.Ordinal)];

    private static bool LeadsHome(HttpContext http, string address) =>
        address.StartsWith('/') || address.StartsWith($"{http.Request.Scheme}://{http.Request.Host}/", StringComparison.OrdinalIgnoreCase);

    private static string IdIn(HttpContext http) => $"{http.Request.RouteValues["id"]}";

    private static SandboxStripe Stripe(HttpContext http) => http.RequestServices.GetRequiredService<SandboxStripe>();
}
