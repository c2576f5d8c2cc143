using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Pricing;

namespace Aerona.Operations.Schedules;

/// <summary>Which of two passings a local time means that daylight saving has twice.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Passing>))]
internal enum Passing
{
    First,
    Second,
}

[JsonConverter(typeof(CamelCaseEnumConverter<ScheduleState>))]
internal enum ScheduleState
{
    /// <summary>Its flights are not on sale yet.</summary>
    Draft,
    Published,
    Withdrawn,
}

/// <summary>When a flight leaves and arrives, by the clocks of its airports.</summary>
/// <param name="Departs">At the origin.</param>
/// <param name="Arrives">At the destination.</param>
/// <param name="ArrivalDayOffset">Days from the local date of departure to that of arrival: -1 to 2.</param>
internal sealed record LocalTimes(TimeOnly Departs, TimeOnly Arrives, int ArrivalDayOffset = 0);

/// <summary>A date that is not like the pattern.</summary>
/// <param name="Date">Local date of departure, within the effective period.</param>
/// <param name="Times">Other times on that date; with them it is flown whatever day of the week it is. Null: not flown.</param>
internal sealed record ScheduleException(DateOnly Date, LocalTimes? Times = null);

/// <summary>What is sold of a cabin.</summary>
/// <param name="Cabin">One that the configuration has.</param>
/// <param name="BookingClass">One capital letter.</param>
/// <param name="Fare">Base fare of one adult; one currency for all cabins.</param>
/// <param name="Authorised">Seats that may be sold: 0 to half as many again as are built in. Null: as many as are built in.</param>
/// <param name="Classes">Its booking classes from the dearest to the cheapest, <paramref name="BookingClass"/> among them. Null: it is the only one.</param>
internal sealed record CabinOnSale(Cabin Cabin, string BookingClass, Money Fare, int? Authorised = null, IReadOnlyList<ClassOnSale>? Classes = null);

/// <summary>A booking class of a cabin, nested in the dearer ones: what they are kept cannot be sold in it.</summary>
/// <param name="BookingClass">One capital letter.</param>
/// <param name="Authorised">Seats that may be sold in it and all cheaper ones together, no more than in the one before it. Null for the dearest: as many as of the cabin.</param>
/// <param name="Fare">Base fare of one adult, not above that of the one before it. Null: by the house tariff from the cabin's.</param>
internal sealed record ClassOnSale(string BookingClass, int? Authorised = null, Money? Fare = null)
{
    /// <summary>Its fare; null when none is given and the tariff has none.</summary>
    public Money? FareIn(CabinOnSale cabin) => Fare ?? HouseTariff.FareOf(cabin.Fare, cabin.BookingClass, BookingClass);
}

/// <summary>A flight that is flown on some days of the week, from a date to a date.</summary>
internal sealed class Schedule
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string Carrier { get; init; }

    /// <summary>Flight number, 1 to 9999.</summary>
    public required int Number { get; init; }

    public required string Origin { get; set; }

    public required string Destination { get; set; }

    /// <summary>First local date of departure.</summary>
    public required DateOnly EffectiveFrom { get; set; }

    /// <summary>Last local date of departure.</summary>
    public required DateOnly EffectiveUntil { get; set; }

    /// <summary>Digits of the days it is flown, Monday 1 to Sunday 7, ascending (IATA SSIM's days of operation): <c>135</c>.</summary>
    public required string Days { get; set; }

    public required LocalTimes Times { get; set; }

    public required Passing WhenTwice { get; set; }

    public required List<ScheduleException> Exceptions { get; set; }

    public required string Model { get; set; }

    public required string Configuration { get; set; }

    /// <summary>The airplane that flies it, or null when that is said flight by flight.</summary>
    public required string? Airplane { get; set; }

    public required List<CabinOnSale> Cabins { get; set; }

    public ScheduleState State { get; set; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; set; } = 1;

    public FlightDesignator Flight => new(Carrier, Number);

    /// <summary>The local dates it is flown on, with their times, in order.</summary>
    public IEnumerable<(DateOnly Date, LocalTimes Times)> Dates() => ScheduleRules.Dates(EffectiveFrom, EffectiveUntil, Days, Times, Exceptions);

    /// <summary>Takes over what was asked for.</summary>
    public void Become(ScheduleRequest wanted)
    {
        (Origin, Destination) = (wanted.Origin, wanted.Destination);
        (EffectiveFrom, EffectiveUntil, Days) = (wanted.EffectiveFrom, wanted.EffectiveUntil, wanted.Days);
        (Times, WhenTwice, Exceptions) = (wanted.Times, wanted.WhenTwice ?? Passing.First, [.. wanted.Exceptions ?? []]);
        (Model, Configuration, Airplane, Cabins) = (wanted.Model, wanted.Configuration, wanted.Airplane, [.. wanted.Cabins]);
        Version++;
    }

    public static Schedule Of(ScheduleRequest wanted) => new()
    {
        Carrier = wanted.Flight.Carrier,
        Number = wanted.Flight.Number,
        Origin = wanted.Origin,
        Destination = wanted.Destination,
        EffectiveFrom = wanted.EffectiveFrom,
        EffectiveUntil = wanted.EffectiveUntil,
        Days = wanted.Days,
        Times = wanted.Times,
        WhenTwice = wanted.WhenTwice ?? Passing.First,
        Exceptions = [.. wanted.Exceptions ?? []],
        Model = wanted.Model,
        Configuration = wanted.Configuration,
        Airplane = wanted.Airplane,
        Cabins = [.. wanted.Cabins],
    };
}
