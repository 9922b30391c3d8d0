using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>The vendor's own addresses, under <see cref="SandboxOpenAI.BasePath"/>.</summary>
internal static class OpenAIRoutes
{
    public static void MapOpenAI(this RouteGroupBuilder sandbox)
    {
        var vendor = sandbox.MapGroup("/openai/v1");
        vendor.MapGet("/models", http => Keyed(http, () => SandboxBody.WriteJsonAsync(http.Response, 200, OpenAIModels.WriteList)));
        vendor.MapGet("/models/{id}", http => Keyed(http, () => Model(http, $"{http.Request.RouteValues["id"]}")));
        vendor.MapPost("/chat/completions", http => Keyed(http, () => http.RequestServices.GetRequiredService<SandboxOpenAI>().ServeAsync(http)));
        vendor.Map("/{**rest}", http => Keyed(http, () => OpenAIError.NoSuchUrl(http.Request.Method, $"/v1/{http.Request.RouteValues["rest"]}").WriteAsync(http.Response)));
    }

    public static void MapOpenAISteering(this RouteGroupBuilder sandbox)
    {
        var steering = sandbox.MapGroup("/openai");
        steering.MapGet("/behaviour", (SandboxOpenAI openAI) => Results.Json(openAI.Behaviour, SandboxJson.Options));
        steering.MapPut("/behaviour", http => SteeringRequest.SetAsync<OpenAIBehaviour>(http, given => OpenAI(http).Behaviour = given));
        steering.MapDelete("/behaviour", http => Empty(http, OpenAI(http).Reset));
        steering.MapGet("/requests", http => SandboxBody.WriteJsonAsync(http.Response, 200, json => OpenAI(http).Calls.Write(json, bodies: http.Request.Query["bodies"] != "false")));
        steering.MapDelete("/requests", http => Empty(http, OpenAI(http).Calls.Clear));
        steering.MapGet("/counts", http => SandboxBody.WriteJsonAsync(http.Response, 200, OpenAI(http).Calls.WriteCounts));
    }

    private static SandboxOpenAI OpenAI(HttpContext http) => http.RequestServices.GetRequiredService<SandboxOpenAI>();

    private static Task Keyed(HttpContext http, Func<Task> answer)
    {
        OpenAIHeaders.WriteIdentity(http.Response);
        var given = http.Request.Headers.Authorization.ToString();
        return given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(given["Bearer ".Length..])
            ? answer()
            : OpenAIError.NoKey.WriteAsync(http.Response);
    }

    private static Task Model(HttpContext http, string id) => OpenAIModels.Exists(id)
        ? SandboxBody.WriteJsonAsync(http.Response, 200, json => OpenAIModels.Write(json, id))
        : (OpenAIError.NoSuchModel(id) with { Param = "model" }).WriteAsync(http.Response);

    private static Task Empty(HttpContext http, Action act) => SteeringRequest.EmptyAsync(http, act);
}
