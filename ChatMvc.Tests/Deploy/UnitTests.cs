using System.Text.RegularExpressions;

namespace ChatMvc.Tests.Deploy;

/// <summary>The shipped unit in the real systemd; only its place for settings, its user and its patience are this test's.</summary>
public sealed class UnitTests
{
    [RealSystemdFact]
    public async Task The_unit_starts_the_server_keeps_it_alive_and_ends_it_in_order()
    {
        using var systemd = new RealSystemd(Unit());

        // It has said itself that it is ready: the key of the provider came out of the folder of credentials.
        await systemd.BecomesAsync("ActiveState=active", "SubState=running", "NRestarts=0");
        var status = await systemd.InsideAsync("sh", "-c", "cat /proc/$(systemctl show chatmvc -p MainPID --value)/status");
        Assert.Matches(@"NoNewPrivs:\s+1\b", status);
        Assert.Matches(@"Seccomp:\s+2\b", status);
        Assert.Matches(@"CapBnd:\s+0+\n", status);
        Assert.Equal("700", (await systemd.InsideAsync("stat", "-c", "%a", "/var/lib/chatmvc")).Trim());

        await systemd.SignalAsync("KILL");
        await systemd.BecomesAsync("ActiveState=active", "SubState=running", "NRestarts=1");

        // It hangs: nobody hears of it any more.
        await systemd.SignalAsync("STOP");
        await systemd.BecomesAsync("ActiveState=active", "SubState=running", "NRestarts=2");

        await systemd.InsideAsync("systemctl", "stop", "chatmvc");
        await systemd.BecomesAsync("ActiveState=inactive", "Result=success", "ExecMainStatus=0");
        Assert.DoesNotContain("sk-of-the-test", await systemd.InsideAsync("cat", "/run/said"), StringComparison.Ordinal);
    }

    private static string Unit()
    {
        var unit = File.ReadAllText(Path.Combine(Root(), "systemd", "chatmvc.service"));
        foreach (var (line, instead) in ((string, string)[])[
            (@"\[Unit\]", "[Unit]\nDefaultDependencies=no"),
            (".*network-online.*", ""),
            ("WatchdogSec=.*", "WatchdogSec=3"),
            ("User=.*", "User=daemon"),
            ("Group=.*", "Group=daemon"),
            ("EnvironmentFile=.*", "Environment=Urls=http://127.0.0.1:0 PublicUrl=https://chat.example.com Sms__Provider=console Billing__Provider=none\nStandardOutput=file:/run/said\nStandardError=file:/run/said"),
            ("LoadCredential=chatmvc:.*", "LoadCredential=chatmvc:/run/secrets"),
        ])
        {
            Assert.Matches($"(?m)^{line}$", unit);
            unit = Regex.Replace(unit, $"(?m)^{line}$", instead);
        }
        return unit;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ChatMvc.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
