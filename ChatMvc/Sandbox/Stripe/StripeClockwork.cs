using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>What happens because time has gone by: checkouts expire, periods end.</summary>
internal static class StripeClockwork
{
    /// <summary>Periods that are made up for at once, after a long absence.</summary>
    private const int MaxPeriods = 24;

    public static void CatchUp(StripeWork work)
    {
        foreach (var session in work.Books.OldestFirst("checkout.session").Where(s => s.Text("status") == "open" && s.Number("expires_at") <= work.Now).ToList())
            StripeCheckout.Expire(work, session);
        foreach (var subscription in work.Books.OldestFirst("subscription").Where(s => IsDue(work, s)).ToList()) MoveOn(work, subscription);
    }

    private static void MoveOn(StripeWork work, JsonObject subscription)
    {
        try
        {
            for (var periods = 0; periods < MaxPeriods && IsDue(work, subscription); periods++)
                StripeSubscriptions.Renew(work, subscription, CardWorks(work, subscription));
        }
        catch (StripeException)
        {
            // What it hangs on has made room for newer things; the others go on.
        }
    }

    private static bool CardWorks(StripeWork work, JsonObject subscription) => !work.Get("customer", subscription.Text("customer")!).Flag("_card_broken");

    // What is past due or paused is moved on by steering alone.
    private static bool IsDue(StripeWork work, JsonObject subscription) => subscription.Text("status") is "active" or "trialing"
        && StripeSubscriptions.PeriodEnd(subscription) <= work.Now && work.Books.Find(subscription.Text("customer")) is { IsDeleted: false };
}
