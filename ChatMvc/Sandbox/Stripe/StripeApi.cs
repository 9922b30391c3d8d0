using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>What holds for every call of the API: the key, the version, the form, faults to order, and answers given once for a key.</summary>
internal static class StripeApi
{
    public const int MaxBodyBytes = 64 * 1024;
    private const int MaxKey = 255;
    private static readonly TimeSpan KeysLive = TimeSpan.FromHours(24);
    // A hung vendor is given up by every client long before.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(15);

    public static async Task ServeAsync(HttpContext http, Func<StripeWork, StripeForm, string, JsonObject> act)
    {
        var stripe = http.RequestServices.GetRequiredService<SandboxStripe>();
        var call = new Call(http, stripe, StripeJson.NewId("req_", 14));
        http.Response.Headers["Request-Id"] = call.Id;
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        Reply reply;
        try
        {
            reply = await AnswerAsync(call, act, stop.Token);
        }
        catch (StripeException refusal)
        {
            reply = Reply.Of(refusal, stripe.Address);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            reply = Reply.None;
        }
        stripe.Note(new StripeCall(stripe.Now, http.Request.Method, call.Path, call.Key, call.Version, call.Form?.Settled() ?? "", reply.Status, reply.Replayed));
        await WriteAsync(http, call, reply);
    }

    private static async Task<Reply> AnswerAsync(Call call, Func<StripeWork, StripeForm, string, JsonObject> act, CancellationToken stop)
    {
        CheckKey(call.Http.Request);
        if (call.Version is not (null or SandboxStripe.ApiVersion)) throw StripeException.Invalid($"Invalid Stripe API version: {call.Version}. The sandbox speaks {SandboxStripe.ApiVersion}.");
        if (call.Key?.Length > MaxKey) throw StripeException.Invalid($"The Idempotency-Key has at most {MaxKey} characters.");
        await call.ReadAsync();
        using var alone = call.Stripe.Enter(call.Key);
        var behaviour = call.Stripe.Receive(call.Http.Request.Method, call.Path);
        await Task.Delay(behaviour.DelayMs, stop);
        var fault = behaviour.IsFault ? Reply.Of(StripeException.Steered(behaviour), call.Stripe.Address) with { ShouldRetry = behaviour.ShouldRetry } : null;
        if (fault is not null && !behaviour.Done && !behaviour.Kept) return await FailAsync(fault, behaviour, stop);
        var reply = call.Stripe.Do(work => Once(work, call, () => fault is not null && !behaviour.Done ? fault : Work(work, call, act)), call.Id, call.Key);
        return fault is null || reply.Replayed ? reply : await FailAsync(fault, behaviour, stop);
    }

    private static async Task<Reply> FailAsync(Reply fault, StripeBehaviour behaviour, CancellationToken stop)
    {
        if (!behaviour.Hang) return fault;
        await Task.Delay(MaxSilence, stop);
        return Reply.None;
    }

    private static Reply Work(StripeWork work, Call call, Func<StripeWork, StripeForm, string, JsonObject> act)
    {
        var expanded = call.Form!.Texts("expand");
        var done = StripeAnswer.Public(act(work, call.Form!, $"{call.Http.Request.RouteValues["id"]}"));
        return new Reply(StatusCodes.Status200OK, StripeAnswer.Bytes(StripeAnswer.Expand(work.Books, done, expanded), call.Stripe.Address));
    }

    // What is refused leaves nothing behind, and its key may be used again.
    private static Reply Once(StripeWork work, Call call, Func<Reply> answer)
    {
        if (call.Key is null || call.Http.Request.Method != "POST") return answer();
        var id = "idem_" + Hash(call.Key);
        var fingerprint = Hash($"{call.Path}\n{call.Form!.Settled()}");
        if (work.Books.Find(id) is { } known && known.Number("created") > (work.At - KeysLive).ToUnixTimeSeconds())
        {
            return known.Text("fingerprint") == fingerprint
                ? new Reply((int)known.Number("status"), Encoding.UTF8.GetBytes(known.Text("body")!)) { Replayed = true, Original = known.Text("request") }
                : throw new StripeException(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with.");
        }
        var reply = answer();
        work.Put(new JsonObject
        {
            ["id"] = id,
            ["object"] = "idempotency_key",
            ["created"] = work.Now,
            ["fingerprint"] = fingerprint,
            ["request"] = call.Id,
            ["status"] = reply.Status,
            ["body"] = Encoding.UTF8.GetString(reply.Body!),
        });
        return reply;
    }

    private static void CheckKey(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var given = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim()
            : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? UserOf(header["Basic ".Length..].Trim())
            : "";
        if (given.Length == 0) throw StripeException.NoKey();
        if (given != SandboxStripe.SecretKey) throw StripeException.WrongKey(given);
    }

    private static string UserOf(string basic)
    {
        var given = new byte[basic.Length];
        return Convert.TryFromBase64String(basic, given, out var length) ? Encoding.UTF8.GetString(given, 0, length).Split(':')[0] : "";
    }

    private static Task WriteAsync(HttpContext http, Call call, Reply reply)
    {
        if (reply.Body is null)
        {
            http.Abort();
            return Task.CompletedTask;
        }
        var headers = http.Response.Headers;
        headers["Stripe-Version"] = SandboxStripe.ApiVersion;
        if (call.Key is not null) headers["Idempotency-Key"] = call.Key;
        if (reply.Replayed) (headers["Idempotent-Replayed"], headers["Original-Request"]) = ("true", reply.Original);
        if (reply.ShouldRetry is { } retry) headers["Stripe-Should-Retry"] = retry ? "true" : "false";
        reply.Refusal?.WriteHeaders(http.Response);
        return SandboxBody.WriteBytesAsync(http.Response, reply.Status, reply.Body);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>An answer; without a body the connection is torn down.</summary>
    private sealed record Reply(int Status, byte[]? Body)
    {
        public static readonly Reply None = new(0, null);
        public StripeException? Refusal { get; init; }
        public bool? ShouldRetry { get; init; }
        public bool Replayed { get; init; }
        public string? Original { get; init; }

        public static Reply Of(StripeException refusal, string address) => new(refusal.Status, StripeAnswer.Bytes(refusal.Body(), address)) { Refusal = refusal };
    }

    private sealed record Call(HttpContext Http, SandboxStripe Stripe, string Id)
    {
        public string Path { get; } = Http.Request.Path.Value![(SandboxStripe.BasePath.Length + "/v1/".Length)..];
        public string? Key { get; } = Http.Request.Headers["Idempotency-Key"] is [{ Length: > 0 } key] ? key : null;
        public string? Version { get; } = Http.Request.Headers["Stripe-Version"] is [{ Length: > 0 } version] ? version : null;
        public StripeForm? Form { get; private set; }

        public async Task ReadAsync()
        {
            var body = await SandboxBody.ReadAsync(Http.Request);
            if (body is null || body.Length > MaxBodyBytes) throw new StripeException(413, StripeException.InvalidRequest, $"The body has more than the {MaxBodyBytes} bytes that the sandbox takes.");
            if (body.Length > 0 && !Http.Request.HasFormContentType) throw StripeException.Invalid("Invalid request: the content type has to be application/x-www-form-urlencoded.");
            Form = StripeForm.Parse(Http.Request.QueryString.Value ?? "", Encoding.UTF8.GetString(body));
        }
    }
}
