using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>Buying, from the button to what one has for it.</summary>
public sealed class CheckoutTests
{
    [Fact]
    public async Task A_top_up_that_is_paid_is_credit_once()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal("$0.00", await maya.BalanceAsync());

        var session = await maya.ToTopUpAsync(25);
        Assert.Equal("$0.00", await maya.BalanceAsync());
        app.Stripe.Pay(session);
        await app.HeardAllAsync();

        Assert.Equal("$25.00", await maya.BalanceAsync());
        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal((LedgerKind.TopUp, 25_000_000, false, (string)app.Stripe.Find(session)!["payment_intent"]!), (entry.Kind, entry.AmountMicros, entry.LiveMode, entry.Reference!));
        var purchase = Assert.Single(await app.PurchasesAsync());
        Assert.Equal((PurchaseState.Paid, session), (purchase.State, purchase.SessionId));
        var done = await maya.GetAsync($"/billing/done?session_id={session}");
        Assert.Contains("Your credit is there", done.Text, StringComparison.Ordinal);
        Assert.NotNull(purchase.ReceiptUrl);
        Assert.Contains(purchase.ReceiptUrl, done.Text, StringComparison.Ordinal);
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task From_the_limit_to_Pro_and_back_to_Basic()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        var refused = await maya.SayAsync(chat, "Two");
        Assert.Equal((429, "/billing"), (refused.Status, refused.Document.QuerySelector("[data-notice=limit] a")!.GetAttribute("href")));

        var toStripe = await maya.PressAsync("/billing/checkout");
        var paid = await AtStripeAsync(maya, toStripe.Location!, ("outcome", "pay"));
        Assert.StartsWith("/billing/done?session_id=cs_", new Uri(paid.Location!).PathAndQuery, StringComparison.Ordinal);
        var done = await maya.GetAsync(paid.Location!);
        Assert.Contains("You are Pro", done.Text, StringComparison.Ordinal);
        Assert.Equal("pro", await maya.PlanAsync());
        await app.HeardAllAsync();
        Assert.Contains("Renews on", (await maya.GetAsync("/billing")).Text, StringComparison.Ordinal);

        var portal = await maya.PressAsync("/billing/portal");
        var subscription = (await app.SubscriptionAsync()).Id;
        await AtStripeAsync(maya, portal.Location!, ("do", "cancel-at-end"), ("subscription", subscription));
        await app.HeardAllAsync();
        Assert.Equal("pro", await maya.PlanAsync());
        Assert.Contains("Ends on", (await maya.GetAsync("/billing")).Text, StringComparison.Ordinal);

        app.Time.Advance((await app.SubscriptionAsync()).CancelAt!.Value - app.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        using var later = await app.SignInAsAsync("Maya");
        Assert.Equal("basic", await later.PlanAsync());
        await app.HeardAllAsync();
        Assert.Equal("basic", await later.PlanAsync());
    }

    [Fact]
    public async Task The_success_page_asks_Stripe_itself_when_no_event_comes()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Hold();
        var session = await maya.ToTopUpAsync();
        var waiting = await maya.GetAsync($"/billing/done?session_id={session}");
        Assert.Contains("Waiting for Stripe", waiting.Text, StringComparison.Ordinal);
        Assert.Contains("look=1", waiting.Document.QuerySelector("meta[http-equiv=refresh]")!.GetAttribute("content"), StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());
        app.Stripe.Pay(session);

        var done = await maya.GetAsync($"/billing/done?session_id={session}");

        Assert.Contains("Your credit is there", done.Text, StringComparison.Ordinal);
        Assert.Null(done.Document.QuerySelector("meta[http-equiv=refresh]"));
        Assert.Equal("$10.00", await maya.BalanceAsync());
        app.Stripe.Release();
        await app.HeardAllAsync();
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task The_success_page_stops_looking_and_says_what_to_do()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();

        var last = await maya.GetAsync($"/billing/done?session_id={session}&look=60");

        Assert.Null(last.Document.QuerySelector("meta[http-equiv=refresh]"));
        Assert.Contains("nothing is lost", last.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anothers_session_is_not_found_and_grants_nothing()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        app.Stripe.Hold();
        var session = await maya.ToTopUpAsync();
        app.Stripe.Pay(session);

        Assert.Equal(404, (await noor.GetAsync($"/billing/done?session_id={session}")).Status);
        Assert.Equal(404, (await noor.GetAsync("/billing/done?session_id=cs_test_made_up")).Status);
        Assert.Equal(404, (await noor.GetAsync("/billing/done")).Status);

        Assert.Empty(await app.LedgerAsync());
        Assert.Equal("$0.00", await noor.BalanceAsync());
    }

    [Fact]
    public async Task Many_tabs_lead_to_one_page_under_one_key()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var page = await maya.GetAsync("/billing");
        var form = page.Document.QuerySelector<IHtmlFormElement>("form[action='/billing/checkout']")!;

        var pressed = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => maya.SubmitAsync(form)));
        var again = await maya.PressAsync("/billing/checkout");

        Assert.Single(pressed.Append(again).Select(Buying.SessionIn).Distinct());
        Assert.Single(app.Posts("checkout/sessions").Select(c => c.IdempotencyKey).Distinct());
        Assert.Single(app.Posts("customers").Select(c => c.IdempotencyKey).Distinct());
        Assert.Single(app.Stripe.All("checkout.session"));
        Assert.Single(app.Stripe.All("customer"));
        Assert.Single(await app.PurchasesAsync());
    }

    [Fact]
    public async Task A_tab_that_presses_after_the_other_has_paid_is_told_so_and_nobody_pays_twice()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/billing")).Document.QuerySelector<IHtmlFormElement>("form[action='/billing/checkout']")!;
        app.Stripe.Hold();
        var session = Buying.SessionIn(await maya.SubmitAsync(form));
        app.Stripe.Pay(session);

        var second = await maya.SubmitAsync(form);
        var third = await maya.SubmitAsync(form);

        Assert.Equal($"/billing/done?session_id={session}", second.Location);
        Assert.Equal("/billing?notice=pro", third.Location);
        Assert.Contains("subscription already", (await maya.GetAsync(third.Location!)).Notice("info"), StringComparison.Ordinal);
        Assert.Single(app.Stripe.All("subscription"));
        Assert.Null((await maya.GetAsync("/billing")).Document.QuerySelector("form[action='/billing/checkout']"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stripe_in_trouble_is_a_notice_and_pressing_again_asks_for_the_same(bool done)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, Path = "checkout/sessions", Done = done, ShouldRetry = false };

        var down = await maya.PressAsync("/billing/topup", ("amount", "10"));
        app.Stripe.Reset();
        var session = await maya.ToTopUpAsync();

        Assert.Equal(503, down.Status);
        Assert.StartsWith("Stripe cannot be reached right now. Nothing was charged.", down.Notice("error"));
        Assert.Single(app.Posts("checkout/sessions").Select(c => c.IdempotencyKey).Distinct());
        Assert.Equal(session, Assert.Single(app.Stripe.All("checkout.session"))["id"]!.ToString());
        Assert.Single(await app.PurchasesAsync());
    }

    [Fact]
    public async Task An_answer_that_is_lost_is_asked_for_again_under_the_same_key()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, Path = "checkout/sessions", Done = true };

        var session = await maya.ToTopUpAsync();

        Assert.Equal(2, app.Posts("checkout/sessions").Count);
        Assert.Equal(session, Assert.Single(app.Stripe.All("checkout.session"))["id"]!.ToString());
    }

    [Fact]
    public async Task A_silent_Stripe_is_given_up_and_the_next_press_asks_for_the_same()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Behaviour = new StripeBehaviour { Hang = true, Path = "checkout/sessions", Done = true };

        var silent = await maya.PressAsync("/billing/topup", ("amount", "10"));
        app.Stripe.Reset();
        await maya.ToTopUpAsync();

        Assert.Equal(503, silent.Status);
        Assert.Single(app.Stripe.All("checkout.session"));
        Assert.Single(await app.PurchasesAsync());
    }

    [Fact]
    public async Task A_fault_that_Stripe_keeps_under_a_key_does_not_stand_in_the_way_for_good()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, Path = "checkout/sessions", Kept = true, Times = 1 };

        Assert.Equal(503, (await maya.PressAsync("/billing/topup", ("amount", "10"))).Status);
        app.Stripe.Reset();
        await maya.ToTopUpAsync();

        Assert.Equal(2, app.Posts("checkout/sessions").Select(c => c.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task A_passing_fault_is_not_noticed()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        foreach (var status in new[] { 409, 429, 503 })
        {
            app.Stripe.Behaviour = new StripeBehaviour { Status = status, Times = 1 };
            await maya.ToTopUpAsync(status == 409 ? 5 : status == 429 ? 10 : 25);
        }
        Assert.Equal(3, app.Stripe.All("checkout.session").Count);
    }

    [Fact]
    public async Task What_Stripe_forbids_to_repeat_is_not_repeated()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Behaviour = new StripeBehaviour { Status = 500, ShouldRetry = false, Path = "customers" };

        Assert.Equal(503, (await maya.PressAsync("/billing/topup", ("amount", "10"))).Status);

        Assert.Single(app.Posts("customers"));
    }

    [Theory]
    [InlineData("11")]
    [InlineData("-10")]
    [InlineData("0")]
    [InlineData("1e1")]
    [InlineData("10,0")]
    [InlineData("")]
    [InlineData("99999999999999999999999")]
    public async Task An_amount_that_is_not_offered_is_refused(string amount)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");

        var refused = await maya.PressAsync("/billing/topup", ("amount", amount));

        Assert.Equal((422, "Choose one of the amounts."), (refused.Status, refused.Notice("error")));
        Assert.Empty(app.Stripe.Calls);
        Assert.Empty(await app.PurchasesAsync());
    }

    [Fact]
    public async Task The_amounts_offered_are_those_of_the_settings()
    {
        await using var app = await TestApp.StartAsync("Credit:TopUps=3,7.5");
        using var maya = await app.SignInAsAsync("Maya");

        var session = Buying.SessionIn(await maya.PressAsync("/billing/topup", ("amount", "7.5")));

        Assert.Equal(750, (long)app.Stripe.Find(session)!["amount_total"]!);
        Assert.Equal(422, (await maya.PressAsync("/billing/topup", ("amount", "10"))).Status);
    }

    [Fact]
    public async Task The_page_of_the_plan_lets_its_forms_lead_to_Stripe_and_no_other_page_does()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");

        var billing = (await maya.GetAsync("/billing")).Header("Content-Security-Policy");
        var refused = (await maya.PressAsync("/billing/topup", ("amount", "1"))).Header("Content-Security-Policy");

        Assert.All([billing, refused], policy => Assert.Contains($"form-action 'self' http://127.0.0.1:{app.Address.Port};", policy, StringComparison.Ordinal));
        Assert.Contains("form-action 'self';", (await maya.GetAsync("/account")).Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customer_who_was_deleted_at_Stripe_is_made_anew()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.ToTopUpAsync(5);
        var lost = await app.ReadAsync(db => db.StripeCustomers.Select(c => c.Id).SingleAsync());
        await DeleteAtStripeAsync(app, lost);

        var session = await maya.ToTopUpAsync(25);
        app.Stripe.Pay(session);
        await app.HeardAllAsync();

        Assert.NotEqual(lost, await app.ReadAsync(db => db.StripeCustomers.Select(c => c.Id).SingleAsync()));
        Assert.Equal("$25.00", await maya.BalanceAsync());
    }

    [Fact]
    public async Task A_page_that_is_over_is_replaced_by_a_new_one()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var first = await maya.ToTopUpAsync();
        app.Stripe.Hold();
        app.Stripe.Expire(first);

        var second = await maya.ToTopUpAsync();

        Assert.NotEqual(first, second);
        Assert.Equal([PurchaseState.Expired, PurchaseState.Open], (await app.PurchasesAsync()).Select(p => p.State));
        Assert.Contains("This page is over", (await maya.GetAsync($"/billing/done?session_id={first}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_comes_back_without_paying_is_told_that_nothing_was_charged()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var session = await maya.ToTopUpAsync();
        var back = new Uri((string)app.Stripe.Find(session)!["cancel_url"]!);

        Assert.Equal("/billing?notice=cancelled", back.PathAndQuery);
        Assert.Equal("Nothing was bought and nothing was charged.", (await maya.GetAsync(back.PathAndQuery)).Notice("info"));
    }

    [Fact]
    public async Task Without_selling_there_is_nothing_of_it()
    {
        await using var app = await TestApp.StartAsync("Billing:Provider=none", "SignUp:Mode=open");
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(404, (await maya.GetAsync("/billing")).Status);
        var token = (await maya.GetAsync("/account")).Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value;
        foreach (var path in new[] { "/billing/checkout", "/billing/topup", "/billing/portal" })
            Assert.NotEqual(200, (await maya.SendAsync(HttpMethod.Post, path, new() { ["__RequestVerificationToken"] = token, ["amount"] = "10" }, [])).Status);
        Assert.InRange((await maya.SendAsync(HttpMethod.Post, "/webhooks/stripe", [], [])).Status, 404, 405);
    }

    private static async Task<Answer> AtStripeAsync(Visitor visitor, string page, params (string Name, string Value)[] fields) =>
        await visitor.SendAsync(HttpMethod.Post, page, fields.ToDictionary(f => f.Name, f => f.Value), []);

    private static async Task DeleteAtStripeAsync(TestApp app, string customer)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(app.Address, $"/sandbox/stripe/v1/customers/{customer}")) { Headers = { { "Authorization", $"Bearer {SandboxStripe.SecretKey}" } } };
        Assert.Equal(200, (int)(await http.SendAsync(request)).StatusCode);
    }
}
