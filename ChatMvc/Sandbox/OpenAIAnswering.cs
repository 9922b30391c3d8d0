using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using ChatMvc.Sandbox.Answers;
using Microsoft.AspNetCore.Http.Features;

namespace ChatMvc.Sandbox;

/// <summary>One answer on its way: the text at its pace, with the faults it is steered to.</summary>
internal sealed class OpenAIAnswering(
    HttpContext http, OpenAICall call, OpenAIRequest request, OpenAIBehaviour behaviour, OpenAIUsage usage,
    Action<CallState> reached, CancellationToken stop)
{
    // A hung vendor is given up by every client long before.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(15);

    // What was flushed has to leave the socket before the connection is torn down, or the client misses it.
    private static readonly TimeSpan BeforeCut = TimeSpan.FromMilliseconds(50);

    // Timers tick in milliseconds: what is due sooner is due now.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private const int FlushAtBytes = 16 * 1024;

    private readonly long began = Stopwatch.GetTimestamp();
    private readonly OpenAIPace pace = new(behaviour, request.Conversation.Seed);
    private readonly string text = behaviour.Refusal ?? (behaviour.Empty ? "" : behaviour.ExactText ?? Canned(call.Kind, request));
    private readonly int maxTokens = request.MaxTokens ?? int.MaxValue;
    private readonly bool refusal = behaviour.Refusal is not null;
    private Fault[] faults = [];

    private sealed record Fault(CallState State, int After);

    public Task RunAsync()
    {
        faults = FaultsOf(behaviour, text, maxTokens);
        return behaviour.Status is not null ? RefuseAsync() : request.Stream ? StreamAsync() : WholeAsync();
    }

    private static string Canned(CallKind kind, OpenAIRequest request) =>
        kind switch
        {
            CallKind.Title => CannedTitle.For(request.Conversation),
            CallKind.Summary => CannedSummary.For(request.Conversation),
            _ => CannedAnswer.For(request.Conversation, request.Model),
        };

    private async Task RefuseAsync()
    {
        if (behaviour.FirstTokenDelayMs is { } delay)
            await Task.Delay(delay, stop);
        if (behaviour.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        reached(CallState.Refused);
        await OpenAIError.Steered(behaviour).WriteAsync(http.Response);
    }

    private async Task StreamAsync()
    {
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        var to = http.Response.BodyWriter;
        await to.FlushAsync(stop);

        var chunks = new OpenAIChunks(call.Id, call.ReceivedAt.ToUnixTimeSeconds(), call.Model, request.IncludeUsage, request.Obfuscate);
        var due = pace.BeforeFirst;
        var rest = text.AsMemory();
        while (true)
        {
            if (Array.Find(faults, fault => fault.After == call.CompletionTokens) is { } now)
            {
                await BreakAsync(now.State, to, chunks);
                return;
            }
            if (behaviour.BeforeToken?.Invoke(call.CompletionTokens) is { IsCompleted: false } released)
                due = await HoldAsync(released, to);
            var over = rest.IsEmpty || call.CompletionTokens == maxTokens;
            if (!over || call.CompletionTokens == 0)
                await UntilAsync(due, to);
            if (call.CompletionTokens == 0)
                chunks.Role(to, refusal);
            if (over)
                break;
            var length = Tokens.First(rest.Span);
            chunks.Token(to, rest.Span[..length], refusal);
            rest = rest[length..];
            due += pace.After(++call.CompletionTokens);
        }

        chunks.Finish(to, FinishReason(rest.IsEmpty));
        if (request.IncludeUsage && !behaviour.WithoutUsage)
            chunks.Usage(to, usage, call.CompletionTokens);
        OpenAIChunks.Done(to);
        reached(CallState.Done);
        await to.FlushAsync(stop);
    }

    private async Task WholeAsync()
    {
        var sent = Tokens.Take(text, maxTokens).ToString();
        var tokens = Tokens.Count(sent);
        var fault = Array.Find(faults, fault => fault.After <= tokens);
        await Task.Delay(pace.Whole(fault?.After ?? tokens), stop);
        call.CompletionTokens = tokens;

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, SandboxJson.Writing))
            WriteCompletion(writer, sent, FinishReason(sent.Length == text.Length));
        switch (fault?.State)
        {
            case null:
                reached(CallState.Done);
                await SandboxBody.WriteBytesAsync(http.Response, StatusCodes.Status200OK, json.WrittenMemory);
                break;
            case CallState.Hanging:
                await HangAsync();
                break;
            case CallState.ErrorEvent:
                reached(CallState.ErrorEvent);
                await OpenAIError.Steered(behaviour).WriteAsync(http.Response);
                break;
            case CallState.Malformed:
                reached(CallState.Malformed);
                await SandboxBody.WriteBytesAsync(http.Response, StatusCodes.Status200OK, json.WrittenMemory[..(json.WrittenCount / 2)]);
                break;
            default:
                http.Response.ContentType = "application/json";
                await http.Response.Body.WriteAsync(json.WrittenMemory[..(json.WrittenCount / 2)], stop);
                await CutAsync();
                break;
        }
    }

    private static Fault[] FaultsOf(OpenAIBehaviour behaviour, string text, int maxTokens)
    {
        var steered = new (CallState State, int? After)[]
        {
            (CallState.Cut, behaviour.CutAfterTokens),
            (CallState.Malformed, behaviour.MalformedAfterTokens),
            (CallState.ErrorEvent, behaviour.ErrorEventAfterTokens),
            (CallState.Hanging, behaviour.HangAfterTokens),
            (CallState.Hanging, behaviour.HangBeforeEnd ? Math.Min(Tokens.Count(text), maxTokens) : null),
        };
        return [.. steered.SelectMany(fault => fault.After is { } after ? new[] { new Fault(fault.State, after) } : []).OrderBy(fault => fault.After)];
    }

    private async Task BreakAsync(CallState fault, PipeWriter to, OpenAIChunks chunks)
    {
        switch (fault)
        {
            case CallState.Malformed: chunks.Malformed(to); break;
            case CallState.ErrorEvent: OpenAIChunks.Error(to, OpenAIError.Steered(behaviour)); break;
            case CallState.Hanging:
                await to.FlushAsync(stop);
                await HangAsync();
                return;
            default:
                await to.FlushAsync(stop);
                await CutAsync();
                return;
        }
        reached(fault);
        await to.FlushAsync(stop);
    }

    /// <summary>The time of the next token.</summary>
    private async Task<TimeSpan> HoldAsync(Task released, PipeWriter to)
    {
        await to.FlushAsync(stop);
        await released.WaitAsync(MaxSilence, stop);
        return Stopwatch.GetElapsedTime(began);
    }

    private async Task HangAsync()
    {
        reached(CallState.Hanging);
        await Task.Delay(MaxSilence, stop);
        await CutAsync();
    }

    private async Task CutAsync()
    {
        await Task.Delay(BeforeCut, stop);
        reached(CallState.Cut);
        http.Abort();
    }

    // A token that is late goes out with the next ones in one write, so that a busy machine catches up with fewer of them.
    private async ValueTask UntilAsync(TimeSpan due, PipeWriter to)
    {
        var wait = due - Stopwatch.GetElapsedTime(began);
        if (wait < Tick)
        {
            if (to.UnflushedBytes >= FlushAtBytes)
                await to.FlushAsync(stop);
            return;
        }
        if (to.UnflushedBytes > 0)
            await to.FlushAsync(stop);
        await Task.Delay(wait, stop);
    }

    private string FinishReason(bool complete) => behaviour.FinishReason ?? (complete ? "stop" : "length");

    private void WriteCompletion(Utf8JsonWriter json, string sent, string finishReason)
    {
        json.WriteStartObject();
        json.WriteString("id", call.Id);
        json.WriteString("object", "chat.completion");
        json.WriteNumber("created", call.ReceivedAt.ToUnixTimeSeconds());
        json.WriteString("model", call.Model);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", refusal ? null : sent);
        json.WriteString("refusal", refusal ? sent : null);
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (!behaviour.WithoutUsage)
        {
            json.WritePropertyName("usage");
            usage.Write(json, call.CompletionTokens);
        }
        json.WriteString("service_tier", "default");
        json.WriteString("system_fingerprint", "fp_sandbox");
        json.WriteEndObject();
    }
}
