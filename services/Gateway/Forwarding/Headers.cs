using Aerona.Hosting;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Aerona.Gateway.Forwarding;

/// <summary>
/// What a service learns of the caller is what the gateway knows itself: nobody outside can say it for us. The connection's address is already the one a known
/// proxy named (<c>ForwardedHeaders:KnownProxies</c>).
/// </summary>
internal static class Headers
{
    private static readonly string[] Prefixes = ["X-Forwarded-", "X-Original-"];

    private static readonly string[] Names = ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "X-Cluster-Client-IP", "X-Rewrite-URL", "X-HTTP-Method-Override"];

    public static void Transform(TransformBuilderContext route)
    {
        route.UseDefaultForwarders = false;
        route.AddOriginalHost();   // links in answers must name the host that the caller used
        route.AddRequestTransform(context =>
        {
            var headers = context.ProxyRequest.Headers;
            foreach (var name in headers.Select(header => header.Key).Where(IsClaim).ToList())
            {
                headers.Remove(name);
            }

            headers.Remove(RequestIds.Header);
            headers.Add(RequestIds.Header, RequestIds.Current);
            return default;
        });
        route.AddXForwardedFor(action: ForwardedTransformActions.Set);
        route.AddXForwardedProto(action: ForwardedTransformActions.Set);
        route.AddXForwardedHost(action: ForwardedTransformActions.Set);
        route.AddResponseTransform(context =>
        {
            context.HttpContext.Response.Headers.Remove("Server");
            context.HttpContext.Response.Headers.Remove("X-Powered-By");
            return default;
        });
    }

    private static bool IsClaim(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
