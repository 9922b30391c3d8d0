using ChatMvc.Accounts;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Usage;
using ChatMvc.Completions;
using ChatMvc.Completions.Models;
using ChatMvc.Data;

namespace ChatMvc.Billing;

/// <summary>
/// The one rule of who pays: Pro, then the free allowance, then credit; within the person's budget and the operator's
/// ceilings whoever it is. What an answer may use is bounded by what is covered.
/// </summary>
public sealed class Payers(
    Allowance allowance, Plans plans, CreditLedger ledger, Spending spending, MonthlyCost months, CompletionBooks books, ModelList models,
    CreditSettings credit)
{
    /// <summary>An answer that could not have this many tokens is refused rather than cut short.</summary>
    public const int ShortestAnswer = 256;

    /// <summary>Decides for one answer. To be called inside the transaction that stores it.</summary>
    /// <param name="db">Inside a write.</param>
    /// <param name="me">Who asks.</param>
    /// <param name="model">Which model.</param>
    /// <param name="promptTokens">Our upper estimate.</param>
    /// <param name="answerTokens">As many as there may be.</param>
    /// <param name="today">What is spent.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<(Cover? Cover, Uncovered? Refusal)> CoverAsync(
        ChatDb db, User me, string model, int promptTokens, int answerTokens, SpentToday today, CancellationToken cancellation)
    {
        var request = new Estimate(books.PriceNow(model, promptTokens), promptTokens, answerTokens);
        var (payer, state) = await PayerAsync(db, me, model, cancellation);
        if (payer == Payer.Credit && request.Price is null) return (null, NoCreditFor(model, state));
        var limits = await LimitsAsync(db, me, model, payer, request, state, today, cancellation);
        foreach (var limit in limits)
            if (!limit.Covers(request.Cut(ShortestAnswer))) return (null, limit.Refusal);
        foreach (var limit in limits) request = request.Cut(limit.MostAnswerTokens(request));
        return (new Cover(payer, promptTokens, request.Answer, request.Cost(), payer == Payer.Credit ? request.Cost(credit.Markup) : null), null);
    }

    /// <summary>Who would pay for the next message, before it is sent.</summary>
    /// <returns>The payer, the allowance where there is one, and the credit.</returns>
    public async Task<Standing> StandingAsync(ChatDb db, User me, string model, CancellationToken cancellation = default)
    {
        var (payer, state) = await PayerAsync(db, me, model, cancellation);
        return new Standing(payer, state, payer == Payer.Credit ? await ledger.BalanceAsync(db, me.Id) : Usd.Zero);
    }

    private async Task<(Payer, AllowanceState?)> PayerAsync(ChatDb db, User me, string model, CancellationToken cancellation)
    {
        if (!allowance.Applies) return (Payer.Operator, null);
        if (await plans.IsProAsync(db, me)) return (Payer.Pro, null);
        var state = await allowance.OfAsync(db, me.Id, cancellation);
        return models.IsBasic(model) && !state!.IsUsedUp ? (Payer.Allowance, state) : (Payer.Credit, state);
    }

    private async Task<List<Limit>> LimitsAsync(
        ChatDb db, User me, string model, Payer payer, Estimate request, AllowanceState? state, SpentToday today, CancellationToken cancellation)
    {
        var markup = payer == Payer.Credit ? credit.Markup : 1;
        var limits = new List<Limit>(4)
        {
            new(spending.PersonCeiling - today.Person, 1, new Uncovered.CeilingReached(IsServer: false, spending.Tomorrow)),
            new(spending.ServerCeiling - today.Server, 1, new Uncovered.CeilingReached(IsServer: true, spending.Tomorrow)),
        };
        if (payer == Payer.Credit)
            limits.Insert(0, await CreditLimitAsync(db, me.Id, model, request, state));
        if (me.MonthlyBudgetMicros is { } micros)
        {
            var (budget, spent) = (new Usd(micros), await months.ThisMonthAsync(db, me, cancellation));
            limits.Add(new(budget - spent - today.Underway.Times(markup), markup, new Uncovered.BudgetUsed(budget, spent)));
        }
        return limits;
    }

    private async Task<Limit> CreditLimitAsync(ChatDb db, long userId, string model, Estimate request, AllowanceState? state)
    {
        var balance = await ledger.BalanceAsync(db, userId);
        Uncovered refusal = balance <= Usd.Zero && state is { IsUsedUp: true }
            ? new Uncovered.AllowanceUsed(state)
            : new Uncovered.CreditTooLow(balance, request.Cut(ShortestAnswer).Cost(credit.Markup), model);
        return new(balance, credit.Markup, refusal);
    }

    private Uncovered NoCreditFor(string model, AllowanceState? state) =>
        models.IsBasic(model) ? new Uncovered.AllowanceUsed(state!) : new Uncovered.PriceUnknown(model);

    /// <summary>A request at its most; its cost is zero while the price is unknown.</summary>
    private readonly record struct Estimate(TokenPrice? Price, int Prompt, int Answer)
    {
        public Estimate Cut(int answerTokens) => this with { Answer = Math.Min(Answer, answerTokens) };

        public Usd Cost(decimal markup = 1) => Price is { } price
            ? new((long)decimal.Ceiling(price.MicrosFor(TokenCounts.Dearest(price, Prompt, Answer)) * markup))
            : Usd.Zero;
    }

    /// <summary>Something that must not be exceeded.</summary>
    /// <param name="Left">What is left of it; the request's cost times the markup has to fit.</param>
    /// <param name="Markup">Over the upstream's price.</param>
    /// <param name="Refusal">What is said when it does not.</param>
    private sealed record Limit(Usd Left, decimal Markup, Uncovered Refusal)
    {
        // What is used up stops also a model whose price nobody knows.
        public bool Covers(Estimate request) => Left > Usd.Zero && request.Cost(Markup) <= Left;

        /// <summary>As many as fit beside the prompt. The caller has seen that some do.</summary>
        public int MostAnswerTokens(Estimate request)
        {
            if (request.Price is not { Output: > 0 } price || Markup == 0) return request.Answer;
            var forAnswer = Left.Micros / Markup - price.MicrosFor(TokenCounts.Dearest(price, request.Prompt, 0));
            return (int)Math.Clamp(decimal.Floor(forAnswer * Usd.MicrosPerDollar / price.Output), 0, request.Answer);
        }
    }
}

/// <summary>Who pays next.</summary>
/// <param name="Payer">Of the next message.</param>
/// <param name="Allowance">The free messages; null where none are counted.</param>
/// <param name="Balance">The credit, where it pays next.</param>
public sealed record Standing(Payer Payer, AllowanceState? Allowance, Usd Balance);
