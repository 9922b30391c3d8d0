using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

/// <summary>Upstream US dollars in a day (UTC) beyond which nothing more is sent.</summary>
[Section("Ceilings")]
public sealed class CeilingSettings
{
    [Range(typeof(decimal), "0", "1000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal PersonPerDay { get; set; } = 5;
    [Range(typeof(decimal), "0", "1000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal ServerPerDay { get; set; } = 100;
}
