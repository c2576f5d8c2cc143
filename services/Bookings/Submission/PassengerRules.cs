using Aerona.Bookings.Names;
using Aerona.Contracts;
using Aerona.Hosting;

namespace Aerona.Bookings.Submission;

/// <summary>Who may travel on an offer.</summary>
internal static class PassengerRules
{
    private const int LongestTyped = 100;
    private const int LongestPart = 30;      // of a name as sent
    private const int LongestName = 44;      // of both parts together: hosts of airlines cut off what is longer, in silence
    private const int OldestAge = 125;

    /// <summary>The passengers in the offer's order, or what is wrong with them.</summary>
    /// <param name="requested">As sent.</param>
    /// <param name="offer">What they are to travel on.</param>
    /// <param name="today">Nobody is born later.</param>
    public static (IReadOnlyList<Passenger> Passengers, List<FieldProblem> Problems) Check(
        IReadOnlyList<PassengerRequest> requested, OfferSnapshot offer, DateOnly today)
    {
        List<FieldProblem> problems = [];
        if (requested.Count != offer.Passengers.Count)
        {
            problems.Add(new("/passengers", "passenger.count_mismatch", $"The offer is for {offer.Passengers.Count}, the request names {requested.Count}."));
            return ([], problems);
        }

        List<Passenger> passengers = [];
        for (var i = 0; i < requested.Count; i++)
        {
            var (pointer, passenger) = ($"/passengers/{i}", requested[i]);
            var priced = offer.Passengers.FirstOrDefault(known => known.Id == passenger.Id);
            if (priced is null || requested.Take(i).Any(other => other.Id == passenger.Id))
            {
                problems.Add(priced is null
                    ? new($"{pointer}/id", "passenger.unknown", $"The offer's passengers are {string.Join(", ", offer.Passengers.Select(known => known.Id))}.")
                    : new($"{pointer}/id", "passenger.duplicate", "Each passenger is named once."));
                continue;
            }

            CheckAge(pointer, passenger, priced.Type, offer, today, problems);
            if (passenger.Gender is null && offer.Needs?.Contains(OfferNeeds.Gender) == true)
            {
                problems.Add(new($"{pointer}/gender", "passenger.gender_required", "The airline wants it as in the travel document: female or male."));
            }

            CheckCompany(pointer, passenger, priced.Type, requested.Take(i), offer, problems);
            CheckSeats(pointer, passenger, requested, offer, problems);
            var givenName = CheckName($"{pointer}/givenName", passenger.GivenName, problems);
            var surname = CheckName($"{pointer}/surname", passenger.Surname, problems);
            if (givenName.Length <= LongestPart && surname.Length <= LongestPart && givenName.Length + surname.Length > LongestName)
            {
                problems.Add(new($"{pointer}/givenName", "name.too_long", $"Both names together have {LongestName} letters at most on a ticket; leave out middle names."));
            }

            passengers.Add(new(passenger.Id, priced.Type, passenger.GivenName.Trim(), passenger.Surname.Trim(), givenName, surname, passenger.BirthDate, passenger.AccompaniedBy, passenger.Gender));
        }

        return ([.. offer.Passengers.SelectMany(priced => passengers.Where(passenger => passenger.Id == priced.Id))], problems);
    }

    /// <summary>Full years on that day; a birthday on 29 February counts from 1 March in other years.</summary>
    public static int AgeOn(DateOnly birthDate, DateOnly day)
    {
        var years = day.Year - birthDate.Year;
        return (day.Month, day.Day).CompareTo((birthDate.Month, birthDate.Day)) < 0 ? years - 1 : years;
    }

    /// <summary>Infant under 2, child 2 to 11, adult from 12.</summary>
    public static PassengerType TypeAt(int age) => age < 2 ? PassengerType.Infant : age < 12 ? PassengerType.Child : PassengerType.Adult;

    private static void CheckAge(
        string pointer, PassengerRequest passenger, PassengerType priced, OfferSnapshot offer, DateOnly today, List<FieldProblem> problems)
    {
        if (passenger.BirthDate > today || AgeOn(passenger.BirthDate, today) > OldestAge)
        {
            problems.Add(new($"{pointer}/birthDate", "passenger.birth_date_invalid", "A date of birth lies in the past, within a lifetime."));
            return;
        }

        // The age counts at the departure of every flight, on the calendar of its airport: an infant who turns two on the way needs another fare.
        foreach (var segment in offer.Segments)
        {
            var type = TypeAt(AgeOn(passenger.BirthDate, DateOnly.FromDateTime(segment.DepartsLocal)));
            if (type != priced)
            {
                problems.Add(new(
                    $"{pointer}/birthDate", "passenger.type_mismatch",
                    $"Priced as {Lower(priced)}, but travels as {Lower(type)} on {segment.Flight} of {segment.DepartsLocal:yyyy-MM-dd}."));
                return;
            }
        }
    }

    private static void CheckCompany(
        string pointer, PassengerRequest passenger, PassengerType type, IEnumerable<PassengerRequest> before, OfferSnapshot offer, List<FieldProblem> problems)
    {
        var field = $"{pointer}/accompaniedBy";
        if (type != PassengerType.Infant)
        {
            if (passenger.AccompaniedBy is not null)
            {
                problems.Add(new(field, "passenger.not_an_infant", "Only a lap infant is accompanied."));
            }

            return;
        }

        if (!offer.Passengers.Any(known => known.Id == passenger.AccompaniedBy && known.Type == PassengerType.Adult))
        {
            problems.Add(new(field, "passenger.infant_without_adult", "A lap infant names the adult who holds it."));
        }
        else if (before.Any(other => other.AccompaniedBy == passenger.AccompaniedBy))
        {
            problems.Add(new(field, "passenger.adult_has_two_infants", "An adult holds one lap infant at most."));
        }
    }

    // Children are kept from exits when seats are chosen; whose laps babies sit on is known only now.
    private static void CheckSeats(string pointer, PassengerRequest passenger, IReadOnlyList<PassengerRequest> all, OfferSnapshot offer, List<FieldProblem> problems)
    {
        if (offer.Seats?.FirstOrDefault(seat => seat.PassengerId == passenger.Id && seat.Characteristics.Contains(SeatCharacteristic.ExitRow)) is { } exit
            && all.Any(other => other.AccompaniedBy == passenger.Id))
        {
            problems.Add(new($"{pointer}/id", "seat.exit_row", $"{exit.Seat} on flight {exit.SegmentOrdinal} is at an emergency exit: nobody sits there with a baby on the lap. Choose another seat."));
        }
    }

    /// <summary>As sent to the airline; empty when something is wrong with it.</summary>
    private static string CheckName(string pointer, string typed, List<FieldProblem> problems)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            problems.Add(new(pointer, "name.missing", "Give the name as in the travel document; who has one name only repeats it."));
            return "";
        }

        if (typed.Length > LongestTyped)
        {
            problems.Add(new(pointer, "name.too_long", $"A name has {LongestTyped} characters at most."));
            return "";
        }

        var (name, offender) = TicketName.Of(typed);
        if (name is null)
        {
            problems.Add(new(
                pointer, "name.not_transliterable",
                offender is null ? "There is no letter in it." : $"'{offender}' cannot be written in the airline's letters; use the spelling of the travel document's Latin line."));
            return "";
        }

        if (name.Length > LongestPart)
        {
            problems.Add(new(pointer, "name.too_long", $"A name has {LongestPart} letters at most on a ticket; '{name}' has {name.Length}."));
        }

        return name;
    }

    private static string Lower(PassengerType type) => type.ToString().ToLowerInvariant();
}
