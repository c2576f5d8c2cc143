using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Operations.Fleet;
using Aerona.Reference;

namespace Aerona.Operations.Schedules;

/// <summary>What a schedule may say, and the flights it means.</summary>
internal static class ScheduleRules
{
    public const int LongestDays = 400;

    private const double FastestKilometresAnHour = 1_150;

    private static readonly TimeSpan ShortestBlock = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LongestBlock = TimeSpan.FromHours(20);

    /// <summary>The local dates of departure with their times, in order.</summary>
    public static IEnumerable<(DateOnly Date, LocalTimes Times)> Dates(
        DateOnly from, DateOnly until, string days, LocalTimes times, IReadOnlyCollection<ScheduleException> exceptions)
    {
        var other = exceptions.ToDictionary(exception => exception.Date);
        for (var date = from; date <= until; date = date.AddDays(1))
        {
            if (other.TryGetValue(date, out var exception))
            {
                if (exception.Times is { } on)
                {
                    yield return (date, on);
                }
            }
            else if (days.Contains(Digit(date.DayOfWeek)))
            {
                yield return (date, times);
            }
        }
    }

    /// <summary>
    /// The moment of a local time. Null for one that daylight saving leaves out: nobody can say what was meant, so it is refused, not moved. One that comes
    /// twice means the passing that the schedule says.
    /// </summary>
    public static DateTimeOffset? Moment(DateTime local, TimeZoneInfo zone, Passing whenTwice)
    {
        var moments = WallClock.Moments(local, zone);
        return moments.Count == 0 ? null : whenTwice == Passing.First ? moments[0] : moments[^1];
    }

    /// <summary>What is sold in each cabin.</summary>
    public static List<PublishedCabin> Sold(IReadOnlyList<CabinOnSale> cabins, CabinConfiguration configuration)
    {
        var built = configuration.SeatCounts();
        return [.. cabins.Select(cabin => new PublishedCabin(
            cabin.Cabin, cabin.Authorised ?? built[cabin.Cabin], cabin.BookingClass, cabin.Fare,
            cabin.Classes is { Count: > 0 } classes
                ? [.. classes.Select(one => new PublishedClass(one.BookingClass, one.Authorised ?? cabin.Authorised ?? built[cabin.Cabin], one.FareIn(cabin)!.Value))]
                : null))];
    }

    /// <summary>Whether the same is sold, cabin by cabin and class by class.</summary>
    public static bool AreSame(IReadOnlyList<PublishedCabin> one, IReadOnlyList<PublishedCabin> other) =>
        one.Select(cabin => cabin with { Classes = null }).SequenceEqual(other.Select(cabin => cabin with { Classes = null }))
        && one.Zip(other).All(pair => (pair.First.Classes ?? []).SequenceEqual(pair.Second.Classes ?? []));

    /// <summary>As many as are built in, whatever was authorised before: the dearest class may have all of them, the others no more than they had.</summary>
    public static PublishedCabin Rebuilt(PublishedCabin cabin, int seats) => cabin with
    {
        Authorised = seats,
        Classes = cabin.Classes is null ? null : [.. cabin.Classes.Select((one, index) => one with { Authorised = index == 0 ? seats : Math.Min(one.Authorised, seats) })],
    };

    /// <summary>The rules that a schedule breaks.</summary>
    /// <param name="wanted">The schedule.</param>
    /// <param name="model">Its model; null when that is not known.</param>
    /// <param name="airplane">The airplane it names; null when it names none or one that is not known.</param>
    public static IEnumerable<FieldProblem> Problems(ScheduleRequest wanted, AirplaneModel? model, Airplane? airplane)
    {
        if (wanted.Flight.Suffix is not null)
        {
            yield return new("/flight", "flight.suffix", "A scheduled flight has no operational suffix.");
        }
        else if (Carriers.Find(wanted.Flight.Carrier) is null)
        {
            yield return new("/flight", "carrier.unknown", $"Airline {wanted.Flight.Carrier} is not known here.");
        }

        var (origin, destination) = (Airports.Find(wanted.Origin), Airports.Find(wanted.Destination));
        if (origin is null)
        {
            yield return new("/origin", "airport.unknown", $"Airport {wanted.Origin} is not known here.");
        }

        if (destination is null)
        {
            yield return new("/destination", "airport.unknown", $"Airport {wanted.Destination} is not known here.");
        }
        else if (origin == destination)
        {
            yield return new("/destination", "route.same_place", "Origin and destination are the same airport.");
        }

        var datesAreRight = true;
        foreach (var problem in DateProblems(wanted))
        {
            datesAreRight = false;
            yield return problem;
        }

        if (datesAreRight && origin is not null && destination is not null && origin != destination)
        {
            foreach (var problem in TimeProblems(wanted, origin, destination))
            {
                yield return problem;
            }
        }

        foreach (var problem in EquipmentProblems(wanted, model, airplane))
        {
            yield return problem;
        }
    }

    private static IEnumerable<FieldProblem> DateProblems(ScheduleRequest wanted)
    {
        if (wanted.EffectiveUntil < wanted.EffectiveFrom || wanted.EffectiveUntil.DayNumber - wanted.EffectiveFrom.DayNumber >= LongestDays)
        {
            yield return new("/effectiveUntil", "schedule.period_invalid", $"effectiveUntil is not before effectiveFrom, and the period has at most {LongestDays} days.");
            yield break;
        }

        if (wanted.Days.Length > 7 || wanted.Days.Any(day => day is < '1' or > '7') || !wanted.Days.Zip(wanted.Days.Skip(1)).All(pair => pair.First < pair.Second))
        {
            yield return new("/days", "schedule.days_invalid", "Days are digits from 1, Monday, to 7, Sunday, ascending: 135.");
            yield break;
        }

        var seen = new HashSet<DateOnly>();
        foreach (var (exception, index) in (wanted.Exceptions ?? []).Select((exception, index) => (exception, index)))
        {
            if (exception.Date < wanted.EffectiveFrom || exception.Date > wanted.EffectiveUntil)
            {
                yield return new($"/exceptions/{index}/date", "schedule.exception_outside", $"{exception.Date:yyyy-MM-dd} lies outside the effective period.");
            }
            else if (!seen.Add(exception.Date))
            {
                yield return new($"/exceptions/{index}/date", "schedule.exception_twice", $"{exception.Date:yyyy-MM-dd} has two exceptions.");
            }
        }

        if (seen.Count == (wanted.Exceptions?.Count ?? 0) && !Dates(wanted.EffectiveFrom, wanted.EffectiveUntil, wanted.Days, wanted.Times, wanted.Exceptions ?? []).Any())
        {
            yield return new("/days", "schedule.no_day", "Not one day of the effective period is flown.");
        }
    }

    private static IEnumerable<FieldProblem> TimeProblems(ScheduleRequest wanted, Airport origin, Airport destination)
    {
        var exceptions = wanted.Exceptions ?? [];
        var said = new HashSet<(string, string)>();
        foreach (var (date, times) in Dates(wanted.EffectiveFrom, wanted.EffectiveUntil, wanted.Days, wanted.Times, exceptions))
        {
            var index = exceptions.ToList().FindIndex(exception => exception.Date == date);
            var at = index < 0 ? "/times" : $"/exceptions/{index}/times";
            if (Problem(at, date, times, origin, destination, wanted.WhenTwice ?? Passing.First) is { } problem && said.Add((problem.Pointer, problem.Code)))
            {
                yield return problem;
            }
        }
    }

    private static FieldProblem? Problem(string at, DateOnly date, LocalTimes times, Airport origin, Airport destination, Passing whenTwice)
    {
        if (times.ArrivalDayOffset is < -1 or > 2)
        {
            return new($"{at}/arrivalDayOffset", "schedule.day_offset_invalid", "The day of arrival is -1 to 2 days from that of departure.");
        }

        var (departs, arrives) = (date.ToDateTime(times.Departs), date.AddDays(times.ArrivalDayOffset).ToDateTime(times.Arrives));
        if (Moment(departs, origin.TimeZone, whenTwice) is not { } departsAt)
        {
            return Skipped($"{at}/departs", departs, origin);
        }

        if (Moment(arrives, destination.TimeZone, whenTwice) is not { } arrivesAt)
        {
            return Skipped($"{at}/arrives", arrives, destination);
        }

        var block = arrivesAt - departsAt;
        var kilometres = Airports.KilometresBetween(origin, destination);
        return block < ShortestBlock || block > LongestBlock || kilometres / block.TotalHours > FastestKilometresAnHour
            ? new($"{at}/arrives", "schedule.block_time_implausible", string.Create(
                CultureInfo.InvariantCulture, $"On {date:yyyy-MM-dd} that is {block.TotalMinutes:F0} minutes for {kilometres:F0} km; 15 minutes to 20 hours, and not faster than an airplane."))
            : null;
    }

    private static FieldProblem Skipped(string pointer, DateTime local, Airport airport) => new(
        pointer, "schedule.time_skipped", string.Create(
            CultureInfo.InvariantCulture,
            $"There is no {local:HH:mm} at {airport.Code} on {local:yyyy-MM-dd}: clocks in {airport.Zone} are put forward. Give that date an exception with other times, or none."));

    private static IEnumerable<FieldProblem> EquipmentProblems(ScheduleRequest wanted, AirplaneModel? model, Airplane? airplane)
    {
        if (model is null)
        {
            yield return new("/model", "model.unknown", $"There is no airplane model {wanted.Model}.");
            yield break;
        }

        if (wanted.Airplane is not null && airplane is null)
        {
            yield return new("/airplane", "airplane.unknown", $"There is no airplane {wanted.Airplane}.");
        }
        else if (airplane is not null && (airplane.Model != wanted.Model || airplane.Configuration != wanted.Configuration))
        {
            yield return new("/airplane", "airplane.other_configuration", $"{airplane.Registration} is {airplane.Model} {airplane.Configuration}.");
        }

        if (model.Find(wanted.Configuration) is not { } configuration)
        {
            yield return new("/configuration", "configuration.unknown", $"{model.Code} has no configuration {wanted.Configuration}.");
            yield break;
        }

        if (wanted.Cabins.Count == 0)
        {
            yield return new("/cabins", "schedule.no_cabin", "Say what is sold of at least one cabin.");
        }

        var built = configuration.SeatCounts();
        foreach (var (cabin, index) in wanted.Cabins.Select((cabin, index) => (cabin, index)))
        {
            if (Problem($"/cabins/{index}", cabin, index, wanted.Cabins, built) is { } problem)
            {
                yield return problem;
                continue;
            }

            foreach (var (one, place) in (cabin.Classes ?? []).Select((one, place) => (one, place)))
            {
                if (Problem($"/cabins/{index}/classes/{place}", one, place, cabin, cabin.Authorised ?? built[cabin.Cabin]) is { } wrong)
                {
                    yield return wrong;
                }
            }
        }
    }

    private static FieldProblem? Problem(string at, CabinOnSale cabin, int index, IReadOnlyList<CabinOnSale> all, IReadOnlyDictionary<Cabin, int> built) => cabin switch
    {
        _ when !built.TryGetValue(cabin.Cabin, out _) => new($"{at}/cabin", "configuration.cabin_missing", "The configuration has no such cabin."),
        _ when all.Take(index).Any(earlier => earlier.Cabin == cabin.Cabin) => new($"{at}/cabin", "schedule.cabin_twice", "Each cabin stands once."),
        { BookingClass: not [>= 'A' and <= 'Z'] } => new($"{at}/bookingClass", "booking_class.invalid", "A booking class is one capital letter."),
        { Authorised: < 0 } => new($"{at}/authorised", "capacity.negative", "Seats that may be sold are 0 or more."),
        _ when cabin.Authorised > built[cabin.Cabin] * 3 / 2 => new(
            $"{at}/authorised", "capacity.implausible", $"{cabin.Authorised} seats may not be sold where {built[cabin.Cabin]} are built in: half as many again at most."),
        _ when cabin.Fare.MinorUnits <= 0 => new($"{at}/fare", "fare.invalid", "A fare is more than nothing."),
        { Classes: { } classes } when classes.All(one => one.BookingClass != cabin.BookingClass) => new(
            $"{at}/classes", "booking_class.not_listed", $"{cabin.BookingClass}, whose fare the cabin gives, is one of its classes."),
        _ when cabin.Fare.Currency != all[0].Fare.Currency => new($"{at}/fare", "fare.currency_differs", "All fares of a flight are in one currency."),
        _ => null,
    };

    private static FieldProblem? Problem(string at, ClassOnSale one, int place, CabinOnSale cabin, int seats)
    {
        var before = place == 0 ? null : cabin.Classes![place - 1];
        return one switch
        {
            { BookingClass: not [>= 'A' and <= 'Z'] } => new($"{at}/bookingClass", "booking_class.invalid", "A booking class is one capital letter."),
            _ when cabin.Classes!.Take(place).Any(earlier => earlier.BookingClass == one.BookingClass) => new($"{at}/bookingClass", "booking_class.twice", "Each booking class stands once."),
            _ when place == 0 && (one.Authorised ?? seats) != seats => new(
                $"{at}/authorised", "capacity.not_nested", $"The dearest class may be sold to the last of the cabin's {seats} seats: say so, or leave it out."),
            _ when place > 0 && one.Authorised is not >= 0 => new($"{at}/authorised", "capacity.negative", "Say how many seats this class and all cheaper ones may have: 0 or more."),
            _ when before is not null && one.Authorised > (before.Authorised ?? seats) => new(
                $"{at}/authorised", "capacity.not_nested", "A class has no more seats than the dearer one before it: what is kept for that one cannot be sold cheaper."),
            _ when one.FareIn(cabin) is null => new($"{at}/fare", "booking_class.without_fare", $"The tariff has no fare for {one.BookingClass} in relation to {cabin.BookingClass}: give one."),
            { Fare.MinorUnits: <= 0 } => new($"{at}/fare", "fare.invalid", "A fare is more than nothing."),
            { Fare: { } given } when given.Currency != cabin.Fare.Currency => new($"{at}/fare", "fare.currency_differs", "All fares of a flight are in one currency."),
            _ when one.BookingClass == cabin.BookingClass && one.FareIn(cabin) != cabin.Fare => new($"{at}/fare", "fare.differs", "That is the class whose fare the cabin gives: say the same or nothing."),
            _ when before?.FareIn(cabin) is { } dearer && dearer.Currency == cabin.Fare.Currency && one.FareIn(cabin)!.Value > dearer => new(
                $"{at}/fare", "fare.not_falling", "Classes stand from the dearest to the cheapest."),
            _ => null,
        };
    }

    private static char Digit(DayOfWeek day) => (char)('0' + (day == DayOfWeek.Sunday ? 7 : (int)day));
}
