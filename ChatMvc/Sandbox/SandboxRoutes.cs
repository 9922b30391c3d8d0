using ChatMvc.Sandbox.Stripe;
using ChatMvc.Shared;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ChatMvc.Sandbox;

/// <summary>
/// Vendors spoken from inside the process, in their own wire formats under <c>/sandbox</c>. The app's clients reach
/// them by HTTP and configuration alone; nothing outside this folder knows whether a vendor is real.
/// </summary>
public static class SandboxRoutes
{
    public static WebApplicationBuilder AddSandbox(this WebApplicationBuilder builder)
    {
        builder.Services.AddSandbox();
        return builder;
    }

    public static IServiceCollection AddSandbox(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SandboxOpenAI>();
        services.TryAddSingleton<SandboxTwilio>();
        services.TryAddSingleton<SandboxStripe>();
        return services;
    }

    /// <summary>Maps all of <c>/sandbox</c>; whoever does not come by loopback sees 404, as if it were not there.</summary>
    public static RouteGroupBuilder MapSandbox(this IEndpointRouteBuilder app)
    {
        var sandbox = app.MapGroup("/sandbox");
        sandbox.AllowAnonymous().DisableAntiforgery().DisableRateLimiting().DisableRequestTimeout();
        sandbox.ExcludeFromDescription();
        sandbox.AddEndpointFilter((call, next) => Loopback.Is(call.HttpContext)
            ? next(call)
            : ValueTask.FromResult<object?>(Results.NotFound()));

        sandbox.MapOpenAI();
        sandbox.MapOpenAISteering();
        sandbox.MapTwilio();
        sandbox.MapTwilioSteering();
        sandbox.MapStripe();
        sandbox.MapStripePages();
        sandbox.MapStripeSteering();
        sandbox.MapGet("/", SandboxPage.Write);
        SandboxStripe.GoOnAtStart(app.ServiceProvider);
        // Also for known paths with another method: a 405 would tell a stranger that something is here.
        sandbox.Map("/{**rest}", NotFound);
        return sandbox;
    }

    private static Task NotFound(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
