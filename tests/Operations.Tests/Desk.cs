using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.TestKit;
using Xunit;

namespace Aerona.Operations.Tests;

/// <summary>The desk's calls, as JSON.</summary>
internal static class Desk
{
    /// <summary>A narrow body of 16 and 30 seats in rows 1 to 4 and 5 to 10, exits in row 7.</summary>
    public static JsonObject Model(string code = "A321N", int turnRound = 45) => Json($$"""
        { "code": "{{code}}", "name": "Airbus A321neo", "aircraftType": "32Q", "turnRoundMinutes": {{turnRound}}, "configurations": [
          { "code": "C16Y30", "cabins": [
            { "cabin": "business", "firstRow": 1, "lastRow": 4, "letters": "AC DF", "bulkheadRows": [1] },
            { "cabin": "economy", "firstRow": 5, "lastRow": 10, "letters": "ABC DEF", "exitRows": [7], "missingSeats": ["10A","10B","10C","10D","10E","10F"] } ] },
          { "code": "Y24", "cabins": [ { "cabin": "economy", "firstRow": 1, "lastRow": 4, "letters": "ABC DEF", "exitRows": [2] } ] } ] }
        """);

    public static JsonObject Airplane(string registration, string standsAt = "SGN", string configuration = "C16Y30", string model = "A321N") => Json(
        $$"""{ "registration": "{{registration}}", "model": "{{model}}", "configuration": "{{configuration}}", "standsAt": "{{standsAt}}" }""");

    /// <summary>VN7001 from SGN to HAN, two hours and ten minutes, from 2026-12-07, a Monday, for two weeks.</summary>
    public static JsonObject Schedule(string flight = "VN7001", string origin = "SGN", string destination = "HAN", string departs = "08:00", string arrives = "10:10",
        string from = "2026-12-07", string until = "2026-12-20", string days = "1234567", string? airplane = null) => Json($$"""
        { "flight": "{{flight}}", "origin": "{{origin}}", "destination": "{{destination}}", "effectiveFrom": "{{from}}", "effectiveUntil": "{{until}}", "days": "{{days}}",
          "times": { "departs": "{{departs}}", "arrives": "{{arrives}}" }, "model": "A321N", "configuration": "C16Y30",
          "airplane": {{(airplane is null ? "null" : $"\"{airplane}\"")}},
          "cabins": [ { "cabin": "business", "bookingClass": "J", "fare": { "amount": "210.00", "currency": "USD" } },
                      { "cabin": "economy", "bookingClass": "Y", "fare": { "amount": "70.00", "currency": "USD" }, "authorised": 32 } ] }
        """);

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    public static JsonObject With(this JsonObject json, string path, JsonNode? value)
    {
        var copy = json.DeepClone();
        var steps = path.Split('/');
        var at = steps[..^1].Aggregate(copy, (node, step) => int.TryParse(step, out var index) ? node[index]! : node[step]!);
        at[steps[^1]] = value;
        return copy.AsObject();
    }

    public static Task<HttpResponseMessage> CallAsync(this TestService service, HttpMethod method, string path, JsonNode? body = null, string? key = null)
    {
        var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/v1/operations/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        }

        return service.Http.SendAsync(request);
    }

    public static async Task<JsonElement> GetAsync(this TestService service, string path) => await OkAsync(service.CallAsync(HttpMethod.Get, path));

    public static async Task<JsonElement> PostAsync(this TestService service, string path, JsonNode? body = null) => await OkAsync(service.CallAsync(HttpMethod.Post, path, body));

    public static async Task<JsonElement> PutAsync(this TestService service, string path, JsonNode body) => await OkAsync(service.CallAsync(HttpMethod.Put, path, body));

    /// <summary>A refusal: its code, the pointers and details of its fields.</summary>
    public static async Task<(string Code, string[] Pointers, string Detail)> RefusedAsync(this TestService service, HttpStatusCode status, string path, JsonNode? body, HttpMethod? method = null)
    {
        using var response = await service.CallAsync(method ?? HttpMethod.Post, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
        var problem = JsonDocument.Parse(text).RootElement;
        return (problem.GetProperty("code").GetString()!,
            problem.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(error => error.GetProperty("pointer").GetString()!)] : [],
            problem.GetProperty("detail").GetString()!);
    }

    public static async Task<TestService> WithFleetAsync(this Task<TestService> starting, params (string Registration, string StandsAt)[] airplanes)
    {
        var service = await starting;
        await service.PostAsync("airplane-models", Model());
        foreach (var (registration, standsAt) in airplanes)
        {
            await service.PostAsync("airplanes", Airplane(registration, standsAt));
        }

        return service;
    }

    public static async Task<string> ScheduleAsync(this TestService service, JsonObject schedule, bool generate = true, bool publish = false)
    {
        var id = (await service.PostAsync("schedules", schedule)).GetProperty("id").GetString()!;
        if (generate)
        {
            await service.PostAsync($"schedules/{id}/flights");
        }

        if (publish)
        {
            await service.PostAsync($"schedules/{id}/publication");
        }

        return id;
    }

    private static async Task<JsonElement> OkAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
