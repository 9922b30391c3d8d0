using ChatMvc.Data;
using ChatMvc.Operators.Access;

namespace ChatMvc.Operators.State;

/// <summary>
/// While it is on, what was accepted is answered to its end, and nothing new is: no message, no account. Operators go on as
/// ever. Costs no query while it is off.
/// </summary>
public sealed class Maintenance(ServerFacts facts, OperatorNumbers operators)
{
    /// <summary>What is said of when to come back, to those who are refused.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(5);

    /// <summary>The operator's words for it; null while it is off.</summary>
    public string? Words => facts.Find(ServerFacts.Maintenance);

    /// <summary>Those words for somebody whom it stops; null for whoever may go on.</summary>
    /// <param name="db">Of the caller.</param>
    /// <param name="phone">E.164.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<string?> RefusalAsync(ChatDb db, string phone, CancellationToken cancellation) =>
        Words is { } words && !await operators.IncludeAsync(db, phone, cancellation) ? words : null;
}
