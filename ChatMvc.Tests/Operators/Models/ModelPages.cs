using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.Models;

namespace ChatMvc.Tests.Operators.Models;

/// <summary>What tests of the models' pages do again and again.</summary>
internal static class ModelPages
{
    extension(Visitor operators)
    {
        /// <summary>Offers a model otherwise.</summary>
        public Task<Answer> OfferAsync(string model, params (string Name, string Value)[] fields) => operators.FillInAsync(One(model), "form#offer", fields);

        public Task<Answer> TestAsync(string model) => operators.FillInAsync(One(model), "form[action$='/test']");

        public Task<Answer> MoveAsync(string model, string to) => operators.FillInAsync("/ops/models", $"[data-model='{model}'] form", ("to", to));

        /// <summary>Writes an entry of their own.</summary>
        public Task<Answer> WriteEntryAsync(string pattern, params (string Name, string Value)[] fields) =>
            operators.FillInAsync("/ops/models/entry", "form#describe", [("pattern", pattern), .. fields]);

        /// <summary>Adds a price to one: input and output at these dollars a million.</summary>
        public Task<Answer> PriceAsync(string pattern, DateOnly from, string input, string output) =>
            operators.FillInAsync(Entry(pattern), "form#price", ("from", $"{from:yyyy-MM-dd}"), ("input", input), ("output", output));

        public async Task<Answer> FillInAsync(string page, string form, params (string Name, string Value)[] fields)
        {
            var shown = await operators.GetAsync(page);
            return await operators.SubmitAsync(shown.Document.QuerySelector<IHtmlFormElement>(form) ?? throw new InvalidOperationException($"No {form} (status {shown.Status}):\n{shown.Text}"), fields);
        }

        /// <summary>The ids and the names of the models that are offered for a new chat.</summary>
        public async Task<IReadOnlyList<(string Id, string Name)>> ChoiceAsync(string page = "/chats") =>
            [.. (await operators.GetAsync(page)).Document.QuerySelectorAll<IHtmlOptionElement>("select[name=model] option").Select(o => (o.Value, o.TextContent))];
    }

    public static string One(string model) => "/ops/models/one?id=" + Uri.EscapeDataString(model);

    public static string Entry(string pattern) => "/ops/models/entry?pattern=" + Uri.EscapeDataString(pattern);

    public static (string, string, string?, string?) Said(this AuditEntry deed) => (deed.Action, deed.Subject, deed.Before, deed.After);

    public static DateOnly Today(this TestApp app) => DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
}
