namespace ChatMvc.Shared;

/// <summary>TLS ends at a proxy; whoever runs this in Production without one is told what that means.</summary>
public static partial class PlainHttpNotice
{
    public static void TellOfPlainHttp(this WebApplication app)
    {
        if (!app.Environment.IsProduction()) return;
        LogPlainHttp(app.Logger);
        if (app.Services.GetRequiredService<ServerSettings>().PublicUrl is { Scheme: "http" }) LogPlainPublicUrl(app.Logger);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Plain HTTP is served here. A request that no known proxy marks as https gets its sign-in cookie without Secure")]
    private static partial void LogPlainHttp(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PublicUrl is plain http: everybody on the way can read what people write. Put a proxy with TLS in front")]
    private static partial void LogPlainPublicUrl(ILogger logger);
}
