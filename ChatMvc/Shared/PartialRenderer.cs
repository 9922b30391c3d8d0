using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace ChatMvc.Shared;

/// <summary>Renders a partial to a string, for streams that send the same HTML as the pages.</summary>
public sealed class PartialRenderer(IRazorViewEngine engine, ITempDataProvider tempData, IModelMetadataProvider metadata, IHttpContextAccessor accessor, IServiceScopeFactory scopes)
{
    private static readonly ActionDescriptor NoAction = new();
    private readonly HtmlHelperOptions options = new();

    /// <param name="path">From the root, such as <c>/Chats/_Message.cshtml</c>.</param>
    /// <param name="model">The partial's model.</param>
    public async Task<string> RenderAsync(string path, object model)
    {
        await using var scope = scopes.CreateAsyncScope();
        var http = WithBuffersOf(scope, accessor.HttpContext ?? throw new InvalidOperationException("A partial is rendered within a request."));
        var view = engine.GetView(null, path, isMainPage: false).View
            ?? throw new InvalidOperationException($"There is no partial {path}.");
        await using var writer = new StringWriter();
        var context = new ViewContext(
            new ActionContext(http, http.GetRouteData(), NoAction), view,
            new ViewDataDictionary(metadata, new ModelStateDictionary()) { Model = model },
            new TempDataDictionary(http, tempData), writer, options);
        await view.RenderAsync(context);
        return writer.ToString();
    }

    // Views keep their buffers for as long as the request's services live, and a stream lives for hours: each partial
    // gets buffers of its own. All else is the request's.
    private static DefaultHttpContext WithBuffersOf(AsyncServiceScope scope, HttpContext request)
    {
        var features = new FeatureCollection(request.Features);
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = new OwnBuffers(scope.ServiceProvider, request.RequestServices) });
        return new DefaultHttpContext(features);
    }

    private sealed class OwnBuffers(IServiceProvider own, IServiceProvider request) : IServiceProvider
    {
        // Not public; a framework that calls it otherwise stops the first page, and not only in secret to save memory.
        private static readonly Type Buffers =
            typeof(ViewDataDictionary).Assembly.GetType("Microsoft.AspNetCore.Mvc.ViewFeatures.Buffers.IViewBufferScope", throwOnError: true)!;

        public object? GetService(Type serviceType) => (serviceType == Buffers ? own : request).GetService(serviceType);
    }
}
