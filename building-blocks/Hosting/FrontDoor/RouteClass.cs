using Microsoft.AspNetCore.Http;

namespace Aerona.Hosting;

/// <summary>What a request costs us or is worth to somebody who tries many.</summary>
internal enum RouteClass
{
    /// <summary>Not counted: health, and the outside world as the sandbox plays it.</summary>
    None,

    /// <summary>Asks the index, prices, or outside suppliers.</summary>
    Search,

    /// <summary>Finds bookings without signing in; the look-up itself counts failures more finely.</summary>
    LookUp,

    /// <summary>Passwords, codes and tokens.</summary>
    SignIn,

    /// <summary>Books, pays, cancels.</summary>
    Pay,

    /// <summary>Comes from few addresses in bursts, and is signed.</summary>
    Webhook,

    /// <summary>Everything else.</summary>
    Other,
}

internal static class RouteClasses
{
    private static readonly (string Path, bool Writes, RouteClass Class)[] All =
    [
        ("/health", false, RouteClass.None),
        ("/sandbox", false, RouteClass.None),
        ("/v1/webhooks", false, RouteClass.Webhook),
        ("/v1/booking-lookups", false, RouteClass.LookUp),
        ("/v1/booking-access", false, RouteClass.LookUp),
        ("/connect", false, RouteClass.SignIn),
        ("/account", true, RouteClass.SignIn),
        ("/bff", false, RouteClass.SignIn),
        ("/v1/flight-searches", false, RouteClass.Search),
        ("/v1/fare-calendar", false, RouteClass.Search),
        ("/v1/offers", true, RouteClass.Search),
        ("/v1/bookings", true, RouteClass.Pay),
        ("/v1/payments", true, RouteClass.Pay),
        ("/manage", true, RouteClass.Pay),
    ];

    /// <summary>The class of a request, whatever case its path is written in.</summary>
    public static RouteClass Of(HttpRequest request)
    {
        foreach (var (path, writes, found) in All)
        {
            if (request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase) && (!writes || !HttpMethods.IsGet(request.Method)))
            {
                return found;
            }
        }

        return RouteClass.Other;
    }
}
