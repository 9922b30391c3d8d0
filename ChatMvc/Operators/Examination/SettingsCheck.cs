using System.Reflection;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Examination;

/// <summary>Reads every setting as a start would, and names all that cannot be, where a start names the first.</summary>
internal static class SettingsCheck
{
    /// <param name="settings">As on the command line.</param>
    public static IEnumerable<Finding> Run(string[] settings)
    {
        var builder = Program.CreateBuilder(settings);
        var wrong = Classes.Select(type => WhyNot(() => Settings.Read(type, builder.Configuration))).OfType<string>().ToList();
        // What holds between them; the first that is wrong alone would be named a second time.
        if (wrong.Count == 0 && WhyNot(() => Program.AddFeatures(builder)) is { } refused) wrong.Add(refused);
        foreach (var words in wrong) yield return Finding.Wrong(words, "A start is refused; the README has the table of settings. Give this command the settings that the server has.");
        if (wrong.Count > 0) yield break;
        yield return Finding.Well($"The settings can be read, and a start in {builder.Environment.EnvironmentName} accepts them.");
        if (builder.Environment.IsProduction() && Settings.Read<ServerSettings>(builder.Configuration) is { PublicUrl: { Scheme: "http", IsLoopback: false } })
            yield return Finding.Note("PublicUrl is plain http: sessions can be read on the way.", "Put a proxy with TLS before it, and set its https address.");
    }

    private static IEnumerable<Type> Classes => typeof(SettingsCheck).Assembly.GetTypes().Where(t => t.GetCustomAttribute<SectionAttribute>() is not null).Append(typeof(ServerSettings));

    private static string? WhyNot(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (SettingsException e)
        {
            return e.Message;
        }
    }
}
