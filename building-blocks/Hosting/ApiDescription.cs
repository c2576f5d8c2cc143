using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Aerona.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Aerona.Hosting;

/// <summary>The OpenAPI document: what every operation shares is added here, once.</summary>
internal static class ApiDescription
{
    private const string Bearer = "bearer";
    private const string ProblemId = "Problem";

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "Aerona", Version = "v1", Description = "Search, book, pay and ticket flights." };
            // Where it was asked for, which is where calls go.
            document.Servers = [.. (document.Servers ?? []).Select(server => new OpenApiServer { Url = server.Url?.TrimEnd('/') is { Length: > 0 } url ? url : "/" })];
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = Tokens.Type,
                Description = "A person's token, or the guest token that came with a booking.",
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
            document.Components.Schemas[ProblemId] = ProblemSchema();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
            {
                DescribeMembers(schema, context.JsonTypeInfo);
            }

            Describe(schema, Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type, context.JsonTypeInfo.Options);
            return Task.CompletedTask;
        });
    });

    /// <summary>
    /// The generator takes every parameter of a record for required, and for nullable what we may write as null; the JSON rules know better
    /// (<see cref="RequestBodies"/>).
    /// </summary>
    private static void DescribeMembers(OpenApiSchema schema, JsonTypeInfo type)
    {
        schema.Required = type.Properties.Where(property => property.IsRequired).Select(property => property.Name).ToHashSet();
        foreach (var property in type.Properties.Where(property => property.AssociatedParameter is { IsNullable: false }))
        {
            if (schema.Properties?.TryGetValue(property.Name, out var described) == true && described is OpenApiSchema { Type: { } kinds } member)
            {
                member.Type = kinds & ~JsonSchemaType.Null;
            }
        }
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var needsToken = metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any();
        var bearer = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] };
        // An empty requirement: without a token too.
        operation.Security = needsToken ? [bearer] : [new(), bearer];
        operation.Responses ??= [];
        operation.Responses["default"] = Problem("The request was refused; `code` says why.", context.Document);
        if (needsToken)
        {
            operation.Responses["401"] = Problem("`auth.required`, `auth.token_invalid`", context.Document);
            operation.Responses["403"] = Problem("`auth.forbidden`", context.Document);
        }

        if (metadata.OfType<Idempotency.NeedsKey>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = Idempotency.KeyHeader,
                In = ParameterLocation.Header,
                Required = true,
                Description = "Names this call. The same key and body get the same answer for 7 days, and nothing is done twice.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
            });
            operation.Responses["409"] = Problem("`idempotency.in_progress`, `conflict`", context.Document);
            operation.Responses["422"] = Problem("`idempotency.key_reused`", context.Document);
        }
    }

    private static OpenApiResponse Problem(string description, OpenApiDocument? document) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemId, document) },
        },
    };

    private static OpenApiSchema ProblemSchema() => Object(
        ("type", Text("Names the kind of problem; not an address.")),
        ("title", Text("The status in words.")),
        ("status", new() { Type = JsonSchemaType.Integer }),
        ("detail", Text("For people.")),
        ("code", Text("Stable; for programs.")),
        ("requestId", Text("Tell it to support.")),
        ("retryable", new() { Type = JsonSchemaType.Boolean | JsonSchemaType.Null, Description = "Whether the same may succeed later; null: unknown." }),
        ("errors", new()
        {
            Type = JsonSchemaType.Array,
            Items = Object(
                ("pointer", Text("JSON pointer into the body, or `header:…`, `query:…`, `path:…`.")),
                ("code", Text("Stable; for programs.")),
                ("detail", Text("For people."))),
        }));

    /// <summary>Types that write themselves, which the generator cannot look into.</summary>
    private static void Describe(OpenApiSchema schema, Type type, JsonSerializerOptions json)
    {
        if (type == typeof(Money))
        {
            var money = Object(
                ("amount", new() { Type = JsonSchemaType.String, Pattern = @"^-?\d+(\.\d+)?$", Description = "With all decimals of the currency." }),
                ("currency", new() { Type = JsonSchemaType.String, Pattern = "^[A-Z]{3}$", Description = "ISO 4217." }));
            schema.Type = money.Type;
            schema.Properties = money.Properties;
            schema.Required = new HashSet<string> { "amount", "currency" };
            schema.Examples = [JsonNode.Parse("""{"amount":"129.50","currency":"EUR"}""")!];
        }
        else if (type == typeof(ProblemDetails))
        {
            schema.Properties = ProblemSchema().Properties;
        }
        else if (type == typeof(FlightDesignator))
        {
            schema.Type = JsonSchemaType.String;
            schema.Description = "Airline and flight number as printed.";
            schema.Examples = ["VN55"];
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, type, json)!)];
        }
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Object(params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = properties.ToDictionary(property => property.Name, property => (IOpenApiSchema)property.Schema),
    };
}
