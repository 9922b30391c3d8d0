namespace ChatMvc.Tests.Crash;

/// <summary>Each of these tests starts the whole program several times: one after the other, and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CrashCollection
{
    public const string Name = "crash";
}
