using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Seats;

/// <summary>
/// The seats of the house airline. Every method needs an open transaction, changes the context and leaves saving to the caller. Locks are taken in one
/// order everywhere: counts by key, then holds by id.
/// </summary>
internal sealed class SeatInventory(AirlinesDbContext db, StoredOffers offers, TimeProvider clock, IOptions<HouseAirlineOptions> options)
{
    private const int MostAlternatives = 5;
    private const int MostLapsedAtOnce = 100;

    /// <summary>
    /// Holds a seat in every segment for every passenger who has one, or none at all. A repeat finds the first answer. Who pays later but comes too close to
    /// departure for that gets the seats for as long as everybody.
    /// </summary>
    public async Task<Hold> HoldAsync(HoldSeats command, CancellationToken cancellationToken)
    {
        var (now, offer) = (clock.GetUtcNow(), await offers.FindAsync(command.OfferId, cancellationToken));
        List<TakenSeats> wanted = offer is null ? [] : [.. TakenSeats.By(offer.Snapshot)];
        var found = await LapsedAndAsync(command.HoldId, now, wanted.ConvertAll(taken => Hold.KeyMark(taken.Key)), cancellationToken);
        if (found is [var known] && known.HoldId == command.HoldId)
        {
            return await db.LockAsync<Hold>(command.HoldId, cancellationToken);
        }

        if (offer is null)
        {
            return Refuse(command, "offer.not_found", []);
        }

        // A count follows its flight in the transaction that publishes it, so under its lock it says what the flight would: flights are read only where it does not.
        var segments = offer.Snapshot.Segments;
        var counts = await LockCountsAsync([.. wanted.Select(taken => taken.Key), .. found.SelectMany(hold => hold.Seats).Select(taken => taken.Key)], cancellationToken);
        var isPlain = offer.Snapshot.Seats is null && segments.All(segment => segment.DepartsAt > now)
            && wanted.TrueForAll(taken => counts.GetValueOrDefault(taken.Key) is { } count && count.Left >= taken.Seats && (count.Cabin is null || count.Buckets is not null));
        var flights = isPlain ? [] : await FlightsAsync(segments, cancellationToken);
        if (!isPlain && segments.Any(segment => !flights.TryGetValue(segment.FlightId, out var flight) || flight.Find(segment.Cabin) is null || flight.DepartsAt <= now))
        {
            return Refuse(command, "flight.withdrawn", []);
        }

        foreach (var candidate in found.OrderBy(hold => hold.HoldId))
        {
            var hold = await db.LockAsync<Hold>(candidate.HoldId, cancellationToken);
            if (hold.HasLapsed(now))
            {
                await GiveBackAsync(hold, counts, "seats.lapsed", cancellationToken);
            }
        }

        foreach (var taken in wanted.Where(taken => counts[taken.Key] is { Cabin: not null, Buckets: null }))
        {
            counts[taken.Key].Follow(flights[counts[taken.Key].FlightId]);   // opened before there were booking classes
        }

        if (wanted.Find(taken => counts[taken.Key] is { Cabin: not null } count && count.Left < taken.Seats) is { } full)
        {
            var (flightId, cabin) = (counts[full.Key].FlightId, counts[full.Key].Cabin!.Value);
            return Refuse(command, "seats.sold_out", await AlternativesAsync(flights[flightId], cabin, full.Seats, now, cancellationToken));
        }

        if (wanted.Exists(taken => counts[taken.Key].Left < taken.Seats))
        {
            return Refuse(command, "seats.infant_limit", []);
        }

        if (wanted.Exists(taken => taken.BookingClass is { } bookingClass && counts[taken.Key].LeftIn(bookingClass) < taken.Seats))
        {
            return Refuse(command, "seats.class_closed", []);
        }

        var places = (offer.Snapshot.Seats ?? []).Select(chosen => HeldSeat.Of(chosen, segments.First(segment => segment.Ordinal == chosen.SegmentOrdinal))).ToList();
        if (places.Count > 0 && await WhyNotThereAsync(command, offer.Snapshot, places, flights, cancellationToken) is { } refusal)
        {
            return Refuse(command, refusal);
        }

        foreach (var taken in wanted)
        {
            counts[taken.Key].Take(taken);
            Announce(counts[taken.Key]);
        }

        db.AssignedSeats.AddRange(places.Select(place => new AssignedSeat { FlightId = place.FlightId, Number = place.Number!, HoldId = command.HoldId }));

        var payLaterUntil = command.PayLater ? options.Value.PayLaterUntil(now, segments[0].DepartsAt) : null;
        var spaceUntil = payLaterUntil ?? Earlier(now + options.Value.HoldFor, segments[0].DepartsAt);
        var priceUntil = Earlier(spaceUntil, payLaterUntil is null ? offer.ExpiresAt : now + options.Value.PayLaterPriceFor);
        var held = Hold.Of(command, counts[wanted[0].Key].Version, wanted, places, spaceUntil, priceUntil);
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
            await GiveBackAsync(found.Hold, found.Counts, "seats.released", cancellationToken);
        }
    }

    /// <summary>Gives the seats of a sold hold back: its order was cancelled.</summary>
    public async Task ReturnSoldAsync(Guid holdId, CancellationToken cancellationToken)
    {
        if (await LockWithCountsAsync(holdId, cancellationToken) is { Hold.State: HoldState.Sold } sold)
        {
            await GiveBackAsync(sold.Hold, sold.Counts, "seats.returned", cancellationToken);
        }
    }

    /// <summary>Locks a sold hold with its counts, for <see cref="ReturnAsync"/>; null when it is not sold any more.</summary>
    public async Task<(Hold Hold, Dictionary<string, SeatCount> Counts)?> LockSoldAsync(Guid holdId, CancellationToken cancellationToken) =>
        await LockWithCountsAsync(holdId, cancellationToken) is { Hold.State: HoldState.Sold } sold ? sold : null;

    /// <summary>Gives part of a sold hold's seats back: that much of its order was cancelled.</summary>
    public async Task ReturnAsync(
        (Hold Hold, Dictionary<string, SeatCount> Counts) sold, IReadOnlyList<TakenSeats> part, IReadOnlyList<CouponKey> coupons, CancellationToken cancellationToken)
    {
        sold.Hold.Return(part);
        foreach (var taken in part)
        {
            sold.Counts[taken.Key].GiveBack(taken with { BookingClass = sold.Hold.Seats.First(one => one.Key == taken.Key).BookingClass });
            Announce(sold.Counts[taken.Key]);
        }

        foreach (var place in sold.Hold.LeavePlaces(coupons))
        {
            await db.AssignedSeats.Where(seat => seat.FlightId == place.FlightId && seat.Number == place.Number).ExecuteDeleteAsync(cancellationToken);
        }

        Note(sold.Hold, "seats.returned");
    }

    /// <summary>Gives the seats back if the hold has lapsed; looks again under the lock, for it may have been pinned meanwhile.</summary>
    public async Task LapseAsync(Guid holdId, CancellationToken cancellationToken)
    {
        if (await LockWithCountsAsync(holdId, cancellationToken) is { } found && found.Hold.HasLapsed(clock.GetUtcNow()))
        {
            await GiveBackAsync(found.Hold, found.Counts, "seats.lapsed", cancellationToken);
        }
    }

    /// <summary>Brings open counts, and chosen seats, in line with flights that were published anew.</summary>
    public async Task FollowAsync(IReadOnlyList<string> flightIds, CancellationToken cancellationToken)
    {
        var open = await db.SeatCounts.AsNoTracking().Where(count => flightIds.Contains(count.FlightId)).ToListAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        var opened = open.Select(count => count.FlightId).Distinct().ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => opened.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        foreach (var count in (await LockCountsAsync(open.ConvertAll(count => count.Key), cancellationToken)).Values)
        {
            if (count.Follow(flights[count.FlightId]))
            {
                Announce(count);
            }
        }

        // Seats are only where counts are, and these are locked now.
        var chosen = await db.AssignedSeats.AsNoTracking().Where(seat => opened.Contains(seat.FlightId)).ToListAsync(cancellationToken);
        foreach (var seats in chosen.GroupBy(seat => seat.FlightId).OrderBy(seats => seats.Key, StringComparer.Ordinal))
        {
            await MoveSeatsAsync(flights[seats.Key], [.. seats], cancellationToken);
        }
    }

    /// <summary>Gives everybody whose seat is not there any more, or not what it was, the one most like it. Needs the locks of the flight's counts.</summary>
    private async Task MoveSeatsAsync(FlightOnSale flight, List<AssignedSeat> seats, CancellationToken cancellationToken)
    {
        if (flight is { Cabins.Count: 0, SeatMap: null })
        {
            return;   // withdrawn: what is sold stays as it is. With a seat map it may only be that no cabin that was sold is built in any more
        }

        var holds = new List<Hold>();
        foreach (var holdId in seats.Select(seat => seat.HoldId).Distinct().Order())
        {
            holds.Add(await db.LockAsync<Hold>(holdId, cancellationToken));
        }

        var moves = SeatMoves.Of(flight, holds);
        foreach (var move in moves)
        {
            await db.AssignedSeats.Where(seat => seat.FlightId == flight.FlightId && seat.Number == move.Place.Number).ExecuteDeleteAsync(cancellationToken);
        }

        foreach (var (hold, place, to, told) in moves)
        {
            // What goes back for a seat goes back once.
            var price = told.Refund is null ? place.Price : Money.Zero(place.Price.Currency);
            hold.Places = [.. hold.Places!.Select(old => old == place ? place with { Number = to?.Number, Price = price } : old)];
        }

        await db.UpsertAsync(
            [.. moves.Where(move => move.To is not null).Select(move => new AssignedSeat { FlightId = flight.FlightId, Number = move.To!.Number, HoldId = move.Hold.HoldId })],
            version: null, cancellationToken);
        foreach (var booking in moves.GroupBy(move => move.Hold))
        {
            db.Publish(new SeatsMoved(booking.Key.BookingId, flight.FlightId, [.. booking.Select(move => move.Told)], clock.GetUtcNow()));
            Note(booking.Key, "seats.moved");
        }
    }

    /// <summary>Why the chosen seats cannot be had: somebody else's, not there any more, not for who chose them; null when they can. Needs the counts' locks.</summary>
    private async Task<Refusal?> WhyNotThereAsync(
        HoldSeats command, OfferSnapshot offer, List<HeldSeat> places, Dictionary<string, FlightOnSale> flights, CancellationToken cancellationToken)
    {
        var flightIds = places.ConvertAll(place => place.FlightId);
        var taken = await db.TakenSeatsAsync(flightIds, cancellationToken);
        var (gone, forbidden) = (new List<RefusedSeat>(), new List<RefusedSeat>());
        foreach (var place in places)
        {
            var plan = SeatPlan.Of(flights[place.FlightId], place.Cabin);
            var seat = plan?.Find(place.Number!);
            var isFree = seat is not null && !taken.Contains((place.FlightId, place.Number!));
            if (isFree && MayHave(place, seat!))
            {
                continue;
            }

            var others = places.Where(other => other.FlightId == place.FlightId).Select(other => other.Number!).ToHashSet();
            var nearest = plan?.NearestTo(place.Number!).Where(near => !taken.Contains((place.FlightId, near.Number)) && !others.Contains(near.Number) && MayHave(place, near));
            (isFree ? forbidden : gone).Add(new(place.PassengerId, place.SegmentOrdinal, place.Number!, [.. (nearest ?? []).Take(MostAlternatives).Select(near => near.Number)]));
        }

        return gone.Count > 0 ? new("seats.taken", [], gone) : forbidden.Count > 0 ? new("seats.exit_row", [], forbidden) : null;

        bool MayHave(HeldSeat place, Seat seat) => command.Passengers.FirstOrDefault(passenger => passenger.Id == place.PassengerId) is { } passenger
            && SeatRules.MayHave(passenger, command.Passengers, DateOnly.FromDateTime(offer.Segments.First(segment => segment.Ordinal == place.SegmentOrdinal).DepartsLocal), seat);
    }

    private Hold Refuse(HoldSeats command, string reason, IReadOnlyList<string> alternatives) => Refuse(command, new(reason, alternatives));

    private Hold Refuse(HoldSeats command, Refusal refusal)
    {
        var refused = Hold.Closed(command.BookingId, command.HoldId, refusal);
        db.Holds.Add(refused);
        Note(refused, "seats.refused");
        return refused;
    }

    private async Task GiveBackAsync(Hold hold, Dictionary<string, SeatCount> counts, string kind, CancellationToken cancellationToken)
    {
        hold.Release();
        foreach (var taken in hold.Occupies)
        {
            counts[taken.Key].GiveBack(taken);
            Announce(counts[taken.Key]);
        }

        if (hold.Places is not null)
        {
            await db.AssignedSeats.Where(seat => seat.HoldId == hold.HoldId).ExecuteDeleteAsync(cancellationToken);
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

    /// <summary>The hold of an id if there is one, else lapsed holds that occupy something of these counts: usually none, since the sweeper is about. Not locked.</summary>
    private async Task<List<Hold>> LapsedAndAsync(Guid holdId, DateTimeOffset now, List<string> marks, CancellationToken cancellationToken)
    {
        var found = await db.Holds.AsNoTracking()
            .Where(hold => hold.HoldId == holdId || (hold.State == HoldState.Held && hold.SpaceUntil <= now && marks.Any(mark => hold.Keys.Contains(mark))))
            .OrderByDescending(hold => hold.HoldId == holdId).ThenBy(hold => hold.SpaceUntil).Take(MostLapsedAtOnce)
            .ToListAsync(cancellationToken);
        return found is [var first, ..] && first.HoldId == holdId ? [first] : found;
    }

    private async Task<(Hold Hold, Dictionary<string, SeatCount> Counts)?> LockWithCountsAsync(Guid holdId, CancellationToken cancellationToken)
    {
        // What a hold occupies never changes, so it can be read before the locks that must come first.
        if (await db.Holds.AsNoTracking().SingleOrDefaultAsync(hold => hold.HoldId == holdId, cancellationToken) is not { } seen)
        {
            return null;
        }

        var counts = await LockCountsAsync(seen.Seats.Select(taken => taken.Key), cancellationToken);
        return (await db.LockAsync<Hold>(holdId, cancellationToken), counts);
    }

    /// <summary>Locks the counts in the order of their keys and opens those that nobody has touched yet; of a flight that is not known there is none.</summary>
    private async Task<Dictionary<string, SeatCount>> LockCountsAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var locked = new Dictionary<string, SeatCount>();
        foreach (var key in keys.Distinct().Order(StringComparer.Ordinal))
        {
            if ((await db.TryLockAsync<SeatCount>(key, cancellationToken) ?? await OpenAsync(key, cancellationToken)) is { } count)
            {
                locked.Add(key, count);
            }
        }

        return locked;
    }

    private async Task<SeatCount?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        // Locked, so that whoever publishes the flight anew comes before or finds the count.
        var (flightId, cabin) = SeatCount.Parse(key);
        var flight = db.Flights.Local.FirstOrDefault(known => known.FlightId == flightId) ?? await db.TryLockAsync<FlightOnSale>(flightId, cancellationToken);
        if (flight is null)
        {
            return null;
        }

        // Two first holders may both come here: one row is written, and both go on to lock it.
        await db.UpsertAsync([SeatCount.Open(flight, cabin)], version: null, cancellationToken);
        return await db.LockAsync<SeatCount>(key, cancellationToken);
    }

    private Task<Dictionary<string, FlightOnSale>> FlightsAsync(IReadOnlyList<Segment> segments, CancellationToken cancellationToken)
    {
        var flightIds = segments.Select(segment => segment.FlightId).ToList();
        return db.Flights.AsNoTracking().Where(flight => flightIds.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
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
