using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aerona.Hosting;

/// <summary>Says what is wrong with a request that could not be bound, and where. The binder's own texts name our types, so none of them goes out.</summary>
internal static partial class BadRequests
{
    public static ProblemHttpResult Explain(HttpContext context, BadHttpRequestException bad) => bad switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.TooLarge(),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.MediaType(),
        { InnerException: JsonException json } => Problems.Invalid(Explain(context, json)),
        { StatusCode: StatusCodes.Status400BadRequest } => Problems.Invalid(ExplainParameter(context, bad.Message)),
        { StatusCode: var status } => Refused(context, status),
    };

    private static ProblemHttpResult Refused(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Problems.OfStatus(context);
    }

    private static IReadOnlyList<FieldProblem> Explain(HttpContext context, JsonException json)
    {
        string[] path = [.. JsonPath().Matches(json.Path ?? "").Select(match => match.Groups["step"].Value)];
        var pointer = Pointer(path);
        var named = Quoted().Matches(json.Message).Select(match => match.Groups[1].Value).ToArray();
        return json switch
        {
            BadValueException bad => [new(bad.Member is { } member ? $"{pointer}/{member}" : pointer, bad.Code, bad.Message)],
            _ when IsMalformed(json) =>
                [new(pointer, "request.malformed", $"The body is no JSON: line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}.")],
            _ when json.Message.Contains("could not be mapped", StringComparison.Ordinal) => [Unknown(path, named)],
            _ when json.Message.Contains("missing required properties", StringComparison.Ordinal) =>
                [.. named.Skip(1).Select(name => new FieldProblem(Pointer([.. path, name]), "request.missing_field", $"{name} is required."))],
            _ when json.Message.StartsWith("Duplicate property", StringComparison.Ordinal) =>
                [new(Pointer(EndingWith(path, named)), "request.duplicate_field", "The field stands there twice.")],
            _ when json.Message.Contains("allow null", StringComparison.Ordinal) || json.Message.Contains("setting null", StringComparison.Ordinal) =>
                [new(Pointer(EndingWith(path, [.. named.Take(1).Select(JsonNamingPolicy.CamelCase.ConvertName)])), "request.null", "It cannot be null.")],
            _ => [new(pointer, "request.wrong_type", $"This must be {Expected(context, path)}.")],
        };
    }

    /// <summary>The reader itself gave up, as against a value that is JSON but not of the type asked for.</summary>
    private static bool IsMalformed(JsonException json) =>
        json.InnerException?.GetType().Name == "JsonReaderException" || json.GetType() != typeof(JsonException);

    private static FieldProblem Unknown(string[] path, string[] named) =>
        new(Pointer(EndingWith(path, named)), "request.unknown_field", $"There is no field {named.FirstOrDefault()} here.");

    /// <summary>Whether the path already ends with the field depends on how far the reader had come.</summary>
    private static string[] EndingWith(string[] path, string[] named) =>
        named.Length == 0 || (path.Length > 0 && path[^1] == named[0]) ? path : [.. path, named[0]];

    /// <summary>RFC 6901.</summary>
    private static string Pointer(IEnumerable<string> path) => path.Aggregate(new StringBuilder(), (pointer, step) =>
        pointer.Append('/').Append(step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal))).ToString();

    private static string Expected(HttpContext context, string[] path)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        // The exception handler has taken the endpoint off the request by now, and kept it in its feature.
        var type = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        foreach (var step in path)
        {
            var info = type is null ? null : options.GetTypeInfo(type);
            type = info?.Kind switch
            {
                JsonTypeInfoKind.Object => info.Properties.FirstOrDefault(property => property.Name == step)?.PropertyType,
                JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => info.ElementType,
                _ => null,
            };
        }

        return type is null ? "of another type" : Describe(Nullable.GetUnderlyingType(type) ?? type, options);
    }

    private static string Describe(Type type, JsonSerializerOptions options) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(DateOnly) => "a date such as \"2026-12-05\"",
        _ when type == typeof(TimeOnly) => "a time of day such as \"06:00\"",
        _ when type == typeof(DateTimeOffset) => "an instant such as \"2026-12-05T06:00:00Z\"",
        _ when type == typeof(DateTime) => "a date and time such as \"2026-12-05T06:00:00\"",
        _ when type == typeof(Guid) => "an id such as \"0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70\"",
        _ when type == typeof(decimal) || type == typeof(double) || type == typeof(float) => "a number",
        { IsPrimitive: true } => "a whole number, not too large",
        _ when type == typeof(Money) => "money such as {\"amount\":\"129.50\",\"currency\":\"EUR\"}",
        _ when options.GetTypeInfo(type).Kind is JsonTypeInfoKind.Enumerable => "a list",
        _ when options.GetTypeInfo(type).Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
        _ => "of another form",
    };

    private static FieldProblem ExplainParameter(HttpContext context, string message)
    {
        if (Unbound().Match(message) is { Success: true } unbound)
        {
            var (type, name) = (unbound.Groups["type"].Value.TrimEnd('?'), unbound.Groups["name"].Value);
            var isInPath = context.Features.Get<IExceptionHandlerFeature>()?.RouteValues?.ContainsKey(name) == true;
            return new(isInPath ? $"path:{name}" : $"query:{name}", "request.wrong_type", $"{name} must be {Named(type)}.");
        }

        if (Missing().Match(message) is { Success: true } missing)
        {
            var (name, from) = (missing.Groups["name"].Value, missing.Groups["from"].Value);
            var place = from.Contains("header", StringComparison.Ordinal) ? "header" : "query";
            return new($"{place}:{name}", "request.missing_parameter", $"{name} is required.");
        }

        return message.Contains("body", StringComparison.OrdinalIgnoreCase)
            ? new("", "request.missing_body", "A JSON body is required.")
            : new("", "request.malformed", "The request cannot be understood.");
    }

    private static string Named(string type) => type switch
    {
        "int" or "long" => "a whole number",
        "Guid" => "an id such as 0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70",
        "DateOnly" => "a date such as 2026-12-05",
        "bool" => "true or false",
        _ => "of another form",
    };

    [GeneratedRegex(@"\.(?<step>[^.\[]+)|\['(?<step>.*?)'\]|\[(?<step>\d+)\]")]
    private static partial Regex JsonPath();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("""^Failed to bind parameter "(?<type>\S+) (?<name>\S+)" from""")]
    private static partial Regex Unbound();

    [GeneratedRegex("""^Required parameter "\S+ (?<name>\S+)" was not provided from (?<from>.+)\.$""")]
    private static partial Regex Missing();
}
