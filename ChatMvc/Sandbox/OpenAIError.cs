using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>An error as OpenAI words it: <c>{"error":{"message","type","param","code"}}</c>, all four always present.</summary>
internal sealed record OpenAIError(int Status, string Type, string? Code, string? Param, string Message)
{
    private const string InvalidRequest = "invalid_request_error";

    public static readonly OpenAIError NoKey = new(401, InvalidRequest, null, null,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). The sandbox takes any key that is not empty.");

    public static readonly OpenAIError TooLarge = new(413, InvalidRequest, "request_too_large", null,
        $"The request body is larger than the {SandboxBody.MaxBytes} bytes that the sandbox takes.");

    public static readonly OpenAIError NotJson = Invalid(null, null,
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");

    public static OpenAIError Invalid(string? param, string? code, string message) => new(400, InvalidRequest, code, param, message);

    public static OpenAIError NoSuchModel(string model) => new(404, InvalidRequest, "model_not_found", null,
        $"The model `{model}` does not exist or you do not have access to it.");

    public static OpenAIError NotAChatModel => new(404, InvalidRequest, null, "model",
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?");

    public static OpenAIError NoSuchUrl(string method, string path) => new(404, InvalidRequest, "unknown_url", null,
        $"Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at https://platform.openai.com/docs/api-reference/.");

    /// <summary>The error that a steered status stands for, with the vendor's own words where none were given.</summary>
    public static OpenAIError Steered(OpenAIBehaviour behaviour)
    {
        var status = behaviour.Status ?? 500;
        var usual = Usual(status);
        return new(status, behaviour.ErrorType ?? usual.Type, behaviour.ErrorCode ?? usual.Code, null, behaviour.ErrorMessage ?? usual.Message);
    }

    public Task WriteAsync(HttpResponse response) => SandboxBody.WriteJsonAsync(response, Status, Write);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", Message);
        json.WriteString("type", Type);
        json.WriteString("param", Param);
        json.WriteString("code", Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static (string Type, string? Code, string Message) Usual(int status) => status switch
    {
        401 => (InvalidRequest, "invalid_api_key", "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."),
        403 => (InvalidRequest, "unsupported_country_region_territory", "Country, region, or territory not supported"),
        404 => (InvalidRequest, "model_not_found", "The model does not exist or you do not have access to it."),
        413 => (InvalidRequest, "request_too_large", "The request is too large."),
        429 => ("requests", "rate_limit_exceeded", "Rate limit reached for requests. Please try again later."),
        503 => ("service_unavailable_error", "server_is_overloaded", "Our servers are currently overloaded. Please try again later."),
        >= 500 => ("server_error", null, "The server had an error while processing your request. Sorry about that!"),
        _ => (InvalidRequest, null, "The request was refused."),
    };
}
