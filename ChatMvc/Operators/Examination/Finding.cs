namespace ChatMvc.Operators.Examination;

internal enum Verdict { Well, Note, Wrong }

/// <summary>Something that the doctor saw. No secret is in it.</summary>
/// <param name="Verdict">A note needs no remedy at once.</param>
/// <param name="Words">What, in one sentence.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record Finding(Verdict Verdict, string Words, string? Remedy = null)
{
    public static Finding Well(string words) => new(Verdict.Well, words);

    public static Finding Note(string words, string? remedy = null) => new(Verdict.Note, words, remedy);

    public static Finding Wrong(string words, string remedy) => new(Verdict.Wrong, words, remedy);

    /// <summary>As it is printed.</summary>
    public override string ToString() => $"{Mark} {Words}{(Remedy is null ? "" : $" {Remedy}")}";

    private string Mark => Verdict switch
    {
        Verdict.Well => "ok   ",
        Verdict.Note => "note ",
        _ => "WRONG",
    };
}
