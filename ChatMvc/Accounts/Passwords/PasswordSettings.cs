using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Accounts.Passwords;

[Section("Passwords")]
public sealed class PasswordSettings
{
    /// <summary>Characters. OWASP's ASVS asks for eight at least.</summary>
    [Range(8, 64)]
    public int MinLength { get; set; } = 12;
}
