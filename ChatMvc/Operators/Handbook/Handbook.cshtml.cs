namespace ChatMvc.Operators.Handbook;

/// <summary>What to do, where alarms lead to it.</summary>
public sealed class HandbookModel(HandbookText text) : OpsPage
{
    /// <summary>Safe, with a name at each heading; null where there is no file.</summary>
    public string? Html => text.Html;

    public void OnGet() { }
}
