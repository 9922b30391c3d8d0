using System.Text;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Accounts;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Sandbox;

namespace ChatMvc.Tests.Completions;

/// <summary>What an upstream says of a failure, and the key it was asked with, come to nobody's eyes and into no file.</summary>
public sealed class LeakTests : IAsyncLifetime
{
    private const string Words = "canary-in-the-upstreams-words";
    private const string Key = "sk-canary-0123456789-in-the-key";
    private readonly SandboxServer upstream = new();

    public Task InitializeAsync() => upstream.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)upstream).DisposeAsync();

    public static TheoryData<string> Names => [.. Faults.Keys];

    private static readonly Dictionary<string, OpenAIBehaviour> Faults = new()
    {
        // As the vendor words it, the key and all.
        ["401"] = new() { Status = 401, ErrorMessage = $"Incorrect API key provided: {Key}. {Words}" },
        ["429"] = new() { Status = 429, ErrorMessage = Words, ErrorType = Words, ErrorCode = Words, RetryAfterSeconds = 0 },
        ["429 for the account"] = new() { Status = 429, ErrorMessage = Words, ErrorType = "insufficient_quota" },
        ["500"] = new() { Status = 500, ErrorMessage = Words },
        ["400"] = new() { Status = 400, ErrorMessage = Words, ErrorCode = Words },
        ["an error event"] = new() { Text = "One two three four five six.", ErrorEventAfterTokens = 3, ErrorMessage = Words },
        ["a cut"] = new() { Text = "One two three four five six.", CutAfterTokens = 3 },
    };

    [Theory, MemberData(nameof(Names))]
    public async Task Nothing_of_it_is_shown_sent_logged_or_stored(string name)
    {
        await using var app = await AccountApp.StartAsync(
            $"OpenAI:BaseUrl={upstream.Url}sandbox/openai/v1", $"OpenAI:ApiKey={Key}", "Logging:LogLevel:Default=Debug", "Logging:LogLevel:Microsoft=Debug",
            $"Operators={TestApp.PhoneOf("Maya")}");
        using var maya = new Visitor(app.Address);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        upstream.OpenAI.WillAnswer("Here it is.");
        var chat = await maya.StartChatAsync("How is bread made?");
        var first = await maya.LastAnswerAsync(chat);
        Assert.Equal("done", first.State());
        // For answers and titles alike: the title of this chat is a request too.
        upstream.OpenAI.Behaviour = Faults[name] with { Kind = SteeredKind.All, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        Assert.Equal(303, (await maya.SayAsync(chat, "And butter?")).Status);
        var failed = await maya.LastAnswerAsync(chat);
        await follower.UntilAsync(f => f.State == "failed");

        Assert.Equal("failed", failed.State());
        var seen = new StringBuilder(string.Concat(follower.Events.Select(e => e.Data)));
        string[] pages = [chat, "/chats", $"{chat}/messages/{failed.MessageId()}", $"{chat}/messages/{failed.MessageId()}/live", "/metrics"];
        string[] operators = ["/ops", "/ops/jobs?state=ended", "/ops/models", "/ops/settings", "/ops/users", "/ops/users/1", "/ops/inbox", "/ops/audit"];
        foreach (var path in pages.Concat(operators))
        {
            var page = await maya.GetAsync(path);
            Assert.Equal(200, page.Status);
            seen.Append(page.Text).AppendJoin('\n', page.Headers.SelectMany(h => h.Value));
        }
        AssertClean(seen.ToString(), "a page, a header or an event");
        await Rooms.EventuallyAsync(() => Task.FromResult(app.Log.All.Contains("failed at request", StringComparison.Ordinal)), "the failure is logged");
        Assert.Contains("Debug", app.Log.All, StringComparison.Ordinal);
        AssertClean(app.Log.All, "the log");
        var files = Directory.GetFiles(app.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, f => f.EndsWith("chat.db", StringComparison.Ordinal));
        Assert.Contains(files, f => f.EndsWith("jobs.db", StringComparison.Ordinal));
        // The lock is held, and empty.
        foreach (var file in files.Where(f => Path.GetFileName(f) is not ("lock" or "control.sock"))) AssertClean(await ReadAsync(file), file);
    }

    private static void AssertClean(string text, string where)
    {
        foreach (var canary in new[] { Words, Key }) Assert.False(text.Contains(canary, StringComparison.OrdinalIgnoreCase), $"{canary} stands in {where}.");
    }

    // Bytes as characters: the canaries are ASCII. The server has the files open, and SQLite removes a log with its last reader.
    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
        catch (FileNotFoundException) when (Path.GetFileName(file) is var name && (name.EndsWith("-shm", StringComparison.Ordinal) || name.EndsWith("-wal", StringComparison.Ordinal)))
        {
            return "";
        }
    }
}
