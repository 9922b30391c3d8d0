using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Completions;

/// <summary>An upstream of a test's own, for what the sandbox does not do: it answers every request by one delegate.</summary>
public sealed class OwnUpstream : IAsyncDisposable
{
    private readonly WebApplication app;
    private int requests;

    private OwnUpstream(RequestDelegate answer, bool withBadCertificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (withBadCertificate) listen.UseHttps(SelfSigned());
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path.Value!.EndsWith("/chat/completions", StringComparison.Ordinal)) Interlocked.Increment(ref requests);
            return answer(context);
        });
    }

    /// <summary>For <c>OpenAI:BaseUrl</c>.</summary>
    public string BaseUrl => app.Urls.First() + "/v1";

    /// <summary>Chat requests so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    public static async Task<OwnUpstream> StartAsync(RequestDelegate answer, bool withBadCertificate = false)
    {
        var upstream = new OwnUpstream(answer, withBadCertificate);
        await upstream.app.StartAsync();
        return upstream;
    }

    /// <summary>A chunk of a streamed answer.</summary>
    public static string Chunk(string json) =>
        $$$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-6-luna","choices":[{{{json}}}]}""" + "\n\n";

    public static string Delta(string text) =>
        Chunk($$$"""{"index":0,"delta":{"content":{{{System.Text.Json.JsonSerializer.Serialize(text)}}}},"finish_reason":null}""");

    public static readonly string End = Chunk("""{"index":0,"delta":{},"finish_reason":"stop"}""") + "data: [DONE]\n\n";

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=somebody-else.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
