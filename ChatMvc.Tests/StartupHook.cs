using System.Diagnostics;

/// <summary>
/// Runs inside the server of a crash test before its <c>Main</c>, by <c>DOTNET_STARTUP_HOOKS</c>; name and place are the
/// runtime's rule. It ends the process by SIGKILL at the moment that the variable names, or when the test is gone. Nothing
/// but the base library may be touched here.
/// </summary>
internal sealed class StartupHook
{
    /// <summary>Event, text that its payload has to hold, and at which of these to kill, in lines.</summary>
    public const string KillAt = "CHATMVC_KILL_AT";

    public static void Initialize()
    {
        // The test holds the other end of standard input: it is closed when the test ends, however it ends.
        new Thread(KillWithoutTheTest) { IsBackground = true }.Start();
        if (Environment.GetEnvironmentVariable(KillAt) is not { Length: > 0 } moment) return;
        var parts = moment.Split('\n');
        DiagnosticListener.AllListeners.Subscribe(new Sources(new Trigger(parts[0], parts[1], int.Parse(parts[2]))));
    }

    private static void KillWithoutTheTest()
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0) { }
        Kill();
    }

    private static void Kill()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    private sealed class Sources(Trigger trigger) : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value) => value.Subscribe(trigger, name => name == trigger.Event);

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }

    private sealed class Trigger(string name, string text, int left) : IObserver<KeyValuePair<string, object?>>
    {
        private int left = left;

        public string Event => name;

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == name && $"{value.Value}".Contains(text, StringComparison.Ordinal) && Interlocked.Decrement(ref left) == 0) Kill();
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }
}
