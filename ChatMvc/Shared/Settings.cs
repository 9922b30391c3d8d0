using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace ChatMvc.Shared;

/// <summary>A setting that stops the start. The message is one line that names the key and never holds its value.</summary>
public sealed class SettingsException(string message) : Exception(message);

/// <summary>Names the configuration section that a settings class is read from; none for single keys at the root.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SectionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Reads a section into its settings class, strictly: no unknown key, no value that does not parse.</summary>
public static class Settings
{
    private const int MaxListItems = 1_000;

    /// <summary>Reads, checks and registers the settings as a singleton.</summary>
    /// <exception cref="SettingsException">A key is unknown or its value is malformed or out of bounds.</exception>
    public static T AddSettings<T>(this IHostApplicationBuilder builder) where T : class, new()
    {
        var settings = Read<T>(builder.Configuration);
        builder.Services.AddSingleton(settings);
        return settings;
    }

    /// <inheritdoc cref="AddSettings{T}"/>
    public static T Read<T>(IConfiguration configuration) where T : class, new() => (T)Read(typeof(T), configuration);

    /// <inheritdoc cref="AddSettings{T}"/>
    internal static object Read(Type type, IConfiguration configuration)
    {
        var settings = Activator.CreateInstance(type)!;
        var section = type.GetCustomAttribute<SectionAttribute>()?.Name;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        if (section is not null)
        {
            var unknown = configuration.GetSection(section).GetChildren().FirstOrDefault(c => !properties.ContainsKey(c.Key));
            if (unknown is not null)
                throw new SettingsException($"{section}:{unknown.Key} is not a setting. The README lists those that are.");
        }
        foreach (var property in properties.Values)
        {
            var key = section is null ? property.Name : $"{section}:{property.Name}";
            if (TryRead(configuration.GetSection(key), property.PropertyType, key, out var value)) property.SetValue(settings, value);
            Check(settings, property, key);
        }
        return settings;
    }

    private static bool TryRead(IConfigurationSection section, Type type, string key, out object? value)
    {
        value = null;
        if (type == typeof(string[]))
        {
            var items = section.Value is { } list ? list.Split(',') : [.. section.GetChildren().Select(c => c.Value ?? "")];
            if (items.Length > MaxListItems) throw new SettingsException($"{key} lists more than {MaxListItems} items.");
            value = items.Select(i => i.Trim()).Where(i => i.Length > 0).ToArray();
            return section.Exists();
        }
        if (section.GetChildren().Any()) throw new SettingsException($"{key} takes a single value.");
        // An empty value is an unset one: that is how a container or a unit file blanks a variable.
        if (string.IsNullOrWhiteSpace(section.Value)) return false;
        value = Parse(section.Value.Trim(), Nullable.GetUnderlyingType(type) ?? type)
            ?? throw new SettingsException($"{key} is malformed: {Expected(Nullable.GetUnderlyingType(type) ?? type)} is expected.");
        return true;
    }

    private static object? Parse(string text, Type type)
    {
        if (type == typeof(string)) return text;
        if (type == typeof(bool)) return bool.TryParse(text, out var flag) ? flag : null;
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (type == typeof(decimal)) return decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) ? amount : null;
        // A bare number would be read as days; a time span has a colon.
        if (type == typeof(TimeSpan)) return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
        if (type == typeof(Uri)) return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        if (type.IsEnum) return text.All(char.IsLetter) && Enum.TryParse(type, text, ignoreCase: true, out var named) ? named : null;
        throw new NotSupportedException($"No setting is a {type.Name}.");
    }

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(decimal) => "a number",
        _ when type == typeof(TimeSpan) => "a time span such as 00:05:00",
        _ when type == typeof(Uri) => "an http or https address",
        _ => "one of " + string.Join(", ", type.GetEnumNames().Select(n => n.ToLowerInvariant())),
    };

    private static void Check(object settings, PropertyInfo property, string key)
    {
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (!rule.IsValid(property.GetValue(settings)))
                throw new SettingsException($"{key}: {rule.FormatErrorMessage("it")}");
        }
    }
}

/// <summary>Bounds of a time span, both included, in the notation of the settings.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SpanRangeAttribute(string min, string max) : ValidationAttribute
{
    public override bool IsValid(object? value) => value is TimeSpan span
        && span >= TimeSpan.Parse(min, CultureInfo.InvariantCulture) && span <= TimeSpan.Parse(max, CultureInfo.InvariantCulture);

    public override string FormatErrorMessage(string name) => $"{name} has to lie between {min} and {max}.";
}
