using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Seats;

/// <summary>
/// The seats of the house airline. Every method needs an open transaction, changes the context and leaves saving to the caller. Locks are taken in one
/// order everywhere: counts by key, then holds by id.
/// </summary>
internal sealed class SeatInventory(AirlinesDbContext db, TimeProvider clock, IOptions<HouseAirlineOptions> options)
{
    private const int MostAlternatives = 5;
    private const int MostLapsedAtOnce = 100;

    /// <summary>
    /// Holds a seat in every segment for every passenger who has one, or none at all. A repeat finds the first answer. Who pays later but comes too close to
    /// departure for that gets the seats for as long as everybody.
    /// </summary>
    public async Task<Hold> HoldAsync(HoldSeats command, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<Hold>(command.HoldId, cancellationToken) is { } known)
        {
            return known;
        }

        var offer = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == command.OfferId, cancellationToken);
        if (offer is null)
        {
            return Refuse(command, "offer.not_found", []);
        }

        var now = clock.GetUtcNow();
        var segments = offer.Snapshot.Segments;
        var flightIds = segments.Select(segment => segment.FlightId).ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => flightIds.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        if (segments.Any(segment => !flights.TryGetValue(segment.FlightId, out var flight) || flight.Find(segment.Cabin) is null || flight.DepartsAt <= now))
        {
            return Refuse(command, "flight.withdrawn", []);
        }

        var infants = offer.Snapshot.Passengers.Count(passenger => passenger.Type == PassengerType.Infant);
        var seats = offer.Snapshot.Passengers.Count - infants;
        var wanted = segments
            .SelectMany(segment => new Wish[]
            {
                new(SeatCount.Open(flights[segment.FlightId], segment.Cabin), seats),
                new(SeatCount.Open(flights[segment.FlightId], cabin: null), infants),
            })
            .Where(wish => wish.Seats > 0)
            .ToList();

        var lapsed = await LapsedAsync(now, wanted.ConvertAll(wish => Hold.KeyMark(wish.Count.Key)), cancellationToken);
        var counts = await LockCountsAsync([.. wanted.Select(wish => wish.Count), .. await CountsOfAsync(lapsed, cancellationToken)], cancellationToken);
        foreach (var candidate in lapsed.OrderBy(hold => hold.HoldId))
        {
            var hold = await db.LockAsync<Hold>(candidate.HoldId, cancellationToken);
            if (hold.HasLapsed(now))
            {
                GiveBack(hold, counts, "seats.lapsed");
            }
        }

        var missing = wanted.Where(wish => counts[wish.Count.Key].Left < wish.Seats).ToList();
        if (missing.Count > 0)
        {
            return missing.Find(wish => wish.Count.Cabin is not null) is { Count: { Cabin: { } cabin } full }
                ? Refuse(command, "seats.sold_out", await AlternativesAsync(flights[full.FlightId], cabin, seats, now, cancellationToken))
                : Refuse(command, "seats.infant_limit", []);
        }

        foreach (var wish in wanted)
        {
            counts[wish.Count.Key].Take(wish.Seats);
            Announce(counts[wish.Count.Key]);
        }

        var payLaterUntil = command.PayLater ? options.Value.PayLaterUntil(now, segments[0].DepartsAt) : null;
        var spaceUntil = payLaterUntil ?? Earlier(now + options.Value.HoldFor, segments[0].DepartsAt);
        var priceUntil = Earlier(spaceUntil, payLaterUntil is null ? offer.ExpiresAt : now + options.Value.PayLaterPriceFor);
        var held = Hold.Of(command, counts[wanted[0].Count.Key].Version, [.. TakenSeats.By(offer.Snapshot)], spaceUntil, priceUntil);
        db.Holds.Add(held);
        Note(held, "seats.held");
        return held;
    }

    /// <summary>The hold of an id; where there is none, the id is closed and null returned.</summary>
    public async Task<Hold?> FindOrCloseAsync(Guid bookingId, Guid holdId, CancellationToken cancellationToken)
    {
        var hold = await db.TryLockAsync<Hold>(holdId, cancellationToken);
        if (hold is null)
        {
            db.Holds.Add(Hold.Closed(bookingId, holdId));
        }

        return hold;
    }

    /// <summary>Gives the seats of a Held or Pinned hold back and closes its id; what is sold stays sold.</summary>
    public async Task ReleaseAsync(Guid bookingId, Guid holdId, CancellationToken cancellationToken)
    {
        if (await LockWithCountsAsync(holdId, cancellationToken) is not { } found)
        {
            db.Holds.Add(Hold.Closed(bookingId, holdId));
        }
        else if (found.Hold.State is HoldState.Held or HoldState.Pinned)
        {
            GiveBack(found.Hold, found.Counts, "seats.released");
        }
    }

    /// <summary>Gives the seats of a sold hold back: its order was cancelled.</summary>
    public async Task ReturnSoldAsync(Guid holdId, CancellationToken cancellationToken)
    {
        if (await LockWithCountsAsync(holdId, cancellationToken) is { Hold.State: HoldState.Sold } sold)
        {
            GiveBack(sold.Hold, sold.Counts, "seats.returned");
        }
    }

    /// <summary>Locks a sold hold with its counts, for <see cref="Return"/>; null when it is not sold any more.</summary>
    public async Task<(Hold Hold, Dictionary<string, SeatCount> Counts)?> LockSoldAsync(Guid holdId, CancellationToken cancellationToken) =>
        await LockWithCountsAsync(holdId, cancellationToken) is { Hold.State: HoldState.Sold } sold ? sold : null;

    /// <summary>Gives part of a sold hold's seats back: that much of its order was cancelled.</summary>
    public void Return((Hold Hold, Dictionary<string, SeatCount> Counts) sold, IReadOnlyList<TakenSeats> part)
    {
        sold.Hold.Return(part);
        foreach (var taken in part)
        {
            sold.Counts[taken.Key].GiveBack(taken.Seats);
            Announce(sold.Counts[taken.Key]);
        }

        Note(sold.Hold, "seats.returned");
    }

    /// <summary>Gives the seats back if the hold has lapsed; looks again under the lock, for it may have been pinned meanwhile.</summary>
    public async Task LapseAsync(Guid holdId, CancellationToken cancellationToken)
    {
        if (await LockWithCountsAsync(holdId, cancellationToken) is { } found && found.Hold.HasLapsed(clock.GetUtcNow()))
        {
            GiveBack(found.Hold, found.Counts, "seats.lapsed");
        }
    }

    /// <summary>Brings open counts in line with flights that were published anew.</summary>
    public async Task FollowAuthorisationsAsync(IReadOnlyList<string> flightIds, CancellationToken cancellationToken)
    {
        var open = await db.SeatCounts.AsNoTracking().Where(count => flightIds.Contains(count.FlightId)).ToListAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        var opened = open.Select(count => count.FlightId).Distinct().ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => opened.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        foreach (var count in (await LockCountsAsync(open, cancellationToken)).Values)
        {
            if (SeatCount.AuthorisedOn(flights[count.FlightId], count.Cabin) is var authorised && authorised != count.Authorised)
            {
                count.Authorise(authorised);
                Announce(count);
            }
        }
    }

    private sealed record Wish(SeatCount Count, int Seats);

    private Hold Refuse(HoldSeats command, string reason, IReadOnlyList<string> alternatives)
    {
        var refused = Hold.Closed(command.BookingId, command.HoldId, new(reason, alternatives));
        db.Holds.Add(refused);
        Note(refused, "seats.refused");
        return refused;
    }

    private void GiveBack(Hold hold, Dictionary<string, SeatCount> counts, string kind)
    {
        hold.Release();
        foreach (var taken in hold.Occupies)
        {
            counts[taken.Key].GiveBack(taken.Seats);
            Announce(counts[taken.Key]);
        }

        Note(hold, kind);
    }

    private void Announce(SeatCount count)
    {
        if (count.Changed() is { } changed)
        {
            db.Publish(changed);
        }
    }

    private void Note(Hold hold, string kind) => db.Publish(new BookingNoted(hold.BookingId, kind, clock.GetUtcNow(), hold.HoldId.ToString()));

    /// <summary>Lapsed holds that occupy something of these counts, not locked; usually none, since the sweeper is about.</summary>
    private Task<List<Hold>> LapsedAsync(DateTimeOffset now, List<string> marks, CancellationToken cancellationToken) => db.Holds.AsNoTracking()
        .Where(hold => hold.State == HoldState.Held && hold.SpaceUntil <= now && marks.Any(mark => hold.Keys.Contains(mark)))
        .OrderBy(hold => hold.SpaceUntil).Take(MostLapsedAtOnce)
        .ToListAsync(cancellationToken);

    private async Task<(Hold Hold, Dictionary<string, SeatCount> Counts)?> LockWithCountsAsync(Guid holdId, CancellationToken cancellationToken)
    {
        // What a hold occupies never changes, so it can be read before the locks that must come first.
        if (await db.Holds.AsNoTracking().SingleOrDefaultAsync(hold => hold.HoldId == holdId, cancellationToken) is not { } seen)
        {
            return null;
        }

        var counts = await LockCountsAsync(await CountsOfAsync([seen], cancellationToken), cancellationToken);
        return (await db.LockAsync<Hold>(holdId, cancellationToken), counts);
    }

    private async Task<List<SeatCount>> CountsOfAsync(List<Hold> holds, CancellationToken cancellationToken)
    {
        var keys = holds.SelectMany(hold => hold.Seats).Select(taken => taken.Key).Distinct().ToList();
        return keys.Count == 0 ? [] : await db.SeatCounts.AsNoTracking().Where(count => keys.Contains(count.Key)).ToListAsync(cancellationToken);
    }

    /// <summary>Locks the counts in the order of their keys and opens those that nobody has touched yet.</summary>
    private async Task<Dictionary<string, SeatCount>> LockCountsAsync(IEnumerable<SeatCount> wanted, CancellationToken cancellationToken)
    {
        var locked = new Dictionary<string, SeatCount>();
        foreach (var count in wanted.DistinctBy(count => count.Key).OrderBy(count => count.Key, StringComparer.Ordinal))
        {
            if (await db.TryLockAsync<SeatCount>(count.Key, cancellationToken) is not { } row)
            {
                // Two first holders may both come here: one row is written, and both go on to lock it.
                await db.UpsertAsync([count], version: null, cancellationToken);
                row = await db.LockAsync<SeatCount>(count.Key, cancellationToken);
            }

            locked.Add(row.Key, row);
        }

        return locked;
    }

    /// <summary>Flights on the same route and local day that have the seats, nearest departure first.</summary>
    private async Task<IReadOnlyList<string>> AlternativesAsync(
        FlightOnSale full, Cabin cabin, int seats, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var flights = await db.Flights.AsNoTracking()
            .Where(flight => flight.Origin == full.Origin && flight.Destination == full.Destination && flight.DepartsOn == full.DepartsOn && flight.FlightId != full.FlightId)
            .ToListAsync(cancellationToken);
        var keys = flights.ConvertAll(flight => SeatCount.KeyOf(flight.FlightId, cabin));
        var counts = await db.SeatCounts.AsNoTracking().Where(count => keys.Contains(count.Key)).ToDictionaryAsync(count => count.FlightId, cancellationToken);
        return
        [
            .. flights
                .Where(flight => flight.DepartsAt > now)
                .Where(flight => (counts.GetValueOrDefault(flight.FlightId)?.Left ?? SeatCount.AuthorisedOn(flight, cabin)) >= seats)
                .OrderBy(flight => (flight.DepartsAt - full.DepartsAt).Duration())
                .Take(MostAlternatives)
                .Select(flight => flight.FlightId),
        ];
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
