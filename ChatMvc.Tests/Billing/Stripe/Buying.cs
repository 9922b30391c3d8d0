using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>What people who buy do, and what is looked at afterwards.</summary>
public static partial class Buying
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    extension(TestApp app)
    {
        /// <summary>Waits until all events were delivered and worked on.</summary>
        public async Task HeardAllAsync()
        {
            Assert.True(await app.Stripe.SettleAsync(Soon), "Events stayed on their way.");
            await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.WebhookEvents.AnyAsync(e => e.State == WebhookState.Received)), "all events are worked on");
        }

        public Task<List<Purchase>> PurchasesAsync() => app.ReadAsync(db => db.Purchases.AsNoTracking().OrderBy(p => p.Id).ToListAsync());

        public Task<Subscription> SubscriptionAsync() => app.ReadAsync(db => db.Subscriptions.AsNoTracking().SingleAsync());

        public Task<WebhookEvent> EventAsync(string id) => app.ReadAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(e => e.Id == id));

        /// <summary>Runs a job as the engine would, in a scope of its own.</summary>
        public async Task RunAsync<T>(string id = "") where T : class, ChatMvc.Jobs.IJobHandler
        {
            await using var scope = app.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<T>().RunAsync(id, CancellationToken.None);
        }

        public async Task<Reconciliation> ReconcileAsync(DateTimeOffset? since = null)
        {
            await using var scope = app.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<StripeReconciler>().ReconcileAsync(since, CancellationToken.None);
        }

        /// <summary>Calls that made something at this place.</summary>
        public List<StripeCall> Posts(string path) => [.. app.Stripe.Calls.Where(c => c.Method == "POST" && c.Path == path)];

        /// <summary>A person with a running subscription, all news of it heard.</summary>
        public async Task<(Visitor Person, string Subscription)> SubscribedAsync(string name = "Maya")
        {
            var person = await app.SignInAsAsync(name);
            app.Stripe.Pay(await person.ToProAsync());
            await app.HeardAllAsync();
            return (person, (string)app.Stripe.All("subscription")[0]["id"]!);
        }

        /// <summary>A person with a paid top-up of ten dollars; the payment intent of it.</summary>
        public async Task<(Visitor Person, string Payment)> ToppedUpAsync(string name = "Maya")
        {
            var person = await app.SignInAsAsync(name);
            var session = await person.ToTopUpAsync();
            app.Stripe.Pay(session);
            await app.HeardAllAsync();
            return (person, (string)app.Stripe.Find(session)!["payment_intent"]!);
        }
    }

    /// <summary>The session that an answer leads to.</summary>
    public static string SessionIn(Answer answer)
    {
        Assert.True(answer.Status == 303, $"Status {answer.Status}:\n{answer.Text}");
        var session = SessionId().Match(answer.Location!);
        Assert.True(session.Success, answer.Location);
        return session.Value;
    }

    [GeneratedRegex("cs_[A-Za-z0-9_]+")]
    private static partial Regex SessionId();
}

/// <summary>A person at the page of their plan.</summary>
public static class Buyers
{
    extension(Visitor visitor)
    {
        /// <summary>Presses a button of the page of one's plan.</summary>
        public async Task<Answer> PressAsync(string action, params (string Name, string Value)[] fields)
        {
            var page = await visitor.GetAsync("/billing");
            Assert.Equal(200, page.Status);
            var form = page.Document.QuerySelector<IHtmlFormElement>($"form[action='{action}']") ?? throw new InvalidOperationException($"No form {action}:\n{page.Text}");
            return await visitor.SubmitAsync(form, fields);
        }

        /// <summary>Goes to Stripe's page of a top-up; returns its session.</summary>
        public async Task<string> ToTopUpAsync(int dollars = 10) => Buying.SessionIn(await visitor.PressAsync("/billing/topup", ("amount", $"{dollars}")));

        /// <summary>Goes to Stripe's page of Pro; returns its session.</summary>
        public async Task<string> ToProAsync() => Buying.SessionIn(await visitor.PressAsync("/billing/checkout"));

        public async Task<string> BalanceAsync() => (await visitor.GetAsync("/billing")).Document.QuerySelector("#credit-balance")!.TextContent;

        public async Task<string?> PlanAsync() => (await visitor.GetAsync("/billing")).Document.QuerySelector("[data-plan]")!.GetAttribute("data-plan");
    }
}
