namespace ChatMvc.Operators.Models;

/// <summary>How operators want one of the upstream's models offered; without a row it is offered as the settings say.</summary>
public sealed class OfferedModel
{
    public const int MaxName = 60;

    private OfferedModel() { }

    public OfferedModel(string id) => Id = id;

    /// <summary>As the upstream lists it.</summary>
    public string Id { get; private set; } = "";
    public bool IsHidden { get; private set; }
    /// <summary>Among those that have one, lowest first and before all others.</summary>
    public int? Position { get; private set; }
    /// <summary>In place of the id, where people choose.</summary>
    public string? Name { get; private set; }
    /// <summary>Whether it takes Pro or credit; null as the setting <c>OpenAI:BasicModels</c> says.</summary>
    public bool? IsProOnly { get; private set; }

    public void Become(Offer offer) => (IsHidden, Name, IsProOnly) = (offer.IsHidden, offer.Name, offer.IsProOnly);

    public void MoveTo(int position) => Position = position;
}

/// <summary>How a model is offered, apart from its place among the others.</summary>
/// <param name="IsHidden">Where people choose; a chat that has it keeps it.</param>
/// <param name="Name">In place of the id; null for the id.</param>
/// <param name="IsProOnly">Whether it takes Pro or credit; null as the settings say.</param>
public sealed record Offer(bool IsHidden, string? Name, bool? IsProOnly)
{
    public static readonly Offer AsSet = new(IsHidden: false, Name: null, IsProOnly: null);

    public static Offer Of(OfferedModel? model) => model is null ? AsSet : new(model.IsHidden, model.Name, model.IsProOnly);

    /// <summary>For the audit log.</summary>
    public override string ToString() => string.Join(", ",
        IsHidden ? "hidden" : "offered",
        Name is null ? "called by its id" : $"called “{Name}”",
        IsProOnly switch { true => "Pro or credit only", false => "for everybody", null => "for whom the settings say" });
}
