using System.ComponentModel.DataAnnotations;

namespace ChatMvc.Shared;

[Section("Site")]
public sealed class SiteSettings
{
    /// <summary>In titles and text messages; plain ASCII keeps a text message to one segment.</summary>
    [StringLength(40, MinimumLength = 1)]
    public string Name { get; set; } = "ChatMvc";
    /// <summary>An IANA name: the zone before a person has one.</summary>
    public string TimeZone { get; set; } = "UTC";
}

/// <summary>The single keys at the root.</summary>
public sealed class ServerSettings
{
    /// <summary>The base of absolute links that leave the app. Required in Production.</summary>
    public Uri? PublicUrl { get; set; }
    public string? DataDirectory { get; set; }
    /// <summary>Phone numbers in E.164.</summary>
    public string[] Operators { get; set; } = [];
}

[Section("RateLimits")]
public sealed class RateLimitSettings
{
    public bool Enabled { get; set; } = true;
}

[Section("ForwardedHeaders")]
public sealed class ForwardedHeaderSettings
{
    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>); empty for loopback alone.</summary>
    public string[] KnownProxies { get; set; } = [];
}
