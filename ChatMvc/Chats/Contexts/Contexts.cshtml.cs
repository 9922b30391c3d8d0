using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats.Contexts;

/// <summary>A person's contexts, and the form for a new one.</summary>
public sealed class ContextsModel(ContextList contexts) : PageModel
{
    private const string Here = "/contexts";
    private const int MaxBeginning = 140;

    public static readonly IReadOnlyList<TypedContext> Examples =
    [
        new("Short and plain", "Answer in at most five sentences, in plain words and without headings. If something is uncertain, say so. Today is {{weekday}}, {{date}}."),
        new("Language teacher", "You teach Spanish to {{name}}, a beginner. Answer in easy Spanish first, then in English. Correct mistakes kindly and explain each in one sentence."),
        new("Careful reviewer", "You review what I write: text or code. Name the three most important problems first, each with the place and a better version. Leave alone what is good."),
    ];

    public IReadOnlyList<ContextLine> Lines { get; private set; } = [];
    /// <summary>What stands in the form.</summary>
    public TypedContext Typed { get; private set; } = new("", "");
    public (string Field, string Why)? Wrong { get; private set; }
    /// <summary>One that was just deleted and can be had back.</summary>
    public long? DeletedId { get; private set; }
    public string? Done { get; private set; }

    public async Task<IActionResult> OnGetAsync(long? deleted, string? notice, int? example, CancellationToken cancellation)
    {
        DeletedId = deleted;
        Done = notice switch { "made" => "Your context is made.", "saved" => "Your changes are saved. They hold from your next question on.", "restored" => "It is back.", _ => null };
        if (example is { } number && number >= 1 && number <= Examples.Count) Typed = Examples[number - 1];
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostAsync(string? name, string? text, CancellationToken cancellation)
    {
        Typed = TypedContext.Of(name, text);
        Wrong = Typed.Wrong;
        if (Wrong is null && await contexts.AddAsync(Typed, cancellation) is null)
            Wrong = ("name", $"You have {Context.MaxEach} contexts, which is the most. Delete one first.");
        if (Wrong is null) return HttpContext.SeeOther(Here + "?notice=made");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ShowAsync(cancellation);
    }

    /// <summary>So much of a text as a list has room for, on one line.</summary>
    public static string Beginning(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        if (line.Length <= MaxBeginning) return line;
        var end = char.IsHighSurrogate(line[MaxBeginning - 1]) ? MaxBeginning - 1 : MaxBeginning;
        return line[..end].TrimEnd() + "…";
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation)
    {
        if (Request.IsHtmx() && Wrong is { } wrong) return Htmx.ErrorNotice(Response.StatusCode, wrong.Why);
        Lines = await contexts.LinesAsync(cancellation);
        return Page();
    }
}
