using System.Diagnostics;

namespace ChatMvc.Tests.Deploy;

/// <summary>A test that needs a systemd of its own: skipped, visibly, where none can be started.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealSystemdFactAttribute : FactAttribute
{
    public RealSystemdFactAttribute() => Skip = RealSystemd.WhyNot;
}

/// <summary>
/// The real systemd as the first process of namespaces of its own, with one service and nothing else: no unit of the machine
/// is known to it, and <c>/run</c>, <c>/tmp</c>, <c>/opt</c> and <c>/var/lib</c> are empty ones. It is gone with the test.
/// </summary>
internal sealed class RealSystemd : IDisposable
{
    private const string Program = "/lib/systemd/systemd";
    private const string Dotnet = "/usr/bin/dotnet"; // as the unit has it
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Apart = ["--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--mount-proc"];

    private const string Boot = $"""
        set -e
        umask 022 # whoever runs the tests may have another
        mount --make-rprivate /
        mount --make-rshared /
        for place in /run /opt /var/lib; do mount -t tmpfs -o mode=755 tmpfs $place; done
        mkdir -p /opt/chatmvc /run/units
        cp -r "$1"/* /opt/chatmvc/
        rm /opt/chatmvc/*.staticwebassets.runtime.json # leads to the sources, which are not there
        cp "$2"/* /run/units/
        mount -t tmpfs -o mode=1777 tmpfs /tmp
        mkdir -m 700 /run/secrets
        printf 'sk-of-the-test\n' > /run/secrets/OPENAI_API_KEY
        exec env -i container=test SYSTEMD_UNIT_PATH=/run/units PATH=/usr/sbin:/usr/bin:/sbin:/bin {Program} --system --unit=only.target --log-target=console --show-status=no
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("unit-").FullName;
    private readonly Process outside;

    /// <param name="unit">The text of <c>chatmvc.service</c>.</param>
    public RealSystemd(string unit)
    {
        File.WriteAllText(Path.Combine(folder, "chatmvc.service"), unit);
        File.WriteAllText(Path.Combine(folder, "only.target"), "[Unit]\nDefaultDependencies=no\nRequires=chatmvc.service\n");
        outside = Process.Start(new ProcessStartInfo("unshare", [.. Apart, "sh", "-c", Boot, "boot", AppContext.BaseDirectory, folder]))!;
    }

    public static string? WhyNot { get; } =
        !File.Exists(Program) ? $"{Program} is not there; Debian's package systemd has it"
        : !File.Exists(Dotnet) ? $"{Dotnet} is not there"
        : !Works("unshare", [.. Apart, "sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /sys/fs/cgroup/systemd/chatmvc-test && rmdir /sys/fs/cgroup/systemd/chatmvc-test"])
            && !Works("unshare", [.. Apart, "sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /sys/fs/cgroup/chatmvc-test && rmdir /sys/fs/cgroup/chatmvc-test"])
            ? "this user may not make namespaces and control groups"
        : null;

    /// <summary>Waits until the service has these properties.</summary>
    public async Task BecomesAsync(params string[] properties)
    {
        var shown = "";
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(200))
        {
            shown = await InsideAsync("systemctl", "show", "chatmvc", "-p", "ActiveState,SubState,NRestarts,MainPID,Result,ExecMainStatus");
            if (properties.All(shown.Split('\n').Contains)) return;
        }
        Assert.Fail($"It did not become {string.Join(", ", properties)}:\n{shown}\n{await InsideAsync("tail", "-n", "20", "/run/said")}");
    }

    /// <summary>Runs a command beside the service, as root.</summary>
    public async Task<string> InsideAsync(params string[] command)
    {
        // The child of unshare is the first process in there.
        var first = (await File.ReadAllTextAsync($"/proc/{outside.Id}/task/{outside.Id}/children")).Trim();
        if (first.Length == 0) return "";
        using var process = Process.Start(new ProcessStartInfo("nsenter", ["-t", first, "-a", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return await output + await error;
    }

    /// <summary>Sends a signal to the service's process.</summary>
    public Task SignalAsync(string signal) => InsideAsync("sh", "-c", $"kill -{signal} $(systemctl show chatmvc -p MainPID --value)");

    public void Dispose()
    {
        outside.Kill();
        outside.WaitForExit();
        outside.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static bool Works(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
