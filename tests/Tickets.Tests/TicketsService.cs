using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Hosting;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Tickets.Tests;

/// <summary>The service with what its tests do again and again.</summary>
internal static class TicketsService
{
    public static Task<TestService> StartAsync(IReadOnlyDictionary<string, string?>? settings = null) =>
        TestService.StartAsync(builder => builder.AddTickets(), bus => bus.AddTicketsConsumers(), app => app.MapTickets(), settings);

    public static StoreDocuments StoreDocuments(this IssueTickets order, string locale = "en") => new(order.BookingId, order.OrderId, order.Offer.Total, locale);

    /// <summary>Another booking of the same journey: ids and ticket numbers of its own.</summary>
    public static IssueTickets Another(this IssueTickets order, int number) => order with
    {
        BookingId = Guid.NewGuid(),
        OrderId = Guid.NewGuid(),
        TicketNumbers = [.. order.TicketNumbers.Select((ticket, at) => ticket with { Number = $"001{2_500_000_000 + (number * 20) + at}" })],
    };

    public static async Task<IssueTickets> WithDocumentsAsync(this TestService service, IssueTickets? order = null)
    {
        order ??= Orders.Family();
        await service.ConsumeAsync(order);
        await service.ConsumeAsync(order.StoreDocuments());
        return order;
    }

    /// <summary>Messages that failed and wait to be delivered again.</summary>
    public static Task<int> ComingAgainAsync(this TestService service) => service.Query<TicketsDbContext, int>(
        db => db.Database.SqlQueryRaw<int>("select count(*) as \"Value\" from outbox where headers like '%Redelivery-Count%'").SingleAsync());

    /// <summary>Asks as somebody: a subject with roles, or nobody.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(this TestService service, string address, string? subject, params string[] roles)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (subject is not null)
        {
            var token = service.Services.TokenFor(subject, roles.Length == 0 ? ["traveller"] : roles, TimeSpan.FromHours(1));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await Answer(service, request);
    }

    public static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsGuestAsync(this TestService service, string address, Guid bookingId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new("Bearer", service.Services.GetRequiredService<ITokens>().ForGuest(bookingId));
        return await Answer(service, request);
    }

    private static async Task<(HttpStatusCode, JsonElement)> Answer(TestService service, HttpRequestMessage request)
    {
        using var response = await service.Http.SendAsync(request);
        return (response.StatusCode, response.Content.Headers.ContentLength == 0 ? default : await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
