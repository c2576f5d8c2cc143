using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aerona.Hosting;

/// <summary>What stands between the outside and the services: in the gateway, and in the one process that has none before it.</summary>
public static class FrontDoor
{
    private const int LongestHeaders = 16 * 1024;
    private const int MostHeaders = 64;
    private const int LongestLine = 8 * 1024;

    /// <summary>The first line and the headers must be there by then; a body may come as slowly as 240 bytes a second.</summary>
    private static readonly TimeSpan HeadersBy = TimeSpan.FromSeconds(15);

    /// <summary>What a page of another origin may read besides the body.</summary>
    private static readonly string[] Exposed =
        ["Location", "ETag", "Retry-After", RequestIds.Header, Idempotency.ReplayedHeader, "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"];

    /// <summary>What one of us could read as the first and another as the last.</summary>
    private static readonly string[] Single = ["Authorization", "Content-Type", "Origin", Idempotency.KeyHeader, RequestIds.Header];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Limits of headers and time, budgets by class, address and user (section <c>RateLimits</c>), other origins (section <c>Cors</c>).</summary>
    public static void AddFrontDoor(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration("RateLimits").ValidateDataAnnotations()
            .Validate(limits => Enum.GetValues<RouteClass>().All(route => limits.Of(route) is { PerAddress: >= 1, PerUser: >= 1, Window.TotalSeconds: >= 1 }),
                "RateLimits: PerAddress and PerUser of each class are at least 1, Window at least a second").ValidateOnStart();
        builder.Services.AddOptions<CorsOptions>().BindConfiguration("Cors").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<CorsOptions>>((cors, ours) => cors.AddDefaultPolicy(policy => Allow(policy, ours.Value)));
        builder.Services.AddCors();
        builder.AddRateCounters();
        builder.Services.AddSingleton<RateLimits>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestHeadersTotalSize = LongestHeaders;
            kestrel.Limits.MaxRequestHeaderCount = MostHeaders;
            kestrel.Limits.MaxRequestLineSize = LongestLine;
            kestrel.Limits.RequestHeadersTimeout = HeadersBy;
        });
    }

    /// <summary>Nothing where there is no front door.</summary>
    internal static void UseFrontDoor(this WebApplication app)
    {
        if (app.Services.GetService<RateLimits>() is not { } limits)
        {
            return;
        }

        app.UseCors();   // first: a page must be able to read that it asked too often
        app.Use(async (context, next) =>
        {
            if (!Methods.Contains(context.Request.Method))
            {
                context.Response.Headers.Allow = string.Join(", ", Methods);
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                return;   // said like every status without a body
            }

            if (Array.Find(Single, name => context.Request.Headers[name].Count > 1) is { } twice)
            {
                await Problems.Invalid(new FieldProblem($"header:{twice}", "request.duplicate_header", $"Send {twice} once.")).ExecuteAsync(context);
                return;
            }

            if (await limits.CheckAsync(context) is { } refusal)
            {
                await refusal.ExecuteAsync(context);
                return;
            }

            await next(context);
        });
    }

    /// <summary>Without cookies: a page of another origin calls with a token of its own.</summary>
    private static void Allow(CorsPolicyBuilder policy, CorsOptions ours) => policy
        .WithOrigins([.. ours.Origins])
        .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
        .WithHeaders("Authorization", "Content-Type", "Accept", "Accept-Language", "If-Match", "If-None-Match", "Last-Event-ID", "traceparent", Idempotency.KeyHeader, RequestIds.Header)
        .WithExposedHeaders(Exposed)
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
}
