using Aerona.Contracts;
using Aerona.Contracts.Bookings;

namespace Aerona.Bookings;

/// <summary>What somebody asked to be booked; never changed. How it goes stands in the saga's row of the same id.</summary>
internal sealed class Booking
{
    public required Guid Id { get; init; }

    /// <summary>Our record locator, unique.</summary>
    public required string Locator { get; init; }

    /// <summary>Subject of who booked; null for a guest.</summary>
    public string? Owner { get; init; }

    /// <summary>The offer as it was when submitted.</summary>
    public required OfferSnapshot Offer { get; init; }

    public required IReadOnlyList<Passenger> Passengers { get; init; }

    public required Contact Contact { get; init; }

    /// <summary>Where the payer's browser goes in the end; null for our own page.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The client's own reference; not unique.</summary>
    public string? ClientReference { get; init; }

    /// <summary>Whether the traveller pays before the airline's limit instead of now.</summary>
    public bool PayLater { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    public BookingSubmitted Submitted() => new(Id, Locator, Offer.OfferId, Passengers, Contact, Owner, ReturnUrl, SubmittedAt, PayLater);
}
