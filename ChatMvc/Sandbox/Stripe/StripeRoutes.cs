using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>The vendor's own addresses, under <see cref="SandboxStripe.BasePath"/> and <c>/v1</c>.</summary>
internal static class StripeRoutes
{
    private const int MaxPortalAddress = 5_000;
    private static readonly TimeSpan EventsReachBack = TimeSpan.FromDays(30);

    public static void MapStripe(this RouteGroupBuilder sandbox)
    {
        var vendor = sandbox.MapGroup("/stripe/v1");
        vendor.Post("/customers", (work, form, _) => StripeCustomers.Create(work, form));
        vendor.Get("/customers", (work, form, _) => StripeLists.Page(work, form, "customer", "/v1/customers", "email"));
        vendor.Get("/customers/{id}", (work, form, id) => One(work, form, "customer", id));
        vendor.Post("/customers/{id}", StripeCustomers.Update);
        vendor.Delete("/customers/{id}", (work, _, id) => StripeCustomers.Delete(work, id));

        vendor.Get("/products/{id}", (work, form, id) => One(work, form, "product", id));
        vendor.Get("/prices", Prices);
        vendor.Get("/prices/{id}", (work, form, id) => One(work, form, "price", id));

        vendor.Post("/checkout/sessions", (work, form, _) => StripeCheckout.Create(work, form));
        vendor.Get("/checkout/sessions", (work, form, _) => StripeLists.Page(work, form, "checkout.session", "/v1/checkout/sessions", "customer payment_intent status subscription"));
        vendor.Get("/checkout/sessions/{id}", (work, form, id) => One(work, form, "checkout.session", id));
        vendor.Get("/checkout/sessions/{id}/line_items", (work, form, id) => StripeLists.Cut(form, StripeCheckout.ItemsOf(work.Get("checkout.session", id)), $"/v1/checkout/sessions/{id}/line_items"));
        vendor.Post("/checkout/sessions/{id}/expire", (work, form, id) => StripeCheckout.Expire(work, work.Get("checkout.session", id)));

        vendor.Get("/subscriptions", Subscriptions);
        vendor.Get("/subscriptions/{id}", (work, form, id) => One(work, form, "subscription", id));
        vendor.Post("/subscriptions/{id}", StripeSubscriptions.Update);
        vendor.Delete("/subscriptions/{id}", StripeSubscriptions.Cancel);

        vendor.Post("/billing_portal/sessions", Portal);

        vendor.Get("/invoices", (work, form, _) => StripeLists.Page(work, form, "invoice", "/v1/invoices", "customer status", "subscription",
            invoice => form.Text("subscription") is not { } id || invoice.Part("parent").Part("subscription_details").Text("subscription") == id));
        vendor.Get("/invoices/{id}", (work, form, id) => One(work, form, "invoice", id));
        vendor.Get("/invoices/{id}/lines", (work, form, id) => StripeLists.Cut(form, work.Get("invoice", id).Part("lines").Data(), $"/v1/invoices/{id}/lines"));
        vendor.Get("/invoice_payments", InvoicePayments);

        vendor.Get("/payment_intents", (work, form, _) => StripeLists.Page(work, form, "payment_intent", "/v1/payment_intents", "customer"));
        vendor.Get("/payment_intents/{id}", (work, form, id) => One(work, form, "payment_intent", id));
        vendor.Get("/charges", (work, form, _) => StripeLists.Page(work, form, "charge", "/v1/charges", "customer payment_intent"));
        vendor.Get("/charges/{id}", (work, form, id) => One(work, form, "charge", id));
        vendor.Post("/refunds", (work, form, _) => StripePayments.Refund(work, form));
        vendor.Get("/refunds", (work, form, _) => StripeLists.Page(work, form, "refund", "/v1/refunds", "charge payment_intent"));
        vendor.Get("/refunds/{id}", (work, form, id) => One(work, form, "refund", id));
        vendor.Get("/disputes", (work, form, _) => StripeLists.Page(work, form, "dispute", "/v1/disputes", "charge payment_intent"));
        vendor.Get("/disputes/{id}", (work, form, id) => One(work, form, "dispute", id));

        vendor.Get("/events", Events);
        vendor.Get("/events/{id}", (work, form, id) => One(work, form, "event", id));
        vendor.Map("/{**rest}", http => StripeApi.ServeAsync(http, (_, _, _) => throw StripeException.NoSuchUrl(http.Request.Method, $"/v1/{http.Request.RouteValues["rest"]}")));
    }

    private static JsonObject One(StripeWork work, StripeForm form, string kind, string id)
    {
        form.Only("expand");
        return work.Get(kind, id);
    }

    private static JsonObject Prices(StripeWork work, StripeForm form, string id)
    {
        var keys = form.Texts("lookup_keys");
        var active = form.Flag("active");
        return StripeLists.Page(work, form, "price", "/v1/prices", "currency product type", "active lookup_keys",
            price => (active is null || price.Flag("active") == active) && (keys.Count == 0 || keys.Contains(price.Text("lookup_key") ?? "")));
    }

    private static JsonObject Subscriptions(StripeWork work, StripeForm form, string id)
    {
        var status = form.Text("status");
        var price = form.Text("price");
        return StripeLists.Page(work, form, "subscription", "/v1/subscriptions", "customer", "price status", subscription => status switch
        {
            null => subscription.Text("status") != "canceled",
            "all" => true,
            "ended" => StripeSubscriptions.IsOver(subscription),
            _ => subscription.Text("status") == status,
        } && (price is null || subscription.Part("items").Data().Any(item => item.Part("price").Id == price)));
    }

    private static JsonObject InvoicePayments(StripeWork work, StripeForm form, string id)
    {
        var payment = form["payment"].Only("payment_intent payment_record type");
        var intent = payment.Text("payment_intent");
        if (payment.IsThere && payment.Required("type") != "payment_intent") throw StripeException.Invalid("The sandbox has payments of the type payment_intent alone.", "payment[type]");
        return StripeLists.Page(work, form, "invoice_payment", "/v1/invoice_payments", "invoice status", "payment",
            made => intent is null || made.Part("payment").Text("payment_intent") == intent);
    }

    private static JsonObject Events(StripeWork work, StripeForm form, string id)
    {
        var types = form.Texts("types");
        if (form.Text("type") is { } type) types.Add(type);
        var (delivered, oldest) = (form.Flag("delivery_success"), (work.At - EventsReachBack).ToUnixTimeSeconds());
        return StripeLists.Page(work, form, "event", "/v1/events", "", "delivery_success type types",
            made => made.Number("created") >= oldest && (types.Count == 0 || types.Exists(wanted => Fits(made.Text("type")!, wanted)))
                && (delivered is null || made.Number("pending_webhooks") == 0 == delivered));
    }

    // charge.* stands for all that begins so.
    private static bool Fits(string type, string wanted) => wanted.EndsWith(".*", StringComparison.Ordinal) ? type.StartsWith(wanted[..^1], StringComparison.Ordinal) : type == wanted;

    private static JsonObject Portal(StripeWork work, StripeForm form, string id)
    {
        form.Only("configuration customer expand flow_data locale return_url");
        var customer = work.Named(form, "customer", "customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        var back = form.Text("return_url", MaxPortalAddress);
        if (back is not null && !(Uri.TryCreate(back, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")) throw StripeException.Invalid("Not a valid URL", "return_url", "url_invalid");
        var session = StripeShapes.PortalSession(StripeJson.NewId("bps_"), customer.Id, work.Now);
        session["return_url"] = back;
        session["url"] = work.PageAddress(back, $"/portal/{session.Id}");
        work.Put(session);
        work.Tell("billing_portal.session.created", session);
        return session;
    }

    private static void Get(this RouteGroupBuilder vendor, string path, Func<StripeWork, StripeForm, string, JsonObject> act) => vendor.MapGet(path, http => StripeApi.ServeAsync(http, act));

    private static void Post(this RouteGroupBuilder vendor, string path, Func<StripeWork, StripeForm, string, JsonObject> act) => vendor.MapPost(path, http => StripeApi.ServeAsync(http, act));

    private static void Delete(this RouteGroupBuilder vendor, string path, Func<StripeWork, StripeForm, string, JsonObject> act) => vendor.MapDelete(path, http => StripeApi.ServeAsync(http, act));
}
