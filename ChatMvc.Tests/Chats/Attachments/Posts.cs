using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>A browser's way to send files: the whole form as parts.</summary>
internal static class Posts
{
    extension(Visitor visitor)
    {
        /// <summary>Sends the form with files; those that it has already go with it, but for the ones left out.</summary>
        public async Task<Answer> SendFilesAsync(IHtmlFormElement form, string text, (string Name, byte[] Bytes)[] files, string[]? leftOut = null, bool byHtmx = false)
        {
            using var parts = new MultipartFormDataContent();
            foreach (var input in form.QuerySelectorAll<IHtmlInputElement>("input[type=hidden][name]")) parts.Add(new StringContent(input.Value), input.Name!);
            foreach (var select in form.QuerySelectorAll<IHtmlSelectElement>("select[name]")) parts.Add(new StringContent(select.Value ?? ""), select.Name!);
            parts.Add(new StringContent(text), "text");
            foreach (var key in leftOut ?? []) parts.Add(new StringContent(key), "detached");
            foreach (var (name, bytes) in files) Add(parts, name, bytes);
            using var request = new HttpRequestMessage(HttpMethod.Post, form.GetAttribute("action")) { Content = parts };
            if (byHtmx) request.Headers.Add("HX-Request", "true");
            using var response = await visitor.Http.SendAsync(request);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString,
                response.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase));
        }

        public async Task<string> StartWithFilesAsync(string text, params (string Name, byte[] Bytes)[] files)
        {
            var answer = await visitor.SendFilesAsync((await visitor.GetAsync("/chats")).Compose, text, files);
            Assert.True(answer.Status == 303, $"Status {answer.Status}:\n{answer.Text}");
            return answer.Location!;
        }

        public async Task<(int Status, byte[] Bytes, HttpResponseMessage Response)> FetchAsync(string path)
        {
            var response = await visitor.Http.GetAsync(new Uri(path, UriKind.Relative));
            return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response);
        }
    }

    extension(Answer page)
    {
        /// <summary>The names of the files that wait in the form.</summary>
        public IReadOnlyList<string> Kept => [.. page.Document.QuerySelectorAll("#chosen .file-name").Select(n => n.TextContent)];

        public IReadOnlyList<string> KeptKeys => [.. page.Document.QuerySelectorAll<IHtmlInputElement>("#chosen input[name=attached]").Select(i => i.Value)];
    }

    extension(TestApp app)
    {
        public string[] Uploads() => Directory.GetFiles(Path.Combine(app.Folder, "uploads"));

        /// <summary>The messages of the last prompt that the upstream received.</summary>
        public List<JsonElement> LastMessages()
        {
            using var json = JsonDocument.Parse(app.LastHeard());
            return [.. json.RootElement.GetProperty("messages").EnumerateArray().Select(m => m.Clone())];
        }

        /// <summary>The parts of its first message.</summary>
        public List<JsonElement> LastContent() => [.. app.LastMessages()[0].GetProperty("content").EnumerateArray()];
    }

    // As browsers write a name: quotes and line ends escaped, everything else as it is.
    private static void Add(MultipartFormDataContent parts, string name, byte[] bytes)
    {
        var part = new ByteArrayContent(bytes);
        var escaped = name.Replace("\"", "%22", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
        part.Headers.TryAddWithoutValidation("Content-Disposition", System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes($"form-data; name=\"files\"; filename=\"{escaped}\"")));
        part.Headers.TryAddWithoutValidation("Content-Type", "image/png");
        parts.Add(part);
    }
}
