using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Billing.Usage;

namespace ChatMvc.Tests.Operators;

/// <summary>What operators do on the pages of people.</summary>
internal static class PeoplePages
{
    extension(TestApp app)
    {
        public async Task<string> PageOfAsync(string name) => $"/ops/users/{(await app.UserAsync(name)).Id}";

        public async Task<string> SubjectAsync(string name) => $"person {(await app.UserAsync(name)).Id}";
    }

    extension(Visitor visitor)
    {
        /// <summary>Fills a form of the page in, without answering what is asked back.</summary>
        public async Task<Answer> AskToAsync(string page, string deed, params (string Name, string Value)[] fields)
        {
            var shown = await visitor.GetAsync(page);
            return await visitor.SubmitAsync(shown.Document.QuerySelector<IHtmlFormElement>($"form[action='{page}/{deed}']")
                ?? throw new InvalidOperationException($"No form {deed} (status {shown.Status}):\n{shown.Text}"), fields);
        }

        /// <summary>And answers it.</summary>
        public async Task<Answer> DoAsync(string page, string deed, params (string Name, string Value)[] fields) =>
            await visitor.SureAsync(await visitor.AskToAsync(page, deed, fields));

        public Task<Answer> SureAsync(Answer asked) => visitor.SubmitAsync(asked.Question ?? throw new InvalidOperationException($"Nothing is asked (status {asked.Status}):\n{asked.Text}"), ("sure", "true"));

        /// <summary>Posts to a handler whose form is not on the page.</summary>
        public async Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields)
        {
            var token = (await visitor.GetAsync("/signout")).Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value;
            var form = fields.ToDictionary(f => f.Name, f => f.Value);
            form["__RequestVerificationToken"] = token;
            return await visitor.SendAsync(HttpMethod.Post, path, form, []);
        }
    }

    extension(Answer answer)
    {
        public IHtmlFormElement? Question => answer.Document.QuerySelector<IHtmlFormElement>("form.ops-question");
    }
}
