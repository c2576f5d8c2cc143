using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Hosting;

/// <summary>What bodies may look like.</summary>
public static class RequestBodies
{
    /// <summary>Largest body in bytes where an endpoint says nothing else: 256 KiB.</summary>
    public const long Limit = 256 * 1024;

    /// <summary>Another limit for these endpoints, in bytes; null for none, where the handler reads a stream and counts by itself.</summary>
    public static TBuilder WithBodyLimit<TBuilder>(this TBuilder endpoints, long? bytes) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new BodyLimit(bytes));

    /// <summary>
    /// JSON as it is written and read: camelCase exactly, no unknown or repeated field, no number as text, no null where the type has none, nothing left out
    /// that a positional record must have.
    /// </summary>
    internal static void AddRequestJson(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(http =>
        {
            var json = http.SerializerOptions;
            json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            json.PropertyNameCaseInsensitive = false;
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.AllowDuplicateProperties = false;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.RespectNullableAnnotations = true;
            json.MaxDepth = 32;
            json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RequireWhatHasNoDefault);
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }

    /// <summary>
    /// A parameter of a positional record must be sent unless it is nullable, has a default, or is a number or a flag, which are 0 and false when left out.
    /// </summary>
    private static void RequireWhatHasNoDefault(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (!property.PropertyType.IsValueType)
            {
                property.IsGetNullable = true;   // what we write is what our types say; only input is distrusted
            }

            if (property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } parameter && !MayBeLeftOut(parameter.ParameterType))
            {
                property.IsRequired = true;
            }
        }
    }

    private static bool MayBeLeftOut(Type type) =>
        Nullable.GetUnderlyingType(type) is not null || (type.IsPrimitive && type != typeof(char)) || type == typeof(decimal);

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
