namespace ChatMvc.Sandbox.Answers;

/// <summary>Draws that come out the same for the same seed, in every process.</summary>
internal sealed class Draw(ulong seed)
{
    private ulong state = seed;

    /// <summary>SplitMix64's finalizer: neighbouring numbers come out far apart.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public T One<T>(IReadOnlyList<T> of) => of[Below(of.Count)];

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var all = items.ToList();
        for (var i = all.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (all[i], all[j]) = (all[j], all[i]);
        }
        return all;
    }

    private ulong Next() => Mix(state++);
}
