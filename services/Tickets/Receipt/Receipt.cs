using Aerona.Contracts;

namespace Aerona.Tickets.Receipt;

/// <summary>What an itinerary receipt says.</summary>
/// <param name="Order">The journey, who travels and what it cost.</param>
/// <param name="Paid">What was captured.</param>
/// <param name="VerificationUrl">Behind the QR code.</param>
/// <param name="PassengerId">Whose alone; null: everybody's.</param>
internal sealed record Receipt(TicketedOrder Order, Money Paid, string VerificationUrl, string? PassengerId = null)
{
    public OfferSnapshot Offer => Order.Offer;

    /// <summary>Whom it is about.</summary>
    public IReadOnlyList<Passenger> Passengers { get; } = [.. Order.Passengers.Where(passenger => PassengerId is null || passenger.Id == PassengerId)];

    /// <summary>What they cost.</summary>
    public Money Total => Passengers.Select(passenger => TotalOf(passenger.Id)).Sum(Currency);

    public string Currency => Offer.Total.Currency;

    /// <summary>A passenger's price lines, those of one code added up over the segments; fare first, then charges, then taxes.</summary>
    public IReadOnlyList<PriceLine> LinesOf(string passengerId) =>
    [
        .. from line in Offer.Lines
           where line.PassengerId == passengerId
           group line by (line.Kind, line.Code, line.Country, line.Refundable) into same
           orderby same.Key.Kind
           select same.First() with { Amount = same.Select(line => line.Amount).Sum(Currency) },
    ];

    public Money TotalOf(string passengerId) =>
        Offer.Lines.Where(line => line.PassengerId == passengerId).Select(line => line.Amount).Sum(Currency);

    /// <summary>Seats chosen on a flight, in the passengers' order.</summary>
    public IReadOnlyList<ChosenSeat> SeatsOn(int segmentOrdinal) =>
    [
        .. from passenger in Passengers
           from seat in Offer.Seats ?? []
           where seat.PassengerId == passenger.Id && seat.SegmentOrdinal == segmentOrdinal
           select seat,
    ];

    public Money TotalOf(PriceLineKind kind) => Offer.Lines.Where(line => line.Kind == kind && (PassengerId is null || line.PassengerId == PassengerId)).Select(line => line.Amount).Sum(Currency);
}
