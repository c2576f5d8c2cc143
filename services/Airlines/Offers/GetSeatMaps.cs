using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Suppliers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Offers;

/// <summary>The seats of an offer's flights.</summary>
/// <param name="OfferId">The offer.</param>
/// <param name="Choosable">Whether seats can be chosen with this offer; otherwise they are shown only.</param>
/// <param name="Segments">One for each segment whose seats are known.</param>
internal sealed record SeatMapsView(Guid OfferId, bool Choosable, IReadOnlyList<SegmentSeatsView> Segments);

/// <summary>The seats of the cabin sold on a flight.</summary>
/// <param name="SegmentOrdinal">Which one.</param>
/// <param name="Letters">From left to right, a blank where an aisle is: <c>ABC DEF</c>; null where the supplier does not say.</param>
/// <param name="Usual">Not this airplane's own but what is usual for its type: seats may be others.</param>
/// <param name="Rows">From the front.</param>
internal sealed record SegmentSeatsView(
    int SegmentOrdinal, string FlightId, FlightDesignator Flight, string Aircraft, Cabin Cabin, string? Letters, bool Usual, IReadOnlyList<SeatRowView> Rows);

/// <summary>A row.</summary>
/// <param name="Seats">From left to right.</param>
internal sealed record SeatRowView(int Row, IReadOnlyList<SeatView> Seats);

/// <summary>A seat.</summary>
/// <param name="Seat">Row and letter: <c>12A</c>.</param>
/// <param name="Characteristics">What it has; empty where the supplier does not say.</param>
/// <param name="Free">Whether it can be chosen now.</param>
/// <param name="Price">What each passenger pays for it, zero for nothing; null where the supplier does not say.</param>
/// <param name="NotFor">Passengers of the offer who may not sit there, and why.</param>
internal sealed record SeatView(string Seat, IReadOnlyList<SeatCharacteristic> Characteristics, bool Free, Money? Price, IReadOnlyList<NotForView> NotFor);

/// <summary>Who may not have a seat.</summary>
/// <param name="PassengerId"><c>p1</c>.</param>
/// <param name="Code">Stable: <c>seat.infant</c>, <c>seat.exit_row</c>.</param>
internal sealed record NotForView(string PassengerId, string Code);

internal static class GetSeatMaps
{
    /// <summary>How long a caller waits for an outside supplier.</summary>
    private static readonly TimeSpan OutsideBudget = TimeSpan.FromSeconds(15);

    public static void MapGetSeatMaps(this RouteGroupBuilder offers) =>
        offers.MapGet("/{offerId}/seat-maps", HandleAsync).WithName("GetSeatMaps")
            .WithSummary("The seats of the offer's flights: what they have, whether they are free, what they cost and who may not sit there")
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

    private static async Task<Results<Ok<SeatMapsView>, ProblemHttpResult>> HandleAsync(
        string offerId, ClaimsPrincipal user, AirlinesDbContext db, OutsideSuppliers outside, SupplierCalls calls, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await db.FindOfferAsync(offerId, user, cancellationToken) is not { } offer)
        {
            return GetOffer.NotFound();
        }

        if (offer.Terms is { } terms)
        {
            return await AskOutsideAsync(offer, terms, outside, calls, clock, cancellationToken);
        }

        var flightIds = offer.Snapshot.Segments.Select(segment => segment.FlightId).ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => flightIds.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        var taken = await db.TakenSeatsAsync(flightIds, cancellationToken);
        var segments = offer.Snapshot.Segments
            .Where(segment => flights.ContainsKey(segment.FlightId))
            .Select(segment => View(segment, flights[segment.FlightId], offer.Snapshot, taken)).OfType<SegmentSeatsView>().ToList();
        return TypedResults.Ok(new SeatMapsView(offer.Id, segments.Count > 0 && !offer.HasExpired(clock.GetUtcNow()), segments));
    }

    /// <summary>Seats that holds have on these flights.</summary>
    public static async Task<HashSet<(string FlightId, string Number)>> TakenSeatsAsync(this AirlinesDbContext db, List<string> flightIds, CancellationToken cancellationToken) =>
    [
        .. (await db.AssignedSeats.AsNoTracking().Where(seat => flightIds.Contains(seat.FlightId)).Select(seat => new { seat.FlightId, seat.Number }).ToListAsync(cancellationToken))
            .Select(seat => (seat.FlightId, seat.Number)),
    ];

    private static SegmentSeatsView? View(Segment segment, FlightOnSale flight, OfferSnapshot offer, HashSet<(string FlightId, string Number)> taken)
    {
        if (SeatPlan.Of(flight, segment.Cabin) is not { } plan)
        {
            return null;
        }

        var rows = plan.Seats.GroupBy(seat => seat.Row).Select(row => new SeatRowView(row.Key, [.. row.Select(seat => new SeatView(
            seat.Number, seat.Characteristics, !SeatPlan.IsBlocked(seat) && !taken.Contains((flight.FlightId, seat.Number)), plan.Price(seat, offer.Total.Currency),
            [.. from passenger in offer.Passengers let why = SeatRules.WhyNot(passenger.Type, seat) where why is not null select new NotForView(passenger.Id, why.Value.Code)]))]));
        return new(segment.Ordinal, flight.FlightId, flight.Flight, flight.Aircraft, segment.Cabin, plan.Map.Letters, flight.SeatMap is null, [.. rows]);
    }

    private static async Task<Results<Ok<SeatMapsView>, ProblemHttpResult>> AskOutsideAsync(
        Offer offer, SupplierTerms terms, OutsideSuppliers outside, SupplierCalls calls, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (outside.Find(offer.Snapshot.Supplier) is not { Capabilities.ShowsSeats: true } supplier)
        {
            return Problems.Refused(409, "seats.not_shown", "Whoever sells this does not show its seats.");
        }

        using var limit = new CancellationTokenSource(OutsideBudget, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answer = await calls.AskAsync(
            supplier, "seat_maps", offer.Id, one => one.SeatMapsAsync(new(terms, offer.Snapshot), either.Token), said => said.Problem is null ? "shown" : "failed",
            new SeatMapsAnswer([], new(SupplierFailure.Unavailable, "time_out")));
        if (answer.Problem is not null)
        {
            return Problems.Refused(503, "supplier.unavailable", "Whoever sells this does not show its seats right now; the same request may succeed shortly.", true);
        }

        var order = SegmentReferences(terms.Raw);
        return TypedResults.Ok(new SeatMapsView(offer.Id, Choosable: false,
        [
            .. from seat in answer.Seats
               group seat by order.IndexOf(seat.SegmentReference) into of
               where of.Key >= 0 && of.Key < offer.Snapshot.Segments.Count
               orderby of.Key
               let segment = offer.Snapshot.Segments[of.Key]
               select new SegmentSeatsView(segment.Ordinal, segment.FlightId, segment.Flight, segment.Aircraft, segment.Cabin, null, false, Rows(of)),
        ]));
    }

    private static IReadOnlyList<SeatRowView> Rows(IEnumerable<SupplierSeat> seats) =>
    [
        .. from seat in seats
           where seat.Designator.Length > 1 && int.TryParse(seat.Designator[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out _)
           group seat by int.Parse(seat.Designator[..^1], CultureInfo.InvariantCulture) into row
           orderby row.Key
           select new SeatRowView(row.Key, [.. row.OrderBy(seat => seat.Designator, StringComparer.Ordinal).Select(seat => new SeatView(seat.Designator, [], seat.IsFree, seat.Price, []))]),
    ];

    /// <summary>The supplier's ids of the offer's flights in the order flown: in every protocol they stand in arrays called segments.</summary>
    private static List<string> SegmentReferences(string raw)
    {
        var found = new List<string>();
        using var document = JsonDocument.Parse(raw);
        Look(document.RootElement, isSegments: false);
        return found;

        void Look(JsonElement element, bool isSegments)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in element.EnumerateObject())
                    {
                        Look(property.Value, property.NameEquals("segments"));
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        if (isSegments && item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                            && !found.Contains(id.GetString()!))
                        {
                            found.Add(id.GetString()!);
                        }

                        Look(item, isSegments: false);
                    }

                    break;
            }
        }
    }
}
