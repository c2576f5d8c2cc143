using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Wording;

namespace Aerona.Tickets;

/// <summary>A bought order as it was ticketed: what the documents are made from.</summary>
internal sealed class TicketedOrder
{
    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    public required string Locator { get; init; }

    public required IReadOnlyList<Locator> Locators { get; init; }

    /// <summary>Subject of who booked; null for a guest.</summary>
    public required string? Owner { get; init; }

    public required OfferSnapshot Offer { get; init; }

    public required IReadOnlyList<Passenger> Passengers { get; init; }

    /// <summary>At least one a passenger; more where the journey has more than four segments.</summary>
    public required IReadOnlyList<TicketNumber> TicketNumbers { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public IEnumerable<string> NumbersOf(string passengerId) =>
        TicketNumbers.Where(number => number.PassengerId == passengerId).Select(number => number.Number);

    /// <summary>The order, or null while the airline has not given every passenger the numbers that the journey's coupons need.</summary>
    public static TicketedOrder? Of(IssueTickets command, DateTimeOffset now)
    {
        var documents = (command.Offer.Segments.Count + Ticket.MostCoupons - 1) / Ticket.MostCoupons;
        var numbers = command.Passengers
            .SelectMany(passenger => command.TicketNumbers.Where(number => number.PassengerId == passenger.Id && Ticket.IsNumber(number.Number)).Take(documents))
            .DistinctBy(number => number.Number)
            .ToList();
        return numbers.Count < documents * command.Passengers.Count
            ? null
            : new()
            {
                OrderId = command.OrderId,
                BookingId = command.BookingId,
                Locator = command.Locator,
                Locators = command.Locators,
                Owner = command.Owner,
                Offer = command.Offer,
                Passengers = command.Passengers,
                TicketNumbers = numbers,
                IssuedAt = now,
            };
    }

    /// <summary>A document for each passenger and each four segments.</summary>
    public IEnumerable<Ticket> Tickets() =>
        from passenger in Passengers
        let numbers = NumbersOf(passenger.Id).ToList()
        from document in Offer.Segments.OrderBy(segment => segment.Ordinal).Chunk(Ticket.MostCoupons).Zip(numbers)
        select new Ticket
        {
            Number = document.Second,
            PrimaryNumber = numbers[0],
            OrderId = OrderId,
            BookingId = BookingId,
            Owner = Owner,
            Locator = Locator,
            PassengerId = passenger.Id,
            PassengerType = passenger.Type,
            PassengerName = passenger.PrintedName(),
            ValidatingCarrier = Offer.ValidatingCarrier,
            IssuedAt = IssuedAt,
            Coupons = [.. document.First.Select((segment, place) => new Coupon
            {
                TicketNumber = document.Second,
                Number = place + 1,
                SegmentOrdinal = segment.Ordinal,
                FlightId = segment.FlightId,
                Flight = segment.Flight.ToString(),
                Origin = segment.Origin,
                Destination = segment.Destination,
                DepartsLocal = segment.DepartsLocal,
                BookingClass = segment.BookingClass,
                FareBasis = segment.FareBasis,
                BaggageAllowance = segment.BaggageAllowance,
            })],
        };
}
