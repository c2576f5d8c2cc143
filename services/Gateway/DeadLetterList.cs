using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Gateway.Forwarding;
using Aerona.Hosting;

namespace Aerona.Gateway;

/// <summary>
/// <c>GET /v1/support/dead-letters</c>: every service keeps its own, support reads them as one list, newest first. Services decide who may. Those that did not
/// answer are named in <c>unavailable</c>, so that a short list is not taken for a clean one.
/// </summary>
internal static class DeadLetterList
{
    public const string Path = "/v1/support/dead-letters";

    private const int DefaultLimit = 50;

    public static void MapDeadLetterList(this WebApplication app) => app.MapGet(Path, ListAsync);

    private static async Task<IResult> ListAsync(HttpContext context, ServiceClient services, CancellationToken cancellationToken)
    {
        var query = context.Request.QueryString.Value;
        var authorization = (string?)context.Request.Headers.Authorization;
        var answers = await Task.WhenAll(Routing.Services.WithApi.Select(async service =>
            (Service: service, Answer: await services.GetAsync(service, Path[1..] + query, authorization, cancellationToken))));
        try
        {
            // A refusal (no token, a wrong limit) is the same from all.
            if (answers.Select(each => each.Answer).FirstOrDefault(answer => answer is { StatusCode: not HttpStatusCode.OK }) is { } refusal)
            {
                return Results.Text(await refusal.Content.ReadAsStringAsync(cancellationToken), refusal.Content.Headers.ContentType?.ToString(), statusCode: (int)refusal.StatusCode);
            }

            var letters = new List<JsonNode>();
            foreach (var answer in answers.Select(each => each.Answer).OfType<HttpResponseMessage>())
            {
                var list = await JsonNode.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
                letters.AddRange(list?["deadLetters"]?.AsArray().OfType<JsonNode>() ?? throw new JsonException("a list of dead letters has the field deadLetters"));
            }

            var unavailable = answers.Where(each => each.Answer is null).Select(each => each.Service.ToLowerInvariant()).ToList();
            if (unavailable.Count == answers.Length)
            {
                return Problems.Refused(StatusCodes.Status503ServiceUnavailable, "gateway.service_unavailable", "No service answers right now; the same request may succeed shortly.", true);
            }

            var newest = letters.OrderByDescending(letter => DateTimeOffset.Parse(letter["at"]!.GetValue<string>(), CultureInfo.InvariantCulture))
                .ThenBy(letter => letter["id"]!.GetValue<string>(), StringComparer.Ordinal)
                .Take(int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : DefaultLimit);
            return Results.Json(new JsonObject
            {
                ["deadLetters"] = new JsonArray([.. newest.Select(letter => letter.DeepClone())]),
                ["unavailable"] = new JsonArray([.. unavailable.Select(service => (JsonNode)service)]),
            });
        }
        finally
        {
            foreach (var (_, answer) in answers)
            {
                answer?.Dispose();
            }
        }
    }
}
