using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using ChatMvc.Shared;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace ChatMvc.Operators.InForce;

/// <summary>A setting as it is in force.</summary>
/// <param name="Key">As configuration has it: <c>Otp:Lifetime</c>.</param>
/// <param name="Value">In words; of a secret only whether there is one.</param>
/// <param name="From">Where it was set; null for the default.</param>
public sealed record SettingInForce(string Key, string Value, string? From);

/// <summary>Lists the settings of all settings classes with where each comes from. Of a secret nothing is ever told, not its length and not its beginning.</summary>
public sealed partial class SettingsInForce(IConfiguration configuration, IServiceProvider services)
{
    private const string Nothing = "not set";
    private const int MaxValue = 500;

    /// <summary>By key.</summary>
    public IReadOnlyList<SettingInForce> Read() =>
    [
        .. Types().SelectMany(OfType)
            .Append(new("Urls", Text("Urls", configuration["Urls"] ?? "http://localhost:5000"), SourceOf("Urls")))
            .OrderBy(s => s.Key, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Whether its value is nobody's business.</summary>
    public static bool IsSecret(string key) => SecretName().IsMatch(key);

    private static IEnumerable<Type> Types() =>
        typeof(Program).Assembly.GetTypes().Where(t => t.GetCustomAttribute<SectionAttribute>() is not null || t == typeof(ServerSettings));

    // As the server holds them, where it does: some are decided at the start.
    private IEnumerable<SettingInForce> OfType(Type type)
    {
        var held = services.GetService(type) ?? ReadMethod.MakeGenericMethod(type).Invoke(null, [configuration]);
        var section = type.GetCustomAttribute<SectionAttribute>()?.Name;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var key = section is null ? property.Name : $"{section}:{property.Name}";
            yield return new(key, Text(key, property.GetValue(held)), SourceOf(key));
        }
    }

    private static readonly MethodInfo ReadMethod = typeof(Shared.Settings).GetMethod(nameof(Shared.Settings.Read))!;

    private static string Text(string key, object? value)
    {
        if (IsSecret(key)) return value is null or "" or Array { Length: 0 } ? Nothing : "set, not shown";
        var text = value switch
        {
            null => "",
            string s when key == "Urls" => string.Join("; ", s.Split(';').Select(WithoutPassword)),
            string[] list when key == nameof(ServerSettings.Operators) => string.Join(", ", list.Select(Masked)),
            IEnumerable list and not string => string.Join(", ", list.Cast<object>()),
            Uri uri => WithoutPassword(uri.ToString()),
            bool flag => flag ? "true" : "false",
            Enum named => named.ToString().ToLowerInvariant(),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
        return text.Length == 0 ? Nothing : text.Length > MaxValue ? text[..MaxValue] + "…" : text;
    }

    private static string Masked(string phone) => PhoneNumber.TryParse(phone, "1", out var number) ? number.Value.Masked : "not readable";

    // Some put a name and a password into an address, or a key into its query.
    private static string WithoutPassword(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.UserInfo.Length > 0 || uri.Query.Length > 0)
            ? $"{uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)} (with a part that is not shown)"
            : address;

    private string? SourceOf(string key) =>
        SourceOfKey(key) ?? (key == "OpenAI:ApiKey" ? SourceOfKey("OPENAI_API_KEY") : null);

    // The last that has it wins. An empty value is an unset one.
    private string? SourceOfKey(string key) => configuration is not IConfigurationRoot root ? null
        : root.Providers.Reverse().Select(provider => Has(provider, key) ? NameOf(provider) : null).FirstOrDefault(name => name is not null);

    private static bool Has(IConfigurationProvider provider, string key) =>
        provider.TryGet(key, out var value) ? !string.IsNullOrWhiteSpace(value) : provider.GetChildKeys([], key).Any();

    private static string NameOf(IConfigurationProvider provider) => provider switch
    {
        JsonConfigurationProvider { Source.Path: { } file } => Path.GetFileName(file),
        EnvironmentVariablesConfigurationProvider => "environment",
        CommandLineConfigurationProvider => "command line",
        FileConfigurationProvider { Source.Path: { } file } => Path.GetFileName(file),
        _ => provider.GetType().Name.Replace("ConfigurationProvider", "", StringComparison.Ordinal).ToLowerInvariant() is { Length: > 0 } name ? name : "the program",
    };

    [GeneratedRegex("(Keys?|Secrets?|Token|Passwords?|Passphrase)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
