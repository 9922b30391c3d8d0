using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

internal static class StripeCustomers
{
    private const string Parameters = "description email expand metadata name phone preferred_locales";
    private static readonly string[] Texts = ["description", "email", "name", "phone"];

    public static JsonObject Create(StripeWork work, StripeForm form)
    {
        var customer = StripeShapes.Customer(StripeJson.NewId("cus_", 14), work.Now);
        Write(customer, form.Only(Parameters));
        work.Put(customer);
        work.Tell("customer.created", customer);
        return customer;
    }

    public static JsonObject Update(StripeWork work, StripeForm form, string id)
    {
        var customer = Living(work, id);
        // On a copy first: a refusal leaves the customer as it was.
        Write(customer.Copy(), form.Only(Parameters));
        return work.Change(customer, "customer.updated", () => Write(customer, form));
    }

    /// <summary>Also cancels what the customer has subscribed to.</summary>
    public static JsonObject Delete(StripeWork work, string id)
    {
        var customer = Living(work, id);
        foreach (var subscription in work.Books.OldestFirst("subscription").Where(s => s.Text("customer") == id && !StripeSubscriptions.IsOver(s)).ToList())
            StripeSubscriptions.End(work, subscription, "cancellation_requested");
        var deleted = work.Put(StripeShapes.Deleted(customer));
        work.Tell("customer.deleted", customer);
        return deleted;
    }

    private static JsonObject Living(StripeWork work, string id) =>
        work.Get("customer", id) is { IsDeleted: false } customer ? customer : throw StripeException.NoSuch("customer", id, "id", inAddress: true);

    private static void Write(JsonObject customer, StripeForm form)
    {
        if (form.Text("email") is { } email && !email.Contains('@', StringComparison.Ordinal))
            throw StripeException.Invalid($"Invalid email address: {email}", "email", "email_invalid");
        foreach (var name in Texts.Where(form.Has)) customer[name] = form.Text(name);
        if (form.Has("metadata")) customer["metadata"] = form.Metadata(customer["metadata"]);
    }
}
