using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text.Json;
using ChatMvc.Shared;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace ChatMvc.Completions;

/// <summary>The upstream did not give its list of models.</summary>
public sealed class ModelListUnavailableException(int status, Exception inner) : Exception("The list of models could not be had.", inner)
{
    /// <summary>The HTTP status, 0 when there was no answer.</summary>
    public int Status { get; } = status;
}

/// <summary>
/// The one seam to the official OpenAI SDK. It retries nothing, because a repetition is a row of ours, and follows no
/// redirect, because an upstream that sends us elsewhere is no upstream.
/// </summary>
public sealed class ModelClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;
    private readonly Lazy<OpenAIClient> client;
    private readonly UpstreamHealth health;

    public ModelClient(OpenAISettings settings, Upstreams upstreams, UpstreamHealth health)
    {
        this.health = health;
        // The handler and the client are disposed with each other.
#pragma warning disable CA2000
        http = new HttpClient(new ResponseHandler(health, new SocketsHttpHandler
#pragma warning restore CA2000
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
        }))
        { Timeout = Timeout.InfiniteTimeSpan };
        // Lazily: the sandbox's address is known once the server listens.
        client = new Lazy<OpenAIClient>(() => new OpenAIClient(
            new ApiKeyCredential(settings.ApiKey ?? "none"),
            new OpenAIClientOptions
            {
                Endpoint = upstreams.OpenAIIsSandbox ? upstreams.Sandbox("openai/v1") : settings.BaseUrl ?? new Uri(OpenAISettings.OfficialBaseUrl),
                Transport = new HttpClientPipelineTransport(http),
                RetryPolicy = new ClientRetryPolicy(0),
                // Ours are finer: first token, silence within the answer, the whole answer.
                NetworkTimeout = settings.AnswerTimeout + settings.FirstByteTimeout,
            }));
    }

    /// <summary>The ids that the upstream lists, at most a few thousand, unsorted.</summary>
    /// <exception cref="ModelListUnavailableException">It did not answer within 10 s, or not with a list.</exception>
    public async Task<IReadOnlyList<string>> ListAsync()
    {
        using var limit = new CancellationTokenSource(ListTimeout);
        try
        {
            var models = await client.Value.GetOpenAIModelClient().GetModelsAsync(limit.Token);
            return [.. models.Value.Select(model => model.Id)];
        }
        catch (ClientResultException e)
        {
            health.Note(UpstreamFault.Of(e, hadText: false).Failure);
            throw new ModelListUnavailableException(e.Status, e);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException or InvalidOperationException or InvalidDataException)
        {
            health.Note(e is OperationCanceledException ? AnswerFailure.Silent : UpstreamFault.Of(e, hadText: false).Failure);
            throw new ModelListUnavailableException(0, e);
        }
    }

    /// <summary>Starts a streamed answer with usage. Faults come out of the enumeration; <see cref="UpstreamFault.Of"/> names them.</summary>
    public IAsyncEnumerable<StreamingChatCompletionUpdate> StreamAsync(Prompt prompt, string? safetyKey, UpstreamCall call, CancellationToken cancellation)
    {
        UpstreamCall.Current = call;
        var options = new ChatCompletionOptions { MaxOutputTokenCount = prompt.MaxAnswerTokens };
        if (prompt.Temperature is { } temperature) options.Temperature = temperature;
        if (prompt.IdentifiesPerson && safetyKey is not null)
        {
#pragma warning disable OPENAI001 // safety_identifier is in the vendor's document and experimental only in the SDK
            options.SafetyIdentifier = safetyKey;
#pragma warning restore OPENAI001
        }
        return client.Value.GetChatClient(prompt.Model).CompleteChatStreamingAsync(prompt.Messages, options, cancellation);
    }

    public void Dispose() => http.Dispose();

    private sealed class ResponseHandler(UpstreamHealth health, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            health.Read(response);
            if (UpstreamCall.Current is { } call) call.Read(response);
            await BoundedBody.PutAroundAsync(response, cancellationToken);
            return response;
        }
    }
}

/// <summary>What is learned of one request from its response headers.</summary>
public sealed class UpstreamCall
{
    private const int MaxRequestId = 100;
    private static readonly AsyncLocal<UpstreamCall?> Local = new();

    internal static UpstreamCall? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>The vendor's <c>x-request-id</c>, at most 100 characters.</summary>
    public string? RequestId { get; private set; }
    /// <summary>How long the upstream asks to wait.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether it answered with an error instead of taking the request, which costs nothing.</summary>
    public bool WasRefused { get; private set; }

    internal void Read(HttpResponseMessage response)
    {
        WasRefused = !response.IsSuccessStatusCode;
        if (response.Headers.TryGetValues("x-request-id", out var ids) && ids.First() is { Length: > 0 and <= MaxRequestId } id) RequestId = id;
        if (response.StatusCode is HttpStatusCode.OK) return;
        RetryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when response.Headers.Date is { } now => date - now,
            _ => null,
        };
    }
}
