using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aerona.Hosting;

/// <summary>
/// Counts requests by class, address and user before anything else looks at them. The address is always counted: a made-up token or a new one opens no new budget
/// for it. A caller learns what is left from <c>RateLimit-Limit</c>, <c>-Remaining</c>, <c>-Reset</c> and <c>-Policy</c>, of whichever budget has the least left.
/// </summary>
internal sealed class RateLimits(IRateCounters counters, IOptions<RateLimitOptions> options)
{
    /// <summary>Null when the request may go on; else the answer.</summary>
    public async ValueTask<IResult?> CheckAsync(HttpContext context)
    {
        if (RouteClasses.Of(context.Request) is var route && route == RouteClass.None)
        {
            return null;
        }

        var limit = options.Value.Of(route);
        if (await TakeAsync(context, route, $"address:{Networks.Of(context.Connection.RemoteIpAddress, ipv4Bits: 32)}", limit.PerAddress, limit.Window) is { } refusedAddress)
        {
            return Refuse("address", refusedAddress, context.Response);
        }

        return await UserAsync(context) is { } user && await TakeAsync(context, route, $"user:{user}", limit.PerUser, limit.Window) is { } refusedUser
            ? Refuse("user", refusedUser, context.Response)
            : null;
    }

    private async ValueTask<Taken?> TakeAsync(HttpContext context, RouteClass route, string whose, int most, TimeSpan window)
    {
        var budget = new Budget((int)Math.Clamp(most * options.Value.Factor, 1, 100_000_000), window);
        var taken = await counters.TakeAsync($"{route}:{whose}", budget, context.RequestAborted);
        Tell(context.Response.Headers, budget, taken);
        return taken.IsAllowed ? null : taken;
    }

    private static void Tell(IHeaderDictionary headers, Budget budget, Taken taken)
    {
        if (int.TryParse(headers["RateLimit-Remaining"], NumberStyles.None, CultureInfo.InvariantCulture, out var told) && told <= taken.Remaining)
        {
            return;
        }

        headers["RateLimit-Limit"] = budget.Limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = taken.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = Seconds(taken.Reset);
        headers["RateLimit-Policy"] = $"{headers["RateLimit-Limit"]};w={Seconds(budget.Window)}";
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Refuse(string by, Taken taken, HttpResponse response)
    {
        response.Headers.RetryAfter = Seconds(taken.RetryAfter);
        return Problems.Refused(
            StatusCodes.Status429TooManyRequests, "request.too_many", $"Too many requests of this kind from this {by}; wait {Seconds(taken.RetryAfter)} s.", true);
    }

    /// <summary>
    /// Who it is, where this process can tell: the subject of a token that holds. Where it cannot, as in the gateway, the token itself stands for its user; one that
    /// does not hold is refused behind it.
    /// </summary>
    private static async ValueTask<string?> UserAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.ToString() is not { Length: > 0 } authorization)
        {
            return null;
        }

        return context.RequestServices.GetService<IAuthenticationSchemeProvider>() is { } schemes && await schemes.GetDefaultAuthenticateSchemeAsync() is not null
            ? (await context.AuthenticateAsync()).Principal?.FindFirst(Callers.SubjectClaim)?.Value
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(authorization)).AsSpan(..16));
    }

    private static string Seconds(TimeSpan time) => Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
