using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>The life of a subscription.</summary>
internal static class StripeSubscriptions
{
    private const string UpdateParameters = "cancel_at_period_end cancellation_details description expand metadata";
    private const string CancelParameters = "cancellation_details expand invoice_now prorate";
    private const string Feedback = "customer_service low_quality missing_features other switched_service too_complex too_expensive unused";

    public static bool IsOver(JsonObject subscription) => subscription.Text("status") is "canceled" or "incomplete_expired";

    /// <summary>Made incomplete, before its first payment.</summary>
    public static JsonObject Create(StripeWork work, JsonObject customer, IEnumerable<(JsonObject Price, long Quantity)> items, JsonObject data)
    {
        var bought = items.ToList();
        var subscription = StripeShapes.Subscription(StripeJson.NewId("sub_"), customer.Id, bought[0].Price.Text("currency")!, work.Now);
        var end = EndOfPeriod(subscription, bought[0].Price, work.Now);
        if (data.Number("trial_period_days") is > 0 and var days)
        {
            end = work.At.AddDays(days).ToUnixTimeSeconds();
            subscription["status"] = "trialing";
            subscription["trial_start"] = work.Now;
            subscription["trial_end"] = end;
            subscription["billing_cycle_anchor"] = end;
        }
        var list = subscription["items"]!["data"]!.AsArray();
        foreach (var (price, quantity) in bought)
            list.Add(StripeShapes.SubscriptionItem(StripeJson.NewId("si_", 14), subscription.Id, price, quantity, work.Now, end));
        subscription["metadata"] = data["metadata"]!.DeepClone();
        subscription["description"] = data.Text("description");
        work.Put(subscription);
        work.Tell("customer.subscription.created", subscription);
        return subscription;
    }

    public static void Activate(StripeWork work, JsonObject subscription)
    {
        if (subscription.Text("status") != "active") Become(work, subscription, "active");
    }

    /// <summary>POST /v1/subscriptions/{id}.</summary>
    public static JsonObject Update(StripeWork work, StripeForm form, string id)
    {
        var subscription = work.Get("subscription", id);
        form.Only(UpdateParameters);
        var (atEnd, metadata) = (form.Flag("cancel_at_period_end"), form.Metadata(subscription["metadata"]));
        var details = Details(form);
        if (IsOver(subscription) && atEnd is not null) throw StripeException.Invalid("A canceled subscription can only update its cancellation_details and metadata.");
        return work.Change(subscription, "customer.subscription.updated", () =>
        {
            subscription["metadata"] = metadata;
            if (form.Has("description")) subscription["description"] = form.Text("description");
            if (atEnd is { } end) PlanEnd(work, subscription, end);
            details(subscription);
        });
    }

    /// <summary>DELETE /v1/subscriptions/{id}: at once.</summary>
    public static JsonObject Cancel(StripeWork work, StripeForm form, string id)
    {
        var subscription = work.Get("subscription", id);
        if (IsOver(subscription)) throw StripeException.NoSuch("subscription", id, "id", inAddress: true);
        Details(form.Only(CancelParameters))(subscription);
        return End(work, subscription, "cancellation_requested");
    }

    public static JsonObject EndWithPeriod(StripeWork work, JsonObject subscription, bool yes) =>
        work.Change(Running(subscription), "customer.subscription.updated", () => PlanEnd(work, subscription, yes));

    public static JsonObject End(StripeWork work, JsonObject subscription, string reason)
    {
        subscription["status"] = "canceled";
        subscription["canceled_at"] ??= work.Now;
        subscription["ended_at"] = work.Now;
        subscription["cancellation_details"]!["reason"] = reason;
        work.Put(subscription);
        work.Tell("customer.subscription.deleted", subscription);
        return subscription;
    }

    /// <summary>The period is over: it ends with it where that is planned, and is paid for the next otherwise.</summary>
    /// <param name="work">The work.</param>
    /// <param name="subscription">One that runs.</param>
    /// <param name="pays">Whether the card does.</param>
    public static void Renew(StripeWork work, JsonObject subscription, bool pays)
    {
        Running(subscription);
        if (subscription.Flag("cancel_at_period_end"))
        {
            End(work, subscription, "cancellation_requested");
            return;
        }
        if (!pays && subscription.Text("status") == "past_due" && Open(work, subscription) is { } open)
        {
            StripeInvoices.Fail(work, open);
            return;
        }
        var afterTrial = subscription.Text("status") == "trialing";
        work.Change(subscription, "customer.subscription.updated", () =>
        {
            MovePeriod(subscription);
            if (afterTrial) subscription["status"] = "active";
        });
        var invoice = StripeInvoices.Bill(work, subscription, "subscription_cycle");
        if (pays)
        {
            StripeInvoices.Pay(work, invoice);
            Activate(work, subscription);
            return;
        }
        StripeInvoices.Fail(work, invoice);
        Become(work, subscription, "past_due");
    }

    /// <summary>An open invoice is paid after all.</summary>
    public static void Settle(StripeWork work, JsonObject invoice)
    {
        if (invoice.Text("status") is not ("open" or "uncollectible")) throw StripeException.Invalid($"Invoice {invoice.Id} is not open.", code: "invoice_not_editable");
        StripeInvoices.Pay(work, invoice);
        var subscription = SubscriptionOf(work, invoice);
        if (subscription.Text("status") is "past_due" or "unpaid" or "incomplete" && subscription.Text("latest_invoice") == invoice.Id) Activate(work, subscription);
    }

    /// <summary>A card that works, with which what is open is paid.</summary>
    public static void ChangeCard(StripeWork work, JsonObject customer)
    {
        work.Change(customer, "customer.updated", () =>
        {
            customer["_card_broken"] = false;
            customer["invoice_settings"]!["default_payment_method"] = StripeJson.NewId("pm_");
        });
        foreach (var subscription in work.Books.OldestFirst("subscription").Where(s => s.Text("customer") == customer.Id && !IsOver(s)).ToList())
        {
            if (Open(work, subscription) is { } open) Settle(work, open);
        }
    }

    /// <summary>No more tries.</summary>
    /// <param name="work">The work.</param>
    /// <param name="subscription">One that is past due.</param>
    /// <param name="outcome">unpaid or canceled, as the dashboard’s setting has it.</param>
    public static void GiveUp(StripeWork work, JsonObject subscription, string outcome)
    {
        if (outcome is not ("unpaid" or "canceled")) throw StripeException.Invalid("It becomes unpaid or canceled.");
        if (subscription.Text("status") != "past_due") throw StripeException.Invalid($"Subscription {subscription.Id} is not past due.");
        if (outcome == "unpaid")
        {
            Become(work, subscription, "unpaid");
            return;
        }
        if (Open(work, subscription) is { } open) StripeInvoices.GiveUp(work, open);
        End(work, subscription, "payment_failed");
    }

    public static void Pause(StripeWork work, JsonObject subscription) => Become(work, Running(subscription), "paused", "customer.subscription.paused");

    public static void Resume(StripeWork work, JsonObject subscription)
    {
        if (subscription.Text("status") != "paused") throw StripeException.Invalid($"Subscription {subscription.Id} is not paused.");
        Become(work, subscription, "active", "customer.subscription.resumed");
    }

    public static void FallBehind(StripeWork work, JsonObject subscription) => Become(work, subscription, "past_due");

    public static JsonObject SubscriptionOf(StripeWork work, JsonObject invoice) =>
        work.Get("subscription", invoice.Part("parent").Part("subscription_details").Text("subscription")!);

    /// <summary>The newest invoice of a subscription that waits for its payment.</summary>
    public static JsonObject? Open(StripeWork work, JsonObject subscription) =>
        work.Books.Find(subscription.Text("latest_invoice")) is { } invoice && invoice.Text("status") == "open" ? invoice : null;

    public static long PeriodEnd(JsonObject subscription) => subscription.Part("items").Data().First().Number("current_period_end");

    private static void Become(StripeWork work, JsonObject subscription, string status, string type = "customer.subscription.updated") =>
        work.Change(subscription, type, () => subscription["status"] = status);

    private static JsonObject Running(JsonObject subscription) => IsOver(subscription) || subscription.Text("status") is "paused"
        ? throw StripeException.Invalid($"Subscription {subscription.Id} is {subscription.Text("status")}.")
        : subscription;

    private static void PlanEnd(StripeWork work, JsonObject subscription, bool yes)
    {
        if (subscription.Flag("cancel_at_period_end") == yes) return;
        subscription["cancel_at_period_end"] = yes;
        subscription["cancel_at"] = yes ? PeriodEnd(subscription) : null;
        subscription["canceled_at"] = yes ? work.Now : null;
        subscription["cancellation_details"]!["reason"] = yes ? "cancellation_requested" : null;
    }

    private static Action<JsonObject> Details(StripeForm form)
    {
        var details = form["cancellation_details"].Only("comment feedback");
        var (comment, feedback) = (details.Text("comment"), details.Word("feedback", Feedback.Split(' ')));
        return subscription =>
        {
            if (details.Has("comment")) subscription["cancellation_details"]!["comment"] = comment;
            if (details.Has("feedback")) subscription["cancellation_details"]!["feedback"] = feedback;
        };
    }

    private static void MovePeriod(JsonObject subscription)
    {
        foreach (var item in subscription.Part("items").Data())
        {
            var start = item.Number("current_period_end");
            item["current_period_start"] = start;
            item["current_period_end"] = EndOfPeriod(subscription, item.Part("price"), start);
        }
    }

    // Counted from the first day, so that the 31st comes back after a February.
    private static long EndOfPeriod(JsonObject subscription, JsonObject price, long start)
    {
        var anchor = DateTimeOffset.FromUnixTimeSeconds(subscription.Number("billing_cycle_anchor"));
        var recurring = price.Part("recurring");
        var (interval, every) = (recurring.Text("interval"), (int)recurring.Number("interval_count"));
        for (var periods = every; ; periods += every)
        {
            var end = interval switch
            {
                "day" => anchor.AddDays(periods),
                "week" => anchor.AddDays(7 * periods),
                "month" => anchor.AddMonths(periods),
                _ => anchor.AddYears(periods),
            };
            if (end.ToUnixTimeSeconds() > start) return end.ToUnixTimeSeconds();
        }
    }
}
