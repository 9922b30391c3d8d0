/// <summary>
/// Name and place are the runtime's rule for <c>DOTNET_STARTUP_HOOKS</c>. That this assembly is loaded is all that is
/// wanted: see <see cref="ChatMvc.Bench.Servers.ConstantPage"/>.
/// </summary>
internal sealed class StartupHook
{
    public static void Initialize() { }
}
