using ChatMvc.Billing;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Stripe;

/// <summary>From the limit on: what was bought counts with the next message, in the same session.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=1");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task The_event_of_a_payment_lets_the_next_message_through_and_the_end_brings_the_limit_back_at_once()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await AtTheLimitAsync(maya);

        app.Stripe.Pay(await maya.ToProAsync());
        await app.HeardAllAsync();

        foreach (var text in new[] { "Two", "Three" })
        {
            Assert.Equal(303, (await maya.SayAsync(chat, text)).Status);
            Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        }
        app.Stripe.Cancel((await app.SubscriptionAsync()).Id);
        await app.HeardAllAsync();
        Assert.Equal(429, (await maya.SayAsync(chat, "Four")).Status);
    }

    [Fact]
    public async Task Credit_that_was_bought_pays_for_the_next_message()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await AtTheLimitAsync(maya);

        app.Stripe.Pay(await maya.ToTopUpAsync());
        await app.HeardAllAsync();

        Assert.Equal(303, (await maya.SayAsync(chat, "Two")).Status);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        var left = await app.ReadAsync(db => app.Services.GetRequiredService<ChatMvc.Billing.Ledger.CreditLedger>().BalanceAsync(db, 1));
        Assert.True(left > Usd.Zero && left < Usd.OfCents(1_000), $"{left}");
    }

    private static async Task<string> AtTheLimitAsync(Visitor visitor)
    {
        var chat = await visitor.StartChatAsync("One");
        await visitor.LastAnswerAsync(chat);
        Assert.Equal(429, (await visitor.SayAsync(chat, "Two")).Status);
        return chat;
    }
}
