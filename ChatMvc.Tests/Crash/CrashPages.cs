using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Crash;

/// <summary>What the crash tests do and look for on the pages.</summary>
public static class CrashPages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    extension(Visitor visitor)
    {
        /// <summary>Posts a form to a server that may die meanwhile: null when no answer came.</summary>
        public async Task<Answer?> TryToPostAsync(string action, Dictionary<string, string> fields)
        {
            try
            {
                return await visitor.SendAsync(HttpMethod.Post, action, fields, []);
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }

        /// <summary>The message box of a new chat as it would be posted with this text: address, fields and nonce.</summary>
        public async Task<(string Action, Dictionary<string, string> Fields)> FillInAsync(string page, string text)
        {
            var loaded = await visitor.GetAsync(page);
            if (loaded.Status != 200) throw new InvalidOperationException($"{page} gives {loaded.Status} {loaded.Location}:\n{loaded.Text}");
            var form = loaded.Compose;
            return (form.GetAttribute("action")!, Visitor.Fields(form, ("text", text)));
        }

        /// <summary>The paths of the chats in the rail, newest first.</summary>
        public async Task<IReadOnlyList<string>> ChatsAsync() =>
            [.. (await visitor.GetAsync("/chats")).Document.QuerySelectorAll("nav a[href^='/chats/']").Select(a => a.GetAttribute("href")!).Distinct()];

        /// <summary>Waits until the answer shows at least so many characters.</summary>
        public async Task<IElement> AnswerHasBegunAsync(string chat, int characters)
        {
            var until = DateTime.UtcNow + Patience;
            while (true)
            {
                var answer = (await visitor.GetAsync(chat)).Document.QuerySelectorAll("article[data-role=assistant]")[^1];
                if (answer.Body().Length >= characters) return answer;
                Assert.True(DateTime.UtcNow < until, $"The answer stayed {answer.State()} with: {answer.Body()}");
                await Task.Delay(20);
            }
        }
    }
}
