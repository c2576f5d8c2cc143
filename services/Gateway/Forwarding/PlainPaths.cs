using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace Aerona.Gateway.Forwarding;

/// <summary>
/// Paths are matched here and again by the service, so both must read them alike: an encoded slash or dot, a path parameter, an empty segment or a backslash
/// could mean one thing to one and another to the other. None of ours needs them; they lead nowhere.
/// </summary>
internal static partial class PlainPaths
{
    public static void UsePlainPaths(this WebApplication app) => app.Use((context, next) =>
    {
        if (IsPlain(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
        {
            return next(context);
        }

        context.SetEndpoint(null);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    internal static bool IsPlain(string target)
    {
        var end = target.IndexOfAny(['?', '#']);
        return Plain().IsMatch(end < 0 ? target : target[..end]);
    }

    // Segments of RFC 3986's pchar without ';', none of them '.' or '..', nothing encoded that is a separator, a dot or a control character.
    [GeneratedRegex(@"\A/(?:(?!\.{1,2}(?:/|\z))(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%(?!2[EeFf]|3[Bb]|5[Cc]|25|7[Ff]|[01])[0-9A-Fa-f]{2})+(?:/|\z))*\z")]
    private static partial Regex Plain();
}
