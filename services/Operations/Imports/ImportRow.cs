using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Operations.Schedules;
using Aerona.Operations.World;
using Aerona.Reference;

namespace Aerona.Operations.Imports;

/// <summary>A row of a file that can be flown.</summary>
internal abstract record ImportRow
{
    /// <summary>The file's local date of departure.</summary>
    public abstract DateOnly Day { get; }

    public abstract string Carrier { get; }

    /// <summary>The flight number; null where the file has none and one is given out.</summary>
    public virtual int? Number => null;

    /// <summary>Whether it is flown every day of those asked for, from its own day on.</summary>
    public virtual bool IsDaily => false;

    /// <summary>Its flight.</summary>
    /// <param name="number">Of the flight.</param>
    /// <param name="shift">Days to move it.</param>
    /// <param name="importId">The import.</param>
    public abstract DatedFlight Flight(int number, int shift, Guid importId);
}

/// <summary>A row of the US on-time file.</summary>
/// <param name="Departs">Wall clock at the origin.</param>
/// <param name="Origin">From.</param>
/// <param name="Destination">To.</param>
/// <param name="Kilometres">As the file says.</param>
internal sealed record OnTimeRow(DateTime Departs, Airport Origin, Airport Destination, double Kilometres) : ImportRow
{
    public override DateOnly Day => DateOnly.FromDateTime(Departs);

    public override string Carrier => OnTimeRules.Carrier(this);

    public override DatedFlight Flight(int number, int shift, Guid importId) => OnTimeRules.Flight(this, Carrier, number, shift, importId);
}

/// <summary>A row of OpenFlights' routes: an airline flies there, and nothing about when.</summary>
/// <param name="Airline">IATA designator.</param>
/// <param name="Origin">From.</param>
/// <param name="Destination">To.</param>
/// <param name="Equipment">The first of its aircraft types that is known here; null when none is.</param>
internal sealed record RouteRow(string Airline, Airport Origin, Airport Destination, AircraftType? Equipment) : ImportRow
{
    private const long Seed = 0x2014_0600;

    /// <summary>The data are of June 2014: its first Sunday.</summary>
    public override DateOnly Day => new(2014, 6, 1);

    public override string Carrier => Airline;

    public override bool IsDaily => true;

    public override DatedFlight Flight(int number, int shift, Guid importId)
    {
        var name = Origin.Code + Destination.Code + Airline;
        var kilometres = Airports.KilometresBetween(Origin, Destination);
        var minute = (int)(Dice.Roll(Seed, name) * (22.5 - 5.5) * 12) * 5 + 330;   // 05:30 to 22:25
        var aircraft = Equipment ?? Fleets.For(Airline, kilometres, roundTrips: 1, Dice.Roll(Seed, name, 1));
        var day = Day.AddDays(shift);
        return DatedFlight.New(
            new FlightDesignator(Airline, number), Origin, Destination, day.ToDateTime(TimeOnly.MinValue.AddMinutes(minute)), FlightRules.BlockTime(kilometres), aircraft,
            FlightRules.Cabins(aircraft, kilometres, FlightRules.Currency(Origin, Destination), Dice.Between(0.8, 1.3, Seed, name, day.DayNumber)), importId);
    }
}

/// <summary>A row of our own forms: all of it is said.</summary>
internal sealed record OwnRow(
    FlightDesignator Designator, Airport Origin, Airport Destination, DateTime Departs, DateTime Arrives, AircraftType Aircraft, IReadOnlyList<PublishedCabin> Cabins) : ImportRow
{
    public override DateOnly Day => DateOnly.FromDateTime(Departs);

    public override string Carrier => Designator.Carrier;

    public override int? Number => Designator.Number;

    public override DatedFlight Flight(int number, int shift, Guid importId)
    {
        var (departs, arrives) = (Departs.AddDays(shift), Arrives.AddDays(shift));
        var (departsAt, arrivesAt) = Moments(shift);
        return new()
        {
            Id = Designator.OnDate(Day.AddDays(shift)),
            Carrier = Designator.Carrier,
            Number = Designator.Number,
            OperatingCarrier = Designator.Carrier,
            Origin = Origin.Code,
            Destination = Destination.Code,
            DepartsOn = DateOnly.FromDateTime(departs),
            DepartsLocal = departs,
            DepartsAt = departsAt ?? FlightRules.Moment(departs, Origin.TimeZone).At,
            ArrivesLocal = arrives,
            ArrivesAt = arrivesAt ?? FlightRules.Moment(arrives, Destination.TimeZone).At,
            Aircraft = Aircraft.Code,
            Cabins = Cabins,
            ImportId = importId,
        };
    }

    /// <summary>Why it cannot be flown on the days it is moved to; null when it can.</summary>
    public (string Code, string Detail)? Problem(int shift) => Moments(shift) switch
    {
        (null, _) => ("time.skipped", $"Clocks at {Origin.Code} are put forward over {Departs.AddDays(shift):yyyy-MM-dd'T'HH:mm}: there is no such time."),
        (_, null) => ("time.skipped", $"Clocks at {Destination.Code} are put forward over {Arrives.AddDays(shift):yyyy-MM-dd'T'HH:mm}: there is no such time."),
        var (departs, arrives) when arrives - departs < TimeSpan.FromMinutes(15) || arrives - departs > TimeSpan.FromHours(20) =>
            ("time.implausible", $"From departure to arrival it is {(arrives - departs).Value.TotalMinutes:F0} minutes: 15 minutes to 20 hours."),
        _ => null,
    };

    private (DateTimeOffset? Departs, DateTimeOffset? Arrives) Moments(int shift) => (
        ScheduleRules.Moment(Departs.AddDays(shift), Origin.TimeZone, Passing.First), ScheduleRules.Moment(Arrives.AddDays(shift), Destination.TimeZone, Passing.First));
}
