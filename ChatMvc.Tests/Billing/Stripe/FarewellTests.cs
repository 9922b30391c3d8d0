using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>Whoever deletes the account pays no more.</summary>
public sealed class FarewellTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task The_subscription_is_cancelled_the_customer_deleted_and_open_pages_closed()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        var page = await maya.ToTopUpAsync();

        await DeleteAsync(maya);
        await GoneAsync();
        await app.HeardAllAsync();

        Assert.Equal("canceled", (string)app.Stripe.Find(subscription)!["status"]!);
        Assert.Equal("expired", (string)app.Stripe.Find(page)!["status"]!);
        Assert.True((bool)app.Stripe.Find((string)app.Stripe.Find(subscription)!["customer"]!)!["deleted"]!);
        Assert.Equal("canceled", (await app.SubscriptionAsync()).Status);
        Assert.Empty(await app.ReadAsync(db => db.WebhookEvents.Where(e => e.State == WebhookState.Parked || e.State == WebhookState.Failed).ToListAsync()));
    }

    [Fact]
    public async Task The_page_says_what_becomes_of_the_subscription_and_of_the_credit()
    {
        using (var noor = await app.SignInAsAsync("Noor"))
            Assert.DoesNotContain("subscription", (await noor.GetAsync("/account/delete")).Document.QuerySelector(".goes")!.TextContent, StringComparison.Ordinal);
        var (maya, _) = await app.SubscribedAsync();
        using var __ = maya;
        await app.CreditAsync("Maya", 3);
        var goes = (await maya.GetAsync("/account/delete")).Document.QuerySelector(".goes")!.TextContent;
        Assert.Contains("Your subscription is cancelled at once", goes, StringComparison.Ordinal);
        Assert.Contains("$3.00", goes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_tried_until_it_is_done()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, ShouldRetry = false };
        await DeleteAsync(maya);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.Stripe.Calls.Any(c => c.Method == "DELETE")), "it was tried");
        Assert.Equal(1, await app.ReadAsync(db => db.StripeCustomers.CountAsync()));
        Assert.Equal("active", (string)app.Stripe.Find(subscription)!["status"]!);

        // It is cancelled, and the answer lost: the next attempt finds it gone.
        app.Stripe.Reset();
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, ShouldRetry = false, Done = true, Method = "DELETE", Times = 2 };
        for (var i = 0; i < 3; i++) await app.RunAsync<StripeFarewell>("1");

        await GoneAsync();
        Assert.Equal("canceled", (string)app.Stripe.Find(subscription)!["status"]!);
    }

    [Fact]
    public async Task A_farewell_whose_job_was_lost_is_taken_up_by_the_sweep()
    {
        var (maya, subscription) = await app.SubscribedAsync();
        using var _ = maya;
        await app.SqlAsync("UPDATE Users SET DeletedAt = 1, Phone = 'deleted-1'");
        await app.RunAsync<StripeSweep>();
        await GoneAsync();
        Assert.Equal("canceled", (string)app.Stripe.Find(subscription)!["status"]!);
    }

    private Task GoneAsync() => Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.StripeCustomers.AnyAsync()), "the person is off Stripe");

    private static async Task DeleteAsync(Visitor visitor)
    {
        var asked = await visitor.SubmitAsync((IHtmlFormElement)(await visitor.GetAsync("/account/delete")).Document.QuerySelector("form[action='/account/delete']")!);
        var code = await visitor.GetAsync(asked.Location!);
        var digits = code.Document.QuerySelector("#sandbox-code")!.TextContent;
        var token = ((IHtmlInputElement)code.Document.QuerySelector("[name=__RequestVerificationToken]")!).Value;
        Assert.Equal(303, (await visitor.SendAsync(HttpMethod.Post, "/account/delete", new() { ["code"] = digits, ["__RequestVerificationToken"] = token }, [])).Status);
    }
}
