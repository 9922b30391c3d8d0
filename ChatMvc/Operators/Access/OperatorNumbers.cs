using ChatMvc.Accounts;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Access;

/// <summary>Who runs the server: the numbers of the setting <c>Operators</c>, and those granted by command.</summary>
/// <param name="configured">E.164, of the setting.</param>
public sealed class OperatorNumbers(IReadOnlySet<PhoneNumber> configured)
{
    public IReadOnlySet<PhoneNumber> Configured => configured;

    /// <summary>Looked up with every request: whoever is removed is out with the next one.</summary>
    public async Task<bool> IncludeAsync(ChatDb db, string phone, CancellationToken cancellation) =>
        configured.Any(number => number.ToString() == phone) || await db.OperatorGrants.AnyAsync(g => g.Phone == phone, cancellation);
}
