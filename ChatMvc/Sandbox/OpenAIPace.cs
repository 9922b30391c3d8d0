namespace ChatMvc.Sandbox;

/// <summary>When each token of an answer is due: human pace, a little uneven and the same every time; or exact, as steered.</summary>
internal sealed class OpenAIPace(OpenAIBehaviour behaviour, ulong seed)
{
    private static readonly TimeSpan FirstToken = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Token = TimeSpan.FromMilliseconds(25);

    // How far a step of the human pace strays from its mean, as a share of it.
    private const double Unevenness = 0.4;

    public TimeSpan BeforeFirst => behaviour.FirstTokenDelayMs is { } exact ? TimeSpan.FromMilliseconds(exact) : Uneven(FirstToken, seed);

    /// <summary>From one token to the next.</summary>
    public TimeSpan After(int token) => behaviour.TokenDelayMs is { } exact ? TimeSpan.FromMilliseconds(exact) : Uneven(Token, seed + (ulong)token + 1);

    /// <summary>From the request to the last of so many tokens.</summary>
    public TimeSpan Whole(int tokens)
    {
        var all = BeforeFirst;
        for (var token = 1; token < tokens; token++)
            all += After(token);
        return all;
    }

    private static TimeSpan Uneven(TimeSpan mean, ulong seed)
    {
        var share = Answers.Draw.Mix(seed) % 1000 / 1000.0;
        return mean * (1 - Unevenness + 2 * Unevenness * share);
    }
}
