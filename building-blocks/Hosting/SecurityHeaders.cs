using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Aerona.Hosting;

internal static class SecurityHeaders
{
    /// <summary>Set where the answer has not set its own.</summary>
    private static readonly (string Name, string Value)[] Defaults =
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),   // what frame-ancestors says, for browsers that do not know it
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            foreach (var (name, value) in Defaults)
            {
                headers.TryAdd(name, value);
            }

            // Data is no page: a browser that is made to show it loads and runs nothing.
            var isPage = context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true;
            headers.TryAdd("Content-Security-Policy", isPage ? "frame-ancestors 'none'" : "default-src 'none'; frame-ancestors 'none'");
            if (context.Request.IsHttps)
            {
                headers.TryAdd("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
            }

            // Somebody's own answer must not be kept by what stands between us.
            if (context.Request.Headers.ContainsKey("Authorization"))
            {
                headers.TryAdd("Cache-Control", "no-store");
            }

            return Task.CompletedTask;
        });
        return next(context);
    });
}
