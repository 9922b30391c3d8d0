using System.Text.Json;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>Every object and event of a long life is valid by the vendor's document.</summary>
public class StripeSpecTests : StripeServer
{
    private static readonly string[] Kinds =
        ["customer", "price", "checkout.session", "subscription", "invoice", "invoice_payment", "charge", "refund", "dispute", "billing_portal.session"];

    [SpecFact]
    public async Task Every_object_and_every_event_is_the_documents()
    {
        await LiveAsync();
        var spec = VendorSpec.Load("stripe");
        foreach (var kind in Kinds)
        {
            Assert.NotEmpty(Stripe.All(kind));
            foreach (var obj in Stripe.All(kind)) Check(spec, (bool?)obj["deleted"] == true ? "deleted_" + kind : kind, obj.ToJsonString());
        }
        var schemas = spec.Component("event").GetProperty("x-event-objects");
        foreach (var made in Stripe.Events)
        {
            spec.AssertValid("event", made.ToJsonString());
            if (schemas.TryGetProperty((string)made["type"]!, out var schema)) Check(spec, schema.GetString()!, made["data"]!["object"]!.ToJsonString());
        }
        Assert.True(Stripe.Calls.Count(call => StripeRequestSpec.Check(spec, call)) > 10);
        Assert.True(Stripe.Events.Select(e => (string)e["type"]!).Distinct().Count() > 25);
    }

    private static void Check(JsonSchema spec, string schema, string json)
    {
        spec.AssertValid(schema, json);
        // What the vendor's own library says is always there.
        using var value = JsonDocument.Parse(json);
        if (spec.Component(schema).TryGetProperty("x-sdk-required", out var names))
            Assert.Empty(names.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.RootElement.TryGetProperty(name, out _)).Select(name => $"{schema} lacks {name}"));
    }

    private async Task LiveAsync()
    {
        var (customer, subscription) = await Subscribed();
        Stripe.Renew(subscription);
        Stripe.FailRenewal(subscription);
        Stripe.FailRenewal(subscription);
        Stripe.PayInvoice((await Read($"subscriptions/{subscription}")).Text("latest_invoice"));
        Stripe.CancelAtPeriodEnd(subscription);
        Stripe.CancelAtPeriodEnd(subscription, yes: false);
        Stripe.Pause(subscription);
        Stripe.Resume(subscription);
        await Made("billing_portal/sessions", ("customer", customer), ("return_url", $"{Url}billing"));
        var charge = await Charged();
        Stripe.Refund(charge, 300);
        Stripe.Refund(charge);
        Stripe.RefundFails((await Read("refunds")).Data()[0].Id());
        Stripe.Dispute(await Charged());
        Stripe.CloseDispute((await Read("disputes")).Data()[0].Id(), "won");
        foreach (var form in new[] { ForPro(customer), ForCredit(customer), ForCredit(customer) })
        {
            var session = (await Made("checkout/sessions", form)).Id();
            Stripe.Decline(session);
            Stripe.PayLater(session);
            if (form.Contains(("mode", "subscription"))) Stripe.DelayedFails(session);
            else Stripe.DelayedSucceeds(session);
        }
        var late = (await Read($"subscriptions", ("status", "past_due"))).Data().Single().Id();
        Stripe.GiveUp(late, "unpaid");
        Stripe.Expire((await Made("checkout/sessions", ForCredit(customer))).Id());
        Assert.Equal(200, (await Call(HttpMethod.Delete, $"customers/{customer}", null)).Status);
    }
}
