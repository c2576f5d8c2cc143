using Aerona.Contracts;
using Aerona.Contracts.Airlines;

namespace Aerona.Suppliers;

/// <summary>What the house airline answers to a wish for seats; one of the two.</summary>
/// <param name="Held">The seats are held.</param>
/// <param name="Refused">They cannot be had.</param>
public sealed record HoldAnswer(SeatsHeld? Held, SeatsRefused? Refused);

/// <summary>The house airline's desk: its fares and its seats. Scoped, and part of the transaction that its caller has open: it saves nothing itself.</summary>
public interface IHouseDesk
{
    /// <summary>What a fare, published for everybody, is for that booking now.</summary>
    Money FareFor(Guid bookingId, Money published);

    /// <summary>Holds the seats, or says why not. Null: no answer comes, whatever was done; a look-up finds out.</summary>
    Task<HoldAnswer?> HoldAsync(HoldSeats wish, CancellationToken cancellationToken);

    /// <summary>Makes the hold last until it is bought or released; false when nothing is held any more. An id that never was is closed.</summary>
    Task<bool> PinAsync(PinSeats wish, CancellationToken cancellationToken);

    /// <summary>Gives the seats back unless they are sold, and closes the id whether it was there or not.</summary>
    Task ReleaseAsync(ReleaseSeats wish, CancellationToken cancellationToken);

    /// <summary>What the airline gives back for a cancellation that was quoted; null: it does not say yet.</summary>
    /// <param name="passengers">Who was to travel.</param>
    /// <param name="quoted">The quote's sum, or null where it was not known either.</param>
    Money? RefundFor(IReadOnlyList<Passenger> passengers, Money? quoted) => quoted;
}
