using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;

namespace ChatMvc.Shared;

/// <summary>
/// Pages go out compressed, at the cheapest level: a long room is a quarter of its size then. Files were compressed when
/// the program was built; streams and the page that is written live are left as they are.
/// </summary>
public static class PageCompression
{
    public static void AddPageCompression(this IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            // Over https too. What a stranger could measure by it needs a secret beside text of theirs in one page: the
            // forms' token is another one in each page, and no page repeats what its address says.
            compression.EnableForHttps = true;
            compression.MimeTypes = ["text/html"];
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
    }

    /// <summary>Keeps this answer as it is: each of its pieces reaches the browser when it is written.</summary>
    public static void LeaveAsItIs(this HttpResponse response) => response.Headers.ContentEncoding = "identity";
}
