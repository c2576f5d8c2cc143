using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Hosting;

namespace Aerona.Payments.Reconciliation;

/// <summary>What became of a ticket, as Tickets says.</summary>
internal sealed record TicketSeen(string Number, Guid BookingId, DateTimeOffset IssuedAt, int Good, int Void, int Refunded);

/// <summary>An order at an airline, as Airlines says.</summary>
internal sealed record OrderSeen(Guid OrderId, Guid BookingId, string Supplier, string State, DateTimeOffset NotedAt);

/// <summary>Seats sold without an order.</summary>
internal sealed record SeatsSeen(Guid HoldId, Guid BookingId, int Seats);

/// <summary>The books of others: asked over their support API, as ourselves. Nobody's database is read but our own.</summary>
internal sealed class OtherBooks(IHttpClientFactory clients, IServiceTokens tokens, ReconciliationOptions options, ILogger<OtherBooks> log)
{
    public const string Client = "other-books";

    private sealed record TicketPage(IReadOnlyList<TicketSeen> Tickets, string? Next);

    private sealed record OrderPage(IReadOnlyList<OrderSeen> Orders, IReadOnlyList<SeatsSeen> SeatsWithoutOrder, bool IsLast);

    /// <summary>Tickets issued since then; null when Tickets does not answer.</summary>
    public async Task<IReadOnlyList<TicketSeen>?> TicketsAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        List<TicketSeen> all = [];
        for (var after = ""; ;)
        {
            if (await GetAsync<TicketPage>("tickets", options.Tickets, $"v1/support/tickets/issued?from={Text(from)}&after={after}", cancellationToken) is not { } page)
            {
                return null;
            }

            all.AddRange(page.Tickets);
            if (page.Next is null)
            {
                return all;
            }

            after = page.Next;
        }
    }

    /// <summary>Orders noted since then and seats that are sold without one; null when Airlines does not answer.</summary>
    public async Task<(IReadOnlyList<OrderSeen> Orders, IReadOnlyList<SeatsSeen> Seats)?> OrdersAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        List<OrderSeen> orders = [];
        List<SeatsSeen> seats = [];
        for (var number = 1; ; number++)
        {
            if (await GetAsync<OrderPage>("airlines", options.Airlines, $"v1/support/airline-orders?from={Text(from)}&page={number}", cancellationToken) is not { } page)
            {
                return null;
            }

            orders.AddRange(page.Orders);
            seats.AddRange(page.SeatsWithoutOrder);
            if (page.IsLast)
            {
                return (orders, seats);
            }
        }
    }

    private async Task<T?> GetAsync<T>(string service, string addresses, string path, CancellationToken cancellationToken) where T : class
    {
        foreach (var address in ServiceAddressesAttribute.Read(addresses))
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
                request.Headers.Authorization = new("Bearer", await tokens.ForAsync(service, cancellationToken));
                using var client = clients.CreateClient(Client);
                using var answer = await client.SendAsync(request, cancellationToken);
                answer.EnsureSuccessStatusCode();
                return await answer.Content.ReadFromJsonAsync<T>(cancellationToken);
            }
            catch (Exception problem) when (problem is HttpRequestException or JsonException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                log.LogWarning("{Address} did not answer to {Path}: {Problem}", address, path, problem.Message);
            }
        }

        return null;
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
