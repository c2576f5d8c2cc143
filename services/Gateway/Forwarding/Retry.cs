using Aerona.Hosting;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Aerona.Gateway.Forwarding;

/// <summary>
/// Sends a request again to another replica when the first took no connection, or broke it off before a byte of its answer and a repeat does no harm: it only
/// reads, its Idempotency-Key makes a repeat the same call, or the route says so. What stays without an answer gets a problem that says whether to try again.
/// </summary>
internal static class Retry
{
    private const int MostTries = 3;

    public static async Task InvokeAsync(HttpContext context, Func<Task> next)
    {
        var proxy = context.GetReverseProxyFeature();
        var streamed = proxy.Route.Config.Metadata![Routing.ProxyRoutes.Streamed] != "";
        var repeatable = !streamed && IsRepeatable(context.Request, proxy.Route.Config);
        if (!streamed && !await ReadBodyAsync(context.Request))
        {
            context.Response.Headers.Connection = "close";   // what is still to come of the body is not waited for
            await Problems.Refused(StatusCodes.Status408RequestTimeout, "request.timeout", "The body took too long to arrive.", true).ExecuteAsync(context);
            return;
        }

        var untried = proxy.AvailableDestinations.ToList();
        for (var tries = 1; ; tries++)
        {
            await next();
            if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            if (proxy.ProxiedDestination is { } tried)
            {
                untried.Remove(tried);
            }

            if (failure.Error != ForwarderError.Request || streamed || !(repeatable || NothingWasSent(failure.Exception)) || untried.Count == 0 || tries == MostTries)
            {
                await Unanswered.ExecuteAsync(context, failure, repeatable);
                return;
            }

            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Request.Body.Position = 0;
            proxy.AvailableDestinations = untried;
        }
    }

    private static bool IsRepeatable(HttpRequest request, Yarp.ReverseProxy.Configuration.RouteConfig route) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
        || request.Headers.ContainsKey(Idempotency.KeyHeader) || route.Metadata![Routing.ProxyRoutes.Repeatable] != "";

    internal static bool NothingWasSent(Exception? problem) => problem switch
    {
        null => false,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => true,
        _ => NothingWasSent(problem.InnerException),
    };

    /// <summary>Bodies are small (<see cref="RequestBodies.Limit"/>); in memory one can be sent twice, and a service never waits for a slow caller. False: too slow for us, too.</summary>
    private static async Task<bool> ReadBodyAsync(HttpRequest request)
    {
        var options = request.HttpContext.RequestServices.GetRequiredService<IOptions<GatewayOptions>>().Value;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        limit.CancelAfter(options.BodyTimeout);
        var body = new MemoryStream(request.ContentLength is { } length and > 0 and <= RequestBodies.Limit ? (int)length : 0);
        try
        {
            await request.Body.CopyToAsync(body, limit.Token);
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        body.Position = 0;
        request.Body = body;
        return true;
    }
}
