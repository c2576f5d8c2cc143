using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Notifications.Push;

/// <summary>
/// <c>/push</c> and <c>/push/{code}</c>: where a traveller turns notifications of a browser on and off. The code is that of a mailed link; without one the page only shows
/// how the browser stands. Nothing in it depends on who asks.
/// </summary>
internal static class PushPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPushPage(this WebApplication app)
    {
        var (page, style, script, worker) = (Resource("push.html"), Resource("push.css"), Resource("push.js"), Resource("push-worker.js"));
        var push = app.MapGroup("/push").ExcludeFromDescription();
        push.MapGet("/", (HttpResponse response) => Text(response, page, "text/html"));
        push.MapGet("/{code}", (string code, HttpResponse response) => Text(response, page, "text/html"));
        push.MapGet("/push.css", (HttpResponse response) => Text(response, style, "text/css"));
        push.MapGet("/push.js", (HttpResponse response) => Text(response, script, "text/javascript"));
        push.MapGet("/worker.js", (HttpResponse response) => Text(response, worker, "text/javascript"));
    }

    private static ContentHttpResult Text(HttpResponse response, string text, string type)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = "no-cache";   // an old worker would talk to a new service
        return TypedResults.Text(text, $"{type}; charset=utf-8");
    }

    private static string Resource(string name)
    {
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }
}
