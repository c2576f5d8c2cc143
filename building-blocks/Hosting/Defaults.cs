using Microsoft.AspNetCore.Builder;

namespace Aerona.Hosting;

/// <summary>What every host of Aerona has.</summary>
public static class Defaults
{
    /// <summary>
    /// Logs, traces and metrics, health, problem details, request ids, JSON (camelCase, unknown fields refused), body limit, TimeProvider, sign-in by ES256
    /// tokens, OpenAPI document.
    /// </summary>
    public static void AddAeronaDefaults(this WebApplicationBuilder builder) => throw new NotImplementedException();

    /// <summary>Middleware, <c>/health/live</c>, <c>/health/ready</c>, <c>/openapi/v1.json</c>, dead letters for support.</summary>
    public static void MapAeronaDefaults(this WebApplication app) => throw new NotImplementedException();
}
