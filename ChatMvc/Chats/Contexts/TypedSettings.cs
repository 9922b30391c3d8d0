using System.Globalization;

namespace ChatMvc.Chats.Contexts;

/// <summary>The settings of a room as a form had them: a field that is not in it changes nothing, an emptied one means none.</summary>
public sealed record TypedSettings
{
    private const string On = "on";
    private const string Off = "off";
    private const int MaxNumber = 10;

    public string? Title { get; private init; }
    public string? Model { get; private init; }
    public string? ContextId { get; private init; }
    /// <summary><c>on</c> or <c>off</c>.</summary>
    public string? Memory { get; private init; }
    /// <summary>0 to 2, with a point or a comma.</summary>
    public string? Temperature { get; private init; }
    public string? MaxTokens { get; private init; }

    public static TypedSettings Of(IFormCollection form)
    {
        return new()
        {
            Title = Field("title"),
            Model = Field("model"),
            ContextId = Field("contextId"),
            Memory = Field("memory"),
            Temperature = Field("temperature")?.Trim(),
            MaxTokens = Field("maxTokens")?.Trim(),
        };

        string? Field(string name) => !form.TryGetValue(name, out var values) ? null : string.IsNullOrWhiteSpace(values[0]) ? "" : values[0];
    }

    /// <summary>The first of them that cannot be taken whatever there is to choose from, and why in words.</summary>
    /// <param name="mostTokens">The longest answer that the operator allows.</param>
    public (string Field, string Why)? Wrong(int mostTokens) => this switch
    {
        { Title: { } title } when !Chat.IsTitle(title) => ("title", $"A title has 1 to {Chat.MaxTitle} characters."),
        { Memory: not (null or On or Off) } => ("memory", "Choose whether this chat remembers."),
        { Temperature.Length: > 0 } when Hundredths is null => ("temperature", "The temperature is a number from 0 to 2, such as 0.7. Leave it empty for the model’s own."),
        { MaxTokens.Length: > 0 } when Tokens(mostTokens) is null =>
            ("maxTokens", $"The longest answer is {Chat.MinAnswerTokens} to {mostTokens:N0} tokens. Leave it empty for as long as may be."),
        _ => null,
    };

    /// <summary>Takes over what is in the form. The context is known to be theirs, the rest to be right.</summary>
    public void Apply(Chat chat, long? contextId, int mostTokens)
    {
        if (Title is not null && Title != chat.Title) chat.Rename(Title);
        if (Model is not null) chat.Choose(Model);
        if (ContextId is not null) chat.AskUnder(contextId);
        if (Memory is not null) chat.Remember(Memory == On);
        chat.Shape(Temperature is null ? chat.Temperature : Hundredths, MaxTokens is null ? chat.MaxAnswerTokens : Tokens(mostTokens));
    }

    private int? Hundredths =>
        Temperature is { Length: > 0 and <= MaxNumber } && decimal.TryParse(Temperature.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var typed)
        && typed * 100 is var hundredths and <= Chat.MaxTemperature && hundredths == decimal.Truncate(hundredths) ? (int)hundredths : null;

    private int? Tokens(int most) =>
        MaxTokens is { Length: > 0 and <= MaxNumber } && int.TryParse(MaxTokens, NumberStyles.None, CultureInfo.InvariantCulture, out var typed)
        && typed >= Chat.MinAnswerTokens && typed <= most ? typed : null;
}
