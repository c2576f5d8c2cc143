using System.Reflection;
using Scalar.AspNetCore;

namespace Aerona.Gateway;

/// <summary>What a browser sees first; the same in one process and behind the gateway.</summary>
public static class StartPage
{
    /// <summary>Maps <c>/</c> and <c>/reference</c>, which shows <c>/openapi/v1.json</c>.</summary>
    public static void MapStartPage(this WebApplication app)
    {
        var (page, script) = (Resource("index.html"), Resource("index.js"));
        app.MapScalarApiReference("/reference", reference => reference.WithTitle("Aerona API").WithOpenApiRoutePattern("/openapi/v1.json"));
        app.MapGet("/", () => Results.Text(page, "text/html; charset=utf-8")).ExcludeFromDescription();
        app.MapGet("/index.js", () => Results.Text(script, "text/javascript; charset=utf-8")).ExcludeFromDescription();
    }

    private static string Resource(string name)
    {
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }
}
