using System.Text.Json;

namespace ChatMvc.Tests.Sandbox;

/// <summary>A test against the vendors' API documents; skipped, visibly, where they are not at hand.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpecFactAttribute : FactAttribute
{
    public SpecFactAttribute()
    {
        if (VendorSpec.Folder is null)
            Skip = "the vendors' API documents (shared/specs) are not beside this repository";
    }
}

/// <summary>The vendors' OpenAPI documents, looked for in <c>shared/specs</c> in every folder above the tests.</summary>
public static class VendorSpec
{
    public static string? Folder { get; } = Find();

    public static JsonSchema Load(string vendor) =>
        new(JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, $"{vendor}.json"))).RootElement);

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var specs = Path.Combine(at.FullName, "shared", "specs");
            if (Directory.Exists(specs))
                return specs;
        }
        return null;
    }
}
