using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Access;

/// <summary>Who runs the server: the numbers of the setting <c>Operators</c>, and those granted by command.</summary>
/// <param name="configured">E.164, of the setting.</param>
public sealed class OperatorNumbers(IReadOnlySet<PhoneNumber> configured)
{
    public IReadOnlySet<PhoneNumber> Configured => configured;

    /// <exception cref="SettingsException">One is no phone number.</exception>
    public static OperatorNumbers From(ServerSettings settings)
    {
        try
        {
            return new(settings.Operators.Select(PhoneNumber.Parse).ToHashSet());
        }
        catch (FormatException)
        {
            throw new SettingsException("Operators is malformed: phone numbers such as +12125550100 are expected.");
        }
    }

    /// <summary>By the setting: no command takes that back.</summary>
    public bool IsConfigured(string phone) => configured.Any(number => number.ToString() == phone);

    /// <summary>Looked up with every request: whoever is removed is out with the next one.</summary>
    public async Task<bool> IncludeAsync(ChatDb db, string phone, CancellationToken cancellation) =>
        IsConfigured(phone) || await db.OperatorGrants.AnyAsync(g => g.Phone == phone, cancellation);
}
