using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>Checkout sessions: what is bought, and how the purchase ends.</summary>
internal static partial class StripeCheckout
{
    private const string Parameters =
        "allow_promotion_codes billing_address_collection cancel_url client_reference_id currency customer customer_creation customer_email "
        + "customer_update expand expires_at integration_identifier line_items locale metadata mode origin_context payment_intent_data "
        + "payment_method_collection saved_payment_method_options submit_type subscription_data success_url ui_mode";
    private const string SessionTexts = "billing_address_collection cancel_url client_reference_id customer_email integration_identifier locale origin_context submit_type success_url";
    private const int MaxLineItems = 20;
    private const int MaxReference = 200;
    private const long LeastAmount = 50;
    private const long MostAmount = 99_999_999;
    private const int MaxTrialDays = 730;
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    // The client’s clock may be a little behind or ahead.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public static JsonObject Create(StripeWork work, StripeForm form)
    {
        form.Only(Parameters);
        var mode = form.Word("mode", "payment", "subscription") ?? throw StripeException.Invalid("You must provide mode: payment or subscription.", "mode", "parameter_missing");
        if (form.Word("ui_mode", "hosted_page", "embedded_page", "elements", "form") is not (null or "hosted_page")) throw StripeException.Invalid("The sandbox has the hosted page alone.", "ui_mode");
        CheckAddress(form, "success_url", form.Required("success_url"));
        if (form.Text("cancel_url") is { } back) CheckAddress(form, "cancel_url", back);
        if (form.Text("client_reference_id", MaxReference) is { } reference && !ReferenceShape().IsMatch(reference)) throw StripeException.Invalid("Invalid client_reference_id: letters, digits, - and _ alone.", "client_reference_id");
        var customer = work.Named(form, "customer", "customer");
        if (customer is not null && form.Has("customer_email")) throw StripeException.Invalid("You may only specify one of these parameters: customer, customer_email.");
        var items = Items(work, form, mode);
        var total = items.Sum(item => item.Number("amount_total"));
        if (total is < LeastAmount or > MostAmount) throw StripeException.Invalid("The Checkout Session's total amount due has to be 0.50 to 999,999.99.", code: total < LeastAmount ? "amount_too_small" : "amount_too_large");
        var currency = items[0].Text("currency")!;
        if (items.Exists(item => item.Text("currency") != currency)) throw StripeException.Invalid("All prices of a Checkout Session have the same currency.", "line_items");

        var session = StripeShapes.CheckoutSession(StripeJson.NewId("cs_test_", 58), mode, currency, total, work.Now, Expiry(work, form));
        session["metadata"] = form.Metadata();
        session["customer"] = customer?.Id;
        if (mode == "payment" && customer is null) session["customer_creation"] = form.Word("customer_creation", "always", "if_required") ?? "if_required";
        foreach (var name in SessionTexts.Split(' ')) session[name] = form.Text(name);
        if (form.Flag("allow_promotion_codes") is { } codes) session["allow_promotion_codes"] = codes;
        session["_line_items"] = new JsonArray([.. items]);
        session[$"_{mode}_data"] = mode == "payment" ? IntentData(form) : SubscriptionData(form);
        if (IsFree(session)) (session["amount_subtotal"], session["amount_total"]) = (0, 0);
        session["url"] = work.PageAddress(session.Text("success_url"), $"/checkout/{session.Id}");
        return work.Put(session);
    }

    /// <summary>POST …/expire.</summary>
    public static JsonObject Expire(StripeWork work, JsonObject session)
    {
        CheckOpen(session);
        session["status"] = "expired";
        session["url"] = null;
        work.Put(session);
        work.Tell("checkout.session.expired", session);
        return session;
    }

    /// <summary>Paid by card.</summary>
    public static void Pay(StripeWork work, JsonObject session)
    {
        CheckOpen(session);
        var customer = CustomerOf(work, session);
        if (session.Text("mode") == "payment") StripePayments.Succeed(work, IntentOf(work, session));
        else
        {
            var subscription = Subscribe(work, session, customer!);
            StripeInvoices.Pay(work, work.Get("invoice", session.Text("invoice")!));
            if (subscription.Text("status") != "trialing") StripeSubscriptions.Activate(work, subscription);
        }
        Complete(work, session, IsFree(session) ? "no_payment_required" : "paid");
    }

    /// <summary>Paid by a method whose money comes, or does not, after days.</summary>
    public static void PayLater(StripeWork work, JsonObject session)
    {
        CheckOpen(session);
        var customer = CustomerOf(work, session);
        if (session.Text("mode") == "payment") StripePayments.Process(work, IntentOf(work, session));
        else
        {
            var subscription = Subscribe(work, session, customer!);
            var invoice = work.Get("invoice", session.Text("invoice")!);
            if (invoice.Number("amount_due") > 0) StripeInvoices.Process(work, invoice);
            // Stripe lets it begin while the first payment is on its way.
            if (subscription.Text("status") != "trialing") StripeSubscriptions.Activate(work, subscription);
        }
        session["payment_method_types"] = new JsonArray("us_bank_account");
        Complete(work, session, "unpaid");
    }

    public static void Decline(StripeWork work, JsonObject session)
    {
        CheckOpen(session);
        StripePayments.Decline(work, IntentOf(work, session));
    }

    /// <summary>The bank wants the person to confirm.</summary>
    public static void AskBank(StripeWork work, JsonObject session)
    {
        CheckOpen(session);
        StripePayments.AskBank(work, IntentOf(work, session));
    }

    /// <summary>The money of a delayed method arrives, or the bank says that it will not.</summary>
    public static void EndDelayed(StripeWork work, JsonObject session, bool succeeds)
    {
        if (session.Text("status") != "complete" || session.Text("payment_status") != "unpaid" || session.Flag("_failed")) throw StripeException.Invalid($"Checkout Session {session.Id} waits for no payment.");
        if (session.Text("mode") == "payment")
        {
            var intent = work.Get("payment_intent", session.Text("payment_intent")!);
            if (succeeds) StripePayments.Succeed(work, intent);
            else StripePayments.Decline(work, intent);
        }
        else
        {
            var invoice = work.Get("invoice", session.Text("invoice")!);
            if (succeeds) StripeInvoices.Pay(work, invoice);
            else
            {
                StripeInvoices.Fail(work, invoice);
                var subscription = StripeSubscriptions.SubscriptionOf(work, invoice);
                if (subscription.Text("status") == "active") StripeSubscriptions.FallBehind(work, subscription);
            }
        }
        if (succeeds) session["payment_status"] = "paid";
        else session["_failed"] = true;
        work.Put(session);
        work.Tell(succeeds ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", session);
    }

    public static IEnumerable<JsonObject> ItemsOf(JsonObject session) => session["_line_items"]!.AsArray().Select(item => item!.AsObject());

    private static void CheckOpen(JsonObject session)
    {
        if (session.Text("status") != "open") throw StripeException.Invalid($"Only Checkout Sessions with a status in [\"open\"] can do this. This one is {session.Text("status")}.");
    }

    private static bool IsFree(JsonObject session) => session["_subscription_data"] is JsonObject data && data.Number("trial_period_days") > 0;

    private static void Complete(StripeWork work, JsonObject session, string paymentStatus)
    {
        session["status"] = "complete";
        session["payment_status"] = paymentStatus;
        session["url"] = null;
        session["customer_details"] = StripeShapes.CustomerDetails();
        session["customer_details"]!["email"] = session.Text("customer_email") ?? work.Books.Find(session.Text("customer"))?.Text("email");
        session["customer_details"]!["name"] = work.Books.Find(session.Text("customer"))?.Text("name");
        work.Put(session);
        work.Tell("checkout.session.completed", session);
    }

    // Without one a subscription makes a customer of its own, each time anew.
    private static JsonObject? CustomerOf(StripeWork work, JsonObject session)
    {
        if (session.Text("customer") is { } known)
            return work.Get("customer", known, "customer") is { IsDeleted: false } found ? found : throw StripeException.NoSuch("customer", known, "customer", inAddress: true);
        if (session.Text("mode") == "payment" && session.Text("customer_creation") != "always") return null;
        var customer = StripeShapes.Customer(StripeJson.NewId("cus_", 14), work.Now);
        customer["email"] = session.Text("customer_email");
        work.Put(customer);
        work.Tell("customer.created", customer);
        session["customer"] = customer.Id;
        return customer;
    }

    // A declined card leaves its intent for the next try.
    private static JsonObject IntentOf(StripeWork work, JsonObject session)
    {
        if (work.Books.Find(session.Text("_intent")) is { } tried) return tried;
        var data = session["_payment_data"]?.AsObject();
        var intent = StripePayments.Intend(work, session.Text("customer"), session.Number("amount_total"), session.Text("currency")!, data?["metadata"]?.AsObject(), data?.Text("description"));
        session["_intent"] = intent.Id;
        if (session.Text("mode") == "payment") session["payment_intent"] = intent.Id;
        work.Put(session);
        return intent;
    }

    private static JsonObject Subscribe(StripeWork work, JsonObject session, JsonObject customer)
    {
        var items = ItemsOf(session).Where(item => item.Part("price").Text("type") == "recurring").Select(item => (item.Part("price"), item.Number("quantity")));
        var subscription = StripeSubscriptions.Create(work, customer, items, session.Part("_subscription_data"));
        var invoice = StripeInvoices.Bill(work, subscription, "subscription_create");
        session["subscription"] = subscription.Id;
        session["invoice"] = invoice.Id;
        return subscription;
    }

    private static List<JsonObject> Items(StripeWork work, StripeForm form, string mode)
    {
        var given = form.Items("line_items");
        if (given.Count is 0 or > MaxLineItems) throw StripeException.Invalid($"You must provide 1 to {MaxLineItems} line_items.", "line_items", "parameter_missing");
        var items = given.ConvertAll(item => Item(work, item));
        var recurring = items.Count(item => item.Part("price").Text("type") == "recurring");
        if (mode == "payment" && recurring > 0) throw StripeException.Invalid("You specified `payment` mode but passed a recurring price.", "line_items");
        if (mode == "subscription" && recurring < items.Count) throw StripeException.Invalid("The sandbox takes recurring prices alone in `subscription` mode.", "line_items");
        // Kept only now that the whole of it is right.
        foreach (var item in items)
        {
            if (item["_product"] is not JsonObject product) continue;
            if (work.Books.Find(product.Id) is null) work.Put(product.Copy());
            work.Put(item.Part("price").Copy());
            item.Remove("_product");
        }
        return items;
    }

    private static JsonObject Item(StripeWork work, StripeForm form)
    {
        form.Only("price price_data quantity metadata");
        JsonObject? product = null;
        var price = work.Named(form, "price", "price")?.Copy() ?? (form.Has("price_data") ? PriceOf(work, form["price_data"], out product) : null)
            ?? throw StripeException.Invalid($"You must specify either {form.Name}[price] or {form.Name}[price_data].", form.Name, "parameter_missing");
        if (!price.Flag("active")) throw StripeException.Invalid("The price specified is inactive. This field only accepts active prices.", form["price"].Name);
        var quantity = form.Integer("quantity") ?? throw StripeException.Invalid($"Quantity is required. Add `quantity` to `{form.Name}`", form["quantity"].Name, "parameter_missing");
        if (quantity is < 1 or > 999_999) throw StripeException.Invalid("The quantity is 1 to 999999.", form["quantity"].Name);
        var item = StripeShapes.LineItem(StripeJson.NewId("li_"), price.Text("currency")!, price.Number("unit_amount") * quantity, quantity);
        item["description"] = (product ?? work.Books.Find(price.Text("product")))?.Text("name");
        item["metadata"] = form.Metadata();
        if (product is not null)
        {
            item["_product"] = product.Copy();
            // Made for this one purchase, as Stripe does.
            price["active"] = false;
        }
        item["price"] = price;
        return item;
    }

    private static JsonObject PriceOf(StripeWork work, StripeForm form, out JsonObject? product)
    {
        form.Only("currency product product_data recurring tax_behavior unit_amount unit_amount_decimal");
        var currency = form.Required("currency").ToLowerInvariant();
        if (!CurrencyShape().IsMatch(currency)) throw StripeException.Invalid($"Invalid currency: {currency}", form["currency"].Name);
        var amount = form.Integer("unit_amount") ?? throw StripeException.Invalid($"Missing required param: {form["unit_amount"].Name}.", form["unit_amount"].Name, "parameter_missing");
        if (amount is < 0 or > MostAmount) throw StripeException.Invalid("Invalid non-negative integer", form["unit_amount"].Name, "parameter_invalid_integer");
        var recurring = form["recurring"].Only("interval interval_count");
        var interval = recurring.IsThere ? recurring.Word("interval", "day", "week", "month", "year") ?? recurring.Required("interval") : null;
        product = work.Named(form, "product", "product");
        if (product is null)
        {
            var data = form["product_data"].Only("description images metadata name tax_code unit_label");
            product = StripeShapes.Product(StripeJson.NewId("prod_", 14), data.Required("name"), work.Now);
            product["description"] = data.Text("description");
            product["metadata"] = data.Metadata();
            product["active"] = false;
        }
        return StripeShapes.Price(StripeJson.NewId("price_"), product.Id, currency, amount, interval, Math.Clamp(recurring.Integer("interval_count") ?? 1, 1, 36), work.Now);
    }

    private static JsonObject IntentData(StripeForm form)
    {
        if (form.Has("subscription_data")) throw StripeException.Invalid("You can not pass `subscription_data` in `payment` mode.", "subscription_data");
        var data = form["payment_intent_data"].Only("description metadata receipt_email setup_future_usage statement_descriptor_suffix");
        return new() { ["metadata"] = data.Metadata(), ["description"] = data.Text("description") };
    }

    private static JsonObject SubscriptionData(StripeForm form)
    {
        if (form.Has("payment_intent_data")) throw StripeException.Invalid("You can not pass `payment_intent_data` in `subscription` mode.", "payment_intent_data");
        var data = form["subscription_data"].Only("description metadata trial_period_days");
        var days = data.Integer("trial_period_days");
        if (days is < 1 or > MaxTrialDays) throw StripeException.Invalid($"A trial has 1 to {MaxTrialDays} days.", data["trial_period_days"].Name);
        return new() { ["metadata"] = data.Metadata(), ["description"] = data.Text("description"), ["trial_period_days"] = days ?? 0 };
    }

    private static long Expiry(StripeWork work, StripeForm form)
    {
        if (form.Integer("expires_at") is not { } at) return (work.At + Longest).ToUnixTimeSeconds();
        if (at < (work.At + Shortest - Slack).ToUnixTimeSeconds() || at > (work.At + Longest + Slack).ToUnixTimeSeconds())
            throw StripeException.Invalid("The `expires_at` timestamp must be 30 minutes to 24 hours from Checkout Session creation.", "expires_at");
        return at;
    }

    private static void CheckAddress(StripeForm form, string name, string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw StripeException.Invalid("Not a valid URL", form[name].Name, "url_invalid");
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex ReferenceShape();

    [GeneratedRegex("^[a-z]{3}$")]
    private static partial Regex CurrencyShape();
}
