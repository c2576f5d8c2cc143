using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Aerona.Gateway.Tests;

public sealed class DeadLetterListTests
{
    [Fact]
    public async Task Support_reads_the_dead_letters_of_all_services_as_one_list_and_is_told_who_did_not_answer()
    {
        await using var bookings = await WithLettersAsync(Routing.Services.Bookings, ("bookings-2", "2026-12-01T10:00:00Z"), ("bookings-1", "2026-12-01T08:00:00+00:00"));
        await using var payments = await WithLettersAsync(Routing.Services.Payments, ("payments-7", "2026-12-01T11:00:00+02:00"));
        await using var gateway = await RunningGateway.StartAsync([bookings, payments]);

        var (status, all) = await gateway.AskAsync(Request(""));
        var (_, newest) = await gateway.AskAsync(Request("?limit=2"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["bookings-2", "payments-7", "bookings-1"], Ids(all!));
        Assert.Equal(["bookings-2", "payments-7"], Ids(newest!));
        Assert.Equal(["operations", "airlines", "search", "tickets", "notifications", "users"], all!["unavailable"]!.AsArray().Select(service => (string?)service));
    }

    [Fact]
    public async Task A_refusal_of_a_service_is_the_answer()
    {
        await using var bookings = await WithLettersAsync(Routing.Services.Bookings);
        await using var gateway = await RunningGateway.StartAsync([bookings]);

        var (status, problem) = await gateway.AskAsync(new(HttpMethod.Get, DeadLetterList.Path));

        Assert.Equal((HttpStatusCode.Unauthorized, "auth.required"), (status, (string?)problem!["code"]));
    }

    [Fact]
    public async Task Without_any_service_there_is_no_list_that_could_be_taken_for_an_empty_one()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var (status, problem) = await gateway.AskAsync(Request(""));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "gateway.service_unavailable"), (status, (string?)problem!["code"]));
    }

    private static HttpRequestMessage Request(string query) => new(HttpMethod.Get, DeadLetterList.Path + query) { Headers = { { "Authorization", "Bearer clerk" } } };

    private static IEnumerable<string?> Ids(JsonObject list) => list["deadLetters"]!.AsArray().Select(letter => (string?)letter!["id"]);

    private static Task<RunningService> WithLettersAsync(string service, params (string Id, string At)[] letters) => RunningService.StartAsync(service, async context =>
    {
        if (context.Request.Headers.Authorization != "Bearer clerk")
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { code = "auth.required" });
            return;
        }

        await context.Response.WriteAsJsonAsync(new { deadLetters = letters.Select(letter => new { id = letter.Id, at = letter.At }) });
    });
}
