using System.Globalization;
using Aerona.Contracts;

namespace Aerona.Bookings.Support;

/// <summary>What staff may know a booking by, in the form in which it is compared. Added in the transaction that makes it known; one may stand there twice.</summary>
internal sealed class SearchKey
{
    public long Id { get; init; }

    public required Guid BookingId { get; init; }

    public required SearchKeyKind Kind { get; init; }

    /// <summary>See <see cref="SearchKeyKind"/>.</summary>
    public required string Key { get; init; }

    /// <summary>What is known from the beginning.</summary>
    public static IEnumerable<SearchKey> Of(Booking booking)
    {
        foreach (var passenger in booking.Passengers)
        {
            yield return new() { BookingId = booking.Id, Kind = SearchKeyKind.Name, Key = $"{passenger.TicketSurname} {passenger.TicketGivenName}" };
        }

        yield return new() { BookingId = booking.Id, Kind = SearchKeyKind.Email, Key = OfEmail(booking.Contact.Email) };
        if (booking.Contact.Phone is { } phone)
        {
            yield return new() { BookingId = booking.Id, Kind = SearchKeyKind.Phone, Key = phone };
        }

        foreach (var segment in booking.Offer.Segments)
        {
            yield return new() { BookingId = booking.Id, Kind = SearchKeyKind.Flight, Key = OfFlight(segment.Flight, DateOnly.FromDateTime(segment.DepartsLocal)) };
        }
    }

    /// <summary>What the airline gave it.</summary>
    public static IEnumerable<SearchKey> Of(Guid bookingId, IEnumerable<Locator> locators, IEnumerable<TicketNumber> tickets) =>
    [
        .. locators.Select(locator => new SearchKey { BookingId = bookingId, Kind = SearchKeyKind.Locator, Key = locator.Code }),
        .. tickets.Select(ticket => new SearchKey { BookingId = bookingId, Kind = SearchKeyKind.Ticket, Key = ticket.Number }),
    ];

    public static string OfEmail(string address) => address.Trim().ToUpperInvariant();

    public static string OfFlight(FlightDesignator flight, DateOnly date) => string.Create(CultureInfo.InvariantCulture, $"{flight} {date:yyyy-MM-dd}");
}

/// <summary>What a key is.</summary>
internal enum SearchKeyKind
{
    /// <summary>A passenger's, as on the ticket: <c>SURNAME GIVEN NAMES</c>.</summary>
    Name = 1,

    /// <summary>In capitals.</summary>
    Email = 2,

    /// <summary>E.164.</summary>
    Phone = 3,

    /// <summary>Designator and local day of departure: <c>VN123 2026-12-01</c>.</summary>
    Flight = 4,

    /// <summary>The supplier's or an airline's; ours stands in the booking.</summary>
    Locator = 5,

    /// <summary>13 digits.</summary>
    Ticket = 6,
}
