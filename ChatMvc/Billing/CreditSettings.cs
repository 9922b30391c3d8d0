using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

[Section("Credit")]
public sealed class CreditSettings
{
    /// <summary>Amounts offered, in whole US dollars.</summary>
    public string[] TopUps { get; set; } = ["5", "10", "25", "50"];
    /// <summary>The price of credit use over the upstream's.</summary>
    [Range(typeof(decimal), "0", "100", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal Markup { get; set; } = 1.0m;
}

/// <summary>Upstream US dollars in a day (UTC) beyond which nothing more is sent.</summary>
[Section("Ceilings")]
public sealed class CeilingSettings
{
    [Range(typeof(decimal), "0", "1000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal PersonPerDay { get; set; } = 5;
    [Range(typeof(decimal), "0", "1000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal ServerPerDay { get; set; } = 100;
}
