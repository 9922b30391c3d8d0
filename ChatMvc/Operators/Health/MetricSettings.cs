using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Health;

[Section("Metrics")]
public sealed class MetricSettings
{
    /// <summary>Lets a monitor on another machine read <c>/metrics</c>, as its bearer token; without it only this machine may.</summary>
    [StringLength(200, MinimumLength = 16)]
    public string? Token { get; set; }
}
