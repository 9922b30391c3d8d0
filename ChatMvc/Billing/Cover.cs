using ChatMvc.Completions;

namespace ChatMvc.Billing;

/// <summary>Who pays for an answer, and for how much of it.</summary>
/// <param name="By">Whose account it is on.</param>
/// <param name="MaxPromptTokens">What the prompt may have.</param>
/// <param name="MaxAnswerTokens">What the answer may have.</param>
/// <param name="Reserved">What that costs upstream at most; zero while the model's price is unknown.</param>
/// <param name="Hold">What credit holds for it; null where credit does not pay.</param>
public sealed record Cover(Payer By, int MaxPromptTokens, int MaxAnswerTokens, Usd Reserved, Usd? Hold);

/// <summary>Why nothing covers an answer.</summary>
public abstract record Uncovered
{
    /// <summary>The free messages are used, and there is no credit.</summary>
    public sealed record AllowanceUsed(AllowanceState Allowance) : Uncovered;

    /// <summary>Credit would have to pay, and there is too little of it.</summary>
    /// <param name="Balance">What there is.</param>
    /// <param name="Needed">What the shortest useful answer may cost.</param>
    /// <param name="Model">Of the answer.</param>
    public sealed record CreditTooLow(Usd Balance, Usd Needed, string Model) : Uncovered;

    /// <summary>The free allowance does not cover this model, and credit may not pay for one whose price is unknown.</summary>
    public sealed record PriceUnknown(string Model) : Uncovered;

    /// <summary>The person's own budget of the month.</summary>
    public sealed record BudgetUsed(Usd Budget, Usd Spent) : Uncovered;

    /// <summary>The operator's ceiling of the day.</summary>
    /// <param name="IsServer">Everybody's rather than this person's.</param>
    /// <param name="Until">When the day ends.</param>
    public sealed record CeilingReached(bool IsServer, DateTimeOffset Until) : Uncovered;
}
