namespace ChatMvc.Billing.Usage;

/// <summary>How far the present month has gone into a budget.</summary>
public sealed record BudgetUse(Usd Budget, Usd Used, Month Month)
{
    private const int WarnsAt = 80; // percent

    /// <summary>Rounded down: 100 is said when it is so.</summary>
    public int Percent => Budget.Micros == 0 ? 100 : (int)Math.Min(9_999, Math.Max(0, Used.Micros) * 100m / Budget.Micros);
    public bool IsUsedUp => Used >= Budget;
    public bool IsNear => !IsUsedUp && Percent >= WarnsAt;

    /// <summary>Such as <c>$4.10 of $5.00 used, 82 %</c>.</summary>
    public string Words => $"{ToTheCent(Used)} of {Budget} used, {Percent} %";

    /// <summary>What follows from it; null while there is nothing to say.</summary>
    public string? Notice => this switch
    {
        { IsUsedUp: true } => $"Your budget for {Month.Name} is used up. Nothing more is sent to a model before 1 {Month.Next.Name}, unless you raise it.",
        { IsNear: true } => $"Your budget for {Month.Name} is nearly used up. At 100 % nothing more is sent before 1 {Month.Next.Name}.",
        _ => null,
    };

    // Down, so that it never says that all is used while a bit is left.
    private static string ToTheCent(Usd used) => used.Micros < Usd.MicrosPerCent ? used.ToString() : new Usd(used.Micros - used.Micros % Usd.MicrosPerCent).ToString();
}
