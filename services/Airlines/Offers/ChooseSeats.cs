using System.Security.Claims;
using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Offers;

/// <summary>The seats wanted.</summary>
/// <param name="Seats">All of them: what the offer had before is not kept. None: the offer without seats.</param>
internal sealed record ChooseSeatsRequest(IReadOnlyList<WantedSeat?>? Seats);

/// <summary>A seat for a passenger on a flight.</summary>
/// <param name="PassengerId">One of the offer's.</param>
/// <param name="SegmentOrdinal">One of the offer's.</param>
/// <param name="Seat">Row and letter: <c>12A</c>.</param>
internal sealed record WantedSeat(string? PassengerId, int? SegmentOrdinal, string? Seat);

internal static class ChooseSeats
{
    public static void MapChooseSeats(this RouteGroupBuilder offers) =>
        offers.MapPost("/{offerId}/seats", HandleAsync).WithName("ChooseSeats")
            .WithSummary("Makes a new offer of this one with these seats and their price; nothing is held before it is booked")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<AirlinesDbContext>();

    private static async Task<Results<Created<OfferView>, ProblemHttpResult>> HandleAsync(
        string offerId, ChooseSeatsRequest request, ClaimsPrincipal user, AirlinesDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await db.FindOfferAsync(offerId, user, cancellationToken) is not { } offer)
        {
            return GetOffer.NotFound();
        }

        if (offer.HasExpired(now))
        {
            return Problems.Refused(409, "offer.expired", "The offer has expired; make a new one.");
        }

        if (offer.IsOutside)
        {
            return Problems.Refused(409, "seats.not_choosable", "Whoever sells this shows its seats, but they are chosen with the airline after booking.");
        }

        var flightIds = offer.Snapshot.Segments.Select(segment => segment.FlightId).ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => flightIds.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        if (offer.Snapshot.Segments.Any(segment => flights.GetValueOrDefault(segment.FlightId)?.Find(segment.Cabin) is null))
        {
            return Problems.Refused(409, "flight.withdrawn", "A flight of this offer is not sold any more; make a new one.");
        }

        var choice = new SeatChoice(offer.Snapshot, flights, await db.TakenSeatsAsync(flightIds, cancellationToken));
        if (choice.Problems(request.Seats).ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        var seated = offer.WithSeats(choice.Chosen, now);
        db.Offers.Add(seated);
        return TypedResults.Created($"/v1/offers/{seated.Id}", OfferView.Of(seated, now));
    }
}

/// <summary>Checks wanted seats one after the other; what is in order is chosen.</summary>
internal sealed class SeatChoice(OfferSnapshot offer, IReadOnlyDictionary<string, FlightOnSale> flights, IReadOnlySet<(string FlightId, string Number)> taken)
{
    private const int MostAlternatives = 3;

    /// <summary>Those in order so far.</summary>
    public List<ChosenSeat> Chosen { get; } = [];

    /// <summary>What is wrong.</summary>
    public IEnumerable<FieldProblem> Problems(IReadOnlyList<WantedSeat?>? wanted)
    {
        if (wanted is null)
        {
            yield return new("/seats", "seats.required", "Say which seats; an empty list takes back those of the offer.");
            yield break;
        }

        for (var index = 0; index < wanted.Count; index++)
        {
            if (Problem($"/seats/{index}", wanted[index]) is { } problem)
            {
                yield return problem;
            }
        }
    }

    private FieldProblem? Problem(string at, WantedSeat? wanted)
    {
        if (offer.Passengers.FirstOrDefault(known => known.Id == wanted?.PassengerId) is not { } passenger)
        {
            return new($"{at}/passengerId", "passenger.unknown", $"The offer's passengers are {string.Join(", ", offer.Passengers.Select(known => known.Id))}.");
        }

        if (offer.Segments.FirstOrDefault(known => known.Ordinal == wanted!.SegmentOrdinal) is not { } segment)
        {
            return new($"{at}/segmentOrdinal", "segment.unknown", $"The offer's flights are {string.Join(", ", offer.Segments.Select(known => known.Ordinal))}.");
        }

        var number = wanted!.Seat?.Trim().ToUpperInvariant() ?? "";
        if (SeatPlan.Of(flights[segment.FlightId], segment.Cabin) is not { } plan || plan.Find(number) is not { } seat)
        {
            return new($"{at}/seat", "seat.unknown", $"The cabin booked on flight {segment.Ordinal} has no such seat for passengers.");
        }

        if (Chosen.Exists(other => other.SegmentOrdinal == segment.Ordinal && other.PassengerId == passenger.Id))
        {
            return new($"{at}/passengerId", "seat.passenger_twice", $"{passenger.Id} has a seat on flight {segment.Ordinal} already.");
        }

        if (Chosen.Exists(other => other.SegmentOrdinal == segment.Ordinal && other.Seat == seat.Number))
        {
            return new($"{at}/seat", "seat.chosen_twice", $"{seat.Number} on flight {segment.Ordinal} is another passenger's; a seat is one passenger's.");
        }

        if (SeatRules.WhyNot(passenger.Type, seat) is { } why)
        {
            return new(why.Code == "seat.infant" ? $"{at}/passengerId" : $"{at}/seat", why.Code, why.Detail);
        }

        if (SeatPlan.IsExitRow(seat) && !HandsAreLeft(segment.Ordinal))
        {
            return new($"{at}/seat", "seat.exit_row", "At an emergency exit sits nobody with a baby on the lap: so many adults must sit elsewhere as there are lap infants.");
        }

        if (taken.Contains((segment.FlightId, seat.Number)))
        {
            return new($"{at}/seat", "seat.taken", $"{seat.Number} is taken{Instead(plan, segment, passenger, seat.Number)}.");
        }

        Chosen.Add(new(passenger.Id, segment.Ordinal, seat.Number, plan.Price(seat, offer.Total.Currency), seat.Characteristics));
        return null;
    }

    /// <summary>Which adult holds which baby is said when it is booked; that there are enough elsewhere can be said now.</summary>
    private bool HandsAreLeft(int ordinal)
    {
        var (adults, infants) = (offer.Passengers.Count(one => one.Type == PassengerType.Adult), offer.Passengers.Count(one => one.Type == PassengerType.Infant));
        return Chosen.Count(seat => seat.SegmentOrdinal == ordinal && seat.Characteristics.Contains(SeatCharacteristic.ExitRow)) < adults - infants;
    }

    private string Instead(SeatPlan plan, Segment segment, OfferPassenger passenger, string number)
    {
        var free = plan.NearestTo(number)
            .Where(near => !taken.Contains((segment.FlightId, near.Number)) && SeatRules.WhyNot(passenger.Type, near) is null
                && !Chosen.Exists(other => other.SegmentOrdinal == segment.Ordinal && other.Seat == near.Number))
            .Take(MostAlternatives).Select(near => near.Number).ToList();
        return free.Count == 0 ? "" : $"; free near it: {string.Join(", ", free)}";
    }
}
