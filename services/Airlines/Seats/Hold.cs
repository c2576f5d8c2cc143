using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;

namespace Aerona.Airlines.Seats;

/// <summary>Held → Pinned → Sold, and from each to Released, which is for ever.</summary>
internal enum HoldState
{
    /// <summary>May lapse.</summary>
    Held,

    /// <summary>Ends by a purchase or a release only.</summary>
    Pinned,

    Sold,

    /// <summary>Given back, lapsed, refused, or denied before it was ever made: nothing is held under this id and nothing will be.</summary>
    Released,
}

/// <summary>Seats taken from a count.</summary>
/// <param name="Key">The count's.</param>
/// <param name="Seats">How many.</param>
/// <param name="BookingClass">The bucket they were taken from; null of lap infants, and of what was taken before there were buckets.</param>
internal sealed record TakenSeats(string Key, int Seats, string? BookingClass = null)
{
    /// <summary>What an offer's flights take for its passengers: infants sit on laps and are counted by themselves.</summary>
    public static IEnumerable<TakenSeats> By(OfferSnapshot offer)
    {
        var infants = offer.Passengers.Count(passenger => passenger.Type == PassengerType.Infant);
        return offer.Segments
            .SelectMany(segment => new TakenSeats[]
            {
                new(SeatCount.KeyOf(segment.FlightId, segment.Cabin), offer.Passengers.Count - infants, segment.BookingClass),
                new(SeatCount.KeyOf(segment.FlightId, cabin: null), infants),
            })
            .Where(taken => taken.Seats > 0);
    }
}

/// <summary>Why an attempt got no seats.</summary>
internal sealed record Refusal(string Reason, IReadOnlyList<string> Alternatives, IReadOnlyList<RefusedSeat>? Seats = null);

/// <summary>An attempt to hold seats. It occupies them by its state alone: time frees nothing, the sweeper or the next holder does.</summary>
internal sealed class Hold
{
    public required Guid HoldId { get; init; }

    public required Guid BookingId { get; init; }

    public HoldState State { get; private set; }

    /// <summary>Fencing token; 0 where nothing was ever held.</summary>
    public long Token { get; private init; }

    /// <summary>What it was made for and occupied then; never changes.</summary>
    public IReadOnlyList<TakenSeats> Seats { get; private init; } = [];

    /// <summary>What was given back of it since it was sold, or null.</summary>
    public IReadOnlyList<TakenSeats>? Returned { get; private set; }

    /// <summary>What it occupies unless released.</summary>
    public IEnumerable<TakenSeats> Occupies => Returned is null ? Seats : Seats
        .Select(taken => taken with { Seats = taken.Seats - Returned.Where(back => back.Key == taken.Key).Sum(back => back.Seats) })
        .Where(taken => taken.Seats > 0);

    /// <summary>The keys of <see cref="Seats"/> each between bars, for the database to find what occupies a count.</summary>
    public string Keys { get; private init; } = "";

    /// <summary>The seats chosen, each in <see cref="AssignedSeat"/> too unless released; null: none was. Other cabins can make them others.</summary>
    public IReadOnlyList<HeldSeat>? Places { get; set; }

    /// <summary>Why it was refused, or null.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>UTC; from then on a Held one may be released.</summary>
    public DateTimeOffset SpaceUntil { get; private init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset PriceUntil { get; private init; }

    /// <summary>UTC, or null.</summary>
    public DateTimeOffset? PinnedAt { get; private set; }

    /// <summary>UTC, when staff were told that it has been pinned for too long; or null.</summary>
    public DateTimeOffset? AlarmedAt { get; private set; }

    public static Hold Of(
        HoldSeats command, long token, IReadOnlyList<TakenSeats> seats, IReadOnlyList<HeldSeat> places, DateTimeOffset spaceUntil, DateTimeOffset priceUntil) => new()
        {
            HoldId = command.HoldId,
            BookingId = command.BookingId,
            State = HoldState.Held,
            Token = token,
            Seats = seats,
            Places = places.Count == 0 ? null : places,
            Keys = string.Concat(seats.Select(taken => KeyMark(taken.Key))),
            SpaceUntil = spaceUntil,
            PriceUntil = priceUntil,
        };

    /// <summary>How <see cref="Keys"/> contains a key.</summary>
    public static string KeyMark(string key) => $"|{key}|";

    /// <summary>An id under which nothing is or will be held.</summary>
    public static Hold Closed(Guid bookingId, Guid holdId, Refusal? refusal = null) =>
        new() { HoldId = holdId, BookingId = bookingId, State = HoldState.Released, Refusal = refusal };

    public SeatsHeld? Held() => State == HoldState.Released ? null : new(BookingId, HoldId, Token, SpaceUntil, PriceUntil);

    public SeatsRefused Refused() => new(BookingId, HoldId, Refusal?.Reason ?? "hold.closed", Refusal?.Alternatives ?? [], Refusal?.Seats);

    /// <summary>Whether it is the caller's: the token proves that it is this hold and not what somebody remembers of it.</summary>
    public bool IsLive(long token) => State != HoldState.Released && Token == token;

    public bool HasLapsed(DateTimeOffset now) => State == HoldState.Held && SpaceUntil <= now;

    /// <summary>False when there is nothing to pin under that token. A pinned or sold one stays as it is.</summary>
    public bool Pin(long token, DateTimeOffset now)
    {
        if (!IsLive(token))
        {
            return false;
        }

        if (State == HoldState.Held)
        {
            (State, PinnedAt) = (HoldState.Pinned, now);
        }

        return true;
    }

    /// <summary>
    /// False unless pinned under that token, for that booking, and just what the offer takes. Which offer it was held under does not matter: the hold is the
    /// seats, the offer is the price, and a booking may have got a new one meanwhile.
    /// </summary>
    public bool Sell(Guid bookingId, long token, OfferSnapshot offer)
    {
        if (State != HoldState.Pinned || Token != token || BookingId != bookingId || !Takes(offer))
        {
            return false;
        }

        State = HoldState.Sold;
        return true;
    }

    // Of the chosen seats who has one and where: which one may have become another. From which bucket does not matter for the same reason as the offer.
    private bool Takes(OfferSnapshot offer) =>
        Seats.Select(taken => (taken.Key, taken.Seats)).ToHashSet().SetEquals(TakenSeats.By(offer).Select(taken => (taken.Key, taken.Seats)))
        && (Places ?? []).Select(place => (place.PassengerId, place.SegmentOrdinal)).ToHashSet()
            .SetEquals((offer.Seats ?? []).Select(chosen => (chosen.PassengerId, chosen.SegmentOrdinal)));

    /// <summary>False when it is no longer pinned or the alarm was raised before.</summary>
    public bool Alarm(DateTimeOffset now)
    {
        if (State != HoldState.Pinned || AlarmedAt is not null)
        {
            return false;
        }

        AlarmedAt = now;
        return true;
    }

    /// <summary>Part of what was sold is given back; with the last of it the hold is released.</summary>
    public void Return(IReadOnlyList<TakenSeats> part)
    {
        Returned = [.. Returned ?? [], .. part];
        if (!Occupies.Any())
        {
            State = HoldState.Released;
        }
    }

    /// <summary>The chosen seats of these coupons, which are nobody's from now on.</summary>
    public IReadOnlyList<HeldSeat> LeavePlaces(IReadOnlyList<CouponKey> coupons)
    {
        var left = (Places ?? []).Where(place => coupons.Contains(new(place.PassengerId, place.SegmentOrdinal))).ToList();
        Places = left.Count == 0 ? Places : [.. Places!.Except(left)];
        return left;
    }

    public void Release() => State = HoldState.Released;
}
