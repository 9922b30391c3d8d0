using System.Globalization;
using ChatMvc.Shared;

namespace ChatMvc.Billing.Stripe;

/// <summary>What Pro costs, as Stripe has it. Asked for at most once an hour, and never waited for longer than a moment.</summary>
public sealed class ProPrice(IServiceScopeFactory scopes, Upstreams upstreams, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);
    /// <summary>A page does without it rather than wait longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private string? words;
    private DateTimeOffset renewAt = DateTimeOffset.MinValue;
    private Task renewal = Task.CompletedTask;

    /// <summary>Such as <c>$20.00 a month</c>; null while it is not known.</summary>
    public async Task<string?> InWordsAsync()
    {
        var renewing = RenewWhenDue();
        if (words is null) await Task.WhenAny(renewing, Task.Delay(Patience));
        return words;
    }

    private Task RenewWhenDue()
    {
        lock (gate)
        {
            if (renewal.IsCompleted && time.GetUtcNow() >= renewAt) renewal = RenewAsync();
            return renewal;
        }
    }

    private async Task RenewAsync()
    {
        renewAt = time.GetUtcNow() + RetryAfterFailure;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            words = InWords(await scope.ServiceProvider.GetRequiredService<StripeClient>().PriceAsync(upstreams.Stripe.ProPriceId, CancellationToken.None));
            renewAt = time.GetUtcNow() + Fresh;
        }
        catch (StripeException)
        {
            // Logged by the client. The page says "Stripe tells the price before you pay".
        }
    }

    private static string? InWords(PriceObject price)
    {
        if (price is not { UnitAmount: { } cents, Currency: { } currency, Recurring: { } period }) return null;
        var amount = currency == "usd" ? Usd.OfCents(cents).ToString() : $"{(cents / 100m).ToString("0.00", CultureInfo.InvariantCulture)} {currency.ToUpperInvariant()}";
        return $"{amount} {(period.IntervalCount == 1 ? $"a {period.Interval}" : $"every {period.IntervalCount} {period.Interval}s")}";
    }
}
