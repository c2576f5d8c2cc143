using System.Collections.Concurrent;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Suppliers;

namespace Aerona.Sandbox.HouseAirline;

/// <summary>Bookings whose names asked for something at the desk. A restart forgets them: from then on they are treated like everybody.</summary>
internal sealed class PlayedBookings
{
    /// <summary>The first hold of each booking whose seats are to be given away.</summary>
    public ConcurrentDictionary<Guid, Guid> FirstHolds { get; } = [];

    /// <summary>Bookings that pay more from now on.</summary>
    public ConcurrentDictionary<Guid, bool> PayMore { get; } = [];
}

/// <summary>The house airline's desk on a bad day; see <see cref="Scenario"/>.</summary>
internal sealed class ScenarioDesk(IHouseDesk house, PlayedBookings played) : IHouseDesk
{
    private const decimal Rise = 1.1m;
    private const decimal Shortened = 0.9m;

    public Money FareFor(Guid bookingId, Money published)
    {
        var fare = house.FareFor(bookingId, published);
        return played.PayMore.ContainsKey(bookingId) ? Money.Round(fare.Amount * Rise, fare.Currency) : fare;
    }

    public async Task<HoldAnswer?> HoldAsync(HoldSeats wish, CancellationToken cancellationToken)
    {
        if (wish.Passengers.IsAskedFor(Scenario.HoldTimeoutBefore))
        {
            return null;
        }

        if (wish.Passengers.IsAskedFor(Scenario.HoldLapses))
        {
            played.FirstHolds.TryAdd(wish.BookingId, wish.HoldId);
        }

        if (wish.Passengers.IsAskedFor(Scenario.FareRises))
        {
            played.PayMore.TryAdd(wish.BookingId, true);
        }

        var answer = await house.HoldAsync(wish, cancellationToken);
        return wish.Passengers.IsAskedFor(Scenario.HoldTimeoutAfter) ? null : answer;
    }

    public async Task<bool> PinAsync(PinSeats wish, CancellationToken cancellationToken)
    {
        if (played.FirstHolds.TryGetValue(wish.BookingId, out var first) && first == wish.HoldId)
        {
            await house.ReleaseAsync(new(wish.BookingId, wish.HoldId, wish.Token), cancellationToken);
            return false;
        }

        return await house.PinAsync(wish, cancellationToken);
    }

    public Money? RefundFor(IReadOnlyList<Passenger> passengers, Money? quoted)
    {
        var refund = house.RefundFor(passengers, quoted);
        return passengers.IsAskedFor(Scenario.RefundUnknown) || refund is not { } known ? null
            : passengers.IsAskedFor(Scenario.RefundLess) ? Money.Round(known.Amount * Shortened, known.Currency)
            : known;
    }

    public Task ReleaseAsync(ReleaseSeats wish, CancellationToken cancellationToken) => house.ReleaseAsync(wish, cancellationToken);
}
