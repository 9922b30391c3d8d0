using ChatMvc.Bench.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(ConstantPage))]

namespace ChatMvc.Bench.Servers;

/// <summary>
/// A page of fixed bytes in the server under test, once in front of everything else it does and once behind it; the server's
/// own code knows nothing of it. Two doors of the platform let it in: a startup hook loads this assembly, and ASP.NET Core then finds the hosting
/// startup in it. Only the processes that are started with <see cref="Served"/> have it.
/// </summary>
internal sealed class ConstantPage : IHostingStartup, IStartupFilter
{
    public const string Path = "/constant";
    /// <summary>The same behind all that the app does before any page: headers, the session looked up, who may see what.</summary>
    public const string InsidePath = "/constant-inside";
    private const string File = "CHATMVC_BENCH_CONSTANT";

    /// <summary>The environment of a server that answers both with this file, which is read at the first request.</summary>
    public static Dictionary<string, string> Served(string file) => new()
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(ConstantPage).Assembly.Location,
        ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(ConstantPage).Assembly.GetName().Name!,
        [File] = file,
    };

    public void Configure(IWebHostBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(File) is not null) builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(this));
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var page = new Lazy<byte[]>(() => System.IO.File.ReadAllBytes(Environment.GetEnvironmentVariable(File)!));
        app.Use((context, rest) => context.Request.Path == Path ? WriteAsync(context.Response, page.Value) : rest(context));
        next(app);
        app.Use((context, rest) => context.Request.Path == InsidePath ? WriteAsync(context.Response, page.Value) : rest(context));
    };

    private static Task WriteAsync(HttpResponse response, byte[] page)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        return response.Body.WriteAsync(page).AsTask();
    }
}
