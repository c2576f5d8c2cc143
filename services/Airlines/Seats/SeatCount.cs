using Aerona.Airlines.Flights;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;

namespace Aerona.Airlines.Seats;

/// <summary>What is sold of a cabin in one booking class.</summary>
/// <param name="BookingClass">One letter.</param>
/// <param name="Authorised">Seats that may be sold in this class and all cheaper ones together; null: it is not sold any more.</param>
/// <param name="Occupied">Held, pinned and sold in this class.</param>
internal sealed record Bucket(string BookingClass, int? Authorised, int Occupied);

/// <summary>
/// What is counted of a flight: the seats of a cabin, or its lap infants, for whom the aircraft has a limited number of masks and vests. Opened at the
/// first hold. Whoever changes one locks it first, several in the order of their keys, and before any hold.
/// </summary>
internal sealed class SeatCount
{
    /// <summary><c>VN55-20261201/Economy</c>, or <c>VN55-20261201/LapInfants</c>.</summary>
    public required string Key { get; init; }

    public required string FlightId { get; init; }

    /// <summary>Null for lap infants.</summary>
    public required Cabin? Cabin { get; init; }

    /// <summary>How many may be sold: not the seats built in. May fall below <see cref="Occupied"/>; then the flight is oversold and sells no more.</summary>
    public required int Authorised { get; set; }

    /// <summary>Held, pinned and sold.</summary>
    public int Occupied { get; private set; }

    /// <summary>Grows with every move.</summary>
    public long Version { get; private set; }

    /// <summary>
    /// The booking classes from the dearest to the cheapest, before them those that are not sold any more. What was taken before there were buckets is in none of
    /// them. Null: lap infants, or not moved since.
    /// </summary>
    public IReadOnlyList<Bucket>? Buckets { get; private set; }

    /// <summary>What can still be sold, never negative.</summary>
    public int Left => Math.Max(0, Authorised - Occupied);

    public static string KeyOf(string flightId, Cabin? cabin) => $"{flightId}/{cabin?.ToString() ?? "LapInfants"}";

    /// <summary>The flight and cabin of a key.</summary>
    public static (string FlightId, Cabin? Cabin) Parse(string key)
    {
        var bar = key.IndexOf('/', StringComparison.Ordinal);
        return (key[..bar], key.EndsWith("/LapInfants", StringComparison.Ordinal) ? null : Enum.Parse<Cabin>(key.AsSpan(bar + 1)));
    }

    public static SeatCount Open(FlightOnSale flight, Cabin? cabin) => new()
    {
        Key = KeyOf(flight.FlightId, cabin),
        FlightId = flight.FlightId,
        Cabin = cabin,
        Authorised = AuthorisedOn(flight, cabin),
        Buckets = BucketsOn(flight, cabin, []),
    };

    public static int AuthorisedOn(FlightOnSale flight, Cabin? cabin) => cabin is { } sold ? flight.Find(sold)?.Authorised ?? 0 : flight.LapInfants;

    /// <summary>
    /// What can still be sold in a class: of its own authorisation and of every dearer one what the class and all cheaper ones have not taken. So what is kept
    /// for dearer classes is never sold cheaper, and the dearest may take all. Zero for a class that is not sold.
    /// </summary>
    public int LeftIn(string bookingClass)
    {
        var (left, cheaper) = (Left, (Buckets ?? []).Sum(bucket => bucket.Occupied));
        foreach (var bucket in Buckets ?? [])
        {
            left = bucket.Authorised is { } authorised ? Math.Min(left, authorised - cheaper) : left;
            cheaper -= bucket.Occupied;
            if (bucket.BookingClass == bookingClass)
            {
                return bucket.Authorised is null ? 0 : Math.Max(0, left);
            }
        }

        return 0;
    }

    /// <summary>The cheapest class that so many seats can still be had in; null when there is none.</summary>
    public string? LowestOpen(int seats) => (Buckets ?? []).LastOrDefault(bucket => LeftIn(bucket.BookingClass) >= seats)?.BookingClass;

    public void Take(TakenSeats taken) => Move(taken, taken.Seats);

    public void GiveBack(TakenSeats taken) => Move(taken, -taken.Seats);

    /// <summary>Takes over what may be sold as it is published now; false when that is nothing new.</summary>
    public bool Follow(FlightOnSale flight)
    {
        var (authorised, buckets) = (AuthorisedOn(flight, Cabin), BucketsOn(flight, Cabin, Buckets ?? []));
        if (authorised == Authorised && (buckets ?? []).SequenceEqual(Buckets ?? []))
        {
            return false;
        }

        (Authorised, Buckets) = (authorised, buckets);
        Version++;
        return true;
    }

    public SeatAvailabilityChanged? Changed() => Cabin is { } cabin ? new(FlightId, cabin, Left, Version) : null;

    private static IReadOnlyList<Bucket>? BucketsOn(FlightOnSale flight, Cabin? cabin, IReadOnlyList<Bucket> before)
    {
        if (cabin is not { } sold)
        {
            return null;
        }

        var classes = flight.Find(sold) is { } published ? published.Classes ?? [new PublishedClass(published.BookingClass, published.Authorised, published.Fare)] : [];
        return
        [
            .. before.Where(old => old.Occupied > 0 && classes.All(one => one.BookingClass != old.BookingClass)).Select(old => old with { Authorised = null }),
            .. classes.Select(one => new Bucket(one.BookingClass, one.Authorised, before.FirstOrDefault(old => old.BookingClass == one.BookingClass)?.Occupied ?? 0)),
        ];
    }

    private void Move(TakenSeats taken, int seats)
    {
        if (Occupied + seats < 0)
        {
            throw new InvalidOperationException($"{Key} would have {Occupied + seats} seats occupied");
        }

        Occupied += seats;
        Version++;
        if (taken.BookingClass is { } bookingClass)
        {
            Buckets = [.. (Buckets ?? []).Select(bucket => bucket.BookingClass == bookingClass ? Moved(bucket, seats) : bucket)];
        }
    }

    private Bucket Moved(Bucket bucket, int seats) => bucket.Occupied + seats >= 0
        ? bucket with { Occupied = bucket.Occupied + seats }
        : throw new InvalidOperationException($"{Key} would have {bucket.Occupied + seats} seats occupied in class {bucket.BookingClass}");
}
