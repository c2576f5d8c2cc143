using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aerona.Hosting;

/// <summary>What every host of Aerona has.</summary>
public static class Defaults
{
    /// <summary>
    /// Logs, traces and metrics, health, problem details, request ids, JSON (camelCase, unknown fields refused), body limit, TimeProvider, sign-in by
    /// tokens of Users and of guests, OpenAPI document.
    /// </summary>
    public static void AddAeronaDefaults(this WebApplicationBuilder builder)
    {
        builder.AddAeronaBasics();
        builder.Services.AddRequestJson();
        builder.AddSignIn();
        builder.RequireInProduction("Tokens:SigningKeyFile", "with a key of its own each service would refuse the guests of the others");
        builder.RequireInProduction("PublicBaseUrl", "links and tokens would name localhost");
        builder.Services.AddIdempotency();
        builder.Services.AddApiDescription();
    }

    /// <summary>For a host that serves nothing itself: logs, traces and metrics, health, problem details, request ids, body limit, known proxies.</summary>
    public static void AddAeronaBasics(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddLogs();
        builder.AddTelemetry();
        builder.Services.AddHealthChecks();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ExceptionProblems>();
        builder.AddKnownProxies();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBodies.Limit;
        });
    }

    /// <summary>Middleware, <c>/health/live</c>, <c>/health/ready</c>, <c>/openapi/v1.json</c>, dead letters for support.</summary>
    public static void MapAeronaDefaults(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<SigningKey>();   // a key that cannot be read stops the host, not the first caller
        app.MapAeronaBasics();
        app.UseAuthentication();
        app.UseTokenCheck();
        app.UseAuthorization();
        app.MapDeadLetters();
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    /// <summary>The middleware that goes with <see cref="AddAeronaBasics"/>, <c>/health/live</c> and <c>/health/ready</c>.</summary>
    public static void MapAeronaBasics(this WebApplication app)
    {
        app.UseKnownProxies();
        app.UseRequestIds();
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages(pages => Problems.OfStatus(pages.HttpContext).ExecuteAsync(pages.HttpContext));
        app.UseFrontDoor();
        app.MapHealth();
    }
}
