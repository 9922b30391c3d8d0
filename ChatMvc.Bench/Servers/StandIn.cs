using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Bench.Servers;

/// <summary>
/// The upstream as a process of its own: OpenAI's model list and streamed chat completions, as cheap as can be, and a note
/// of when each request came and each token went out. It ends, and ends the processes it was told to watch, when the one
/// that started it is gone.
/// </summary>
internal static class StandIn
{
    public const string Command = "standin";
    public const string ReadyLine = "stand-in listens on ";
    public const string Watch = "watch ", Forget = "forget ";

    private static readonly string[] Models = ["gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-5-mini", "gpt-4o-mini", "text-embedding-3-small", "whisper-1"];
    private static readonly Wish Title = new(0, 4, 0, 0);
    private static readonly byte[][] Words = [.. Enumerable.Range(0, Wish.MaxTokens).Select(n => Chunk($$"""{"content":{{JsonSerializer.Serialize(Tokens.Text(n))}}}""", null))];
    private static readonly byte[] Role = Chunk("""{"role":"assistant","content":"","refusal":null}""", null);
    private static readonly byte[] End = [.. Chunk("{}", "stop"), .. UsageAndDone()];

    private static readonly ConcurrentDictionary<int, Call> Calls = [];

    public static async Task<int> RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(ReadyLine + app.Urls.First());
        await WatchAsync();
        return 0;
    }

    // A hand-written switch: routing is for servers that have many pages.
    private static Task AnswerAsync(HttpContext http) => http.Request.Path.Value switch
    {
        "/v1/chat/completions" => CompleteAsync(http, Clock.Now),
        "/v1/models" => http.Response.WriteAsJsonAsync(new { @object = "list", data = Models.Select(id => new { id, @object = "model", created = 1790640000, owned_by = "system" }) }),
        "/calls" => CallsAsync(http),
        "/finished" => FinishedAsync(http),
        _ => NotFound(http),
    };

    private static Task NotFound(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task CompleteAsync(HttpContext http, long arrived)
    {
        var wish = await WishOfAsync(http) ?? Title;
        var call = wish == Title ? new Call() : Calls.GetOrAdd(wish.Id, _ => new Call());
        call.Begin(arrived, wish.Tokens);
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers["x-request-id"] = $"req_{wish.Id}";
        var to = http.Response.BodyWriter;
        await to.WriteAsync(Role);
        // By a plan made once, not from one token to the next: a late one makes no other late.
        var began = Clock.Now;
        for (var n = 0; n < wish.Tokens; n++)
        {
            await UntilAsync(began + Clock.Ticks(wish.First + (double)n * wish.Delay), http.RequestAborted);
            call.Written[n] = Clock.Now;
            await to.WriteAsync(Words[n]);
        }
        await to.WriteAsync(End);
        call.Finished.TrySetResult();
    }

    private static async ValueTask UntilAsync(long due, CancellationToken cancellation)
    {
        var wait = Clock.Milliseconds(Clock.Now, due);
        if (wait >= 1) await Task.Delay((int)wait, cancellation);
    }

    private static async Task<Wish?> WishOfAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var content = body.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        var text = content.ValueKind == JsonValueKind.String ? content.GetString() : content[0].GetProperty("text").GetString();
        return Wish.In(text!);
    }

    // One line a call: how often it was asked for, when it came, when each token went.
    private static async Task CallsAsync(HttpContext http)
    {
        var (from, to) = (Number(http, "from"), Number(http, "to"));
        var text = new StringBuilder();
        for (var id = from; id <= to; id++)
        {
            if (!Calls.TryRemove(id, out var call)) continue;
            text.Append(id).Append(' ').Append(call.Requests).Append(' ').Append(call.Arrived);
            foreach (var written in call.Written) text.Append(' ').Append(written);
            text.Append('\n');
        }
        await http.Response.WriteAsync(text.ToString());
    }

    private static async Task FinishedAsync(HttpContext http) =>
        await Calls.GetOrAdd(Number(http, "id"), _ => new Call()).Finished.Task.WaitAsync(http.RequestAborted);

    private static int Number(HttpContext http, string name) => int.Parse(http.Request.Query[name]!, CultureInfo.InvariantCulture);

    private static async Task WatchAsync()
    {
        var watched = new HashSet<int>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Watch, StringComparison.Ordinal)) watched.Add(int.Parse(line[Watch.Length..], CultureInfo.InvariantCulture));
            if (line.StartsWith(Forget, StringComparison.Ordinal)) watched.Remove(int.Parse(line[Forget.Length..], CultureInfo.InvariantCulture));
        }
        foreach (var id in watched)
        {
            try
            {
                Process.GetProcessById(id).Kill();
            }
            // It has ended by itself.
            catch (Exception e) when (e is ArgumentException or InvalidOperationException) { }
        }
    }

    private static byte[] Chunk(string delta, string? finish) => Event(
        $$"""[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{(finish is null ? "null" : $"\"{finish}\"")}}}],"usage":null,"obfuscation":"h4Kq9ZtW2xRb7L"}""");

    private static byte[] UsageAndDone() =>
    [
        .. Event("""[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"obfuscation":""}"""),
        .. "data: [DONE]\n\n"u8,
    ];

    private static byte[] Event(string choices) => Encoding.UTF8.GetBytes(
        $$"""data: {"id":"chatcmpl-bench0000000000000000000000","object":"chat.completion.chunk","created":1790640000,"model":"gpt-6-luna","service_tier":"default","system_fingerprint":"fp_bench","choices":{{choices}}""" + "\n\n");

    private sealed class Call
    {
        private int requests;

        public int Requests => requests;
        public long Arrived { get; private set; }
        public long[] Written { get; private set; } = [];
        public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Begin(long arrived, int tokens)
        {
            Interlocked.Increment(ref requests);
            (Arrived, Written) = (arrived, new long[tokens]);
        }
    }
}
