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

    public void Offer(bool isHidden, int? position, string? name, bool? isProOnly) =>
        (IsHidden, Position, Name, IsProOnly) = (isHidden, position, name, isProOnly);
}
