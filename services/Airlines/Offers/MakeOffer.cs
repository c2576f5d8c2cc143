using System.Security.Claims;
using Aerona.Airlines.Data;
using Aerona.Airlines.Fetching;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Suppliers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Offers;

/// <summary>A choice to be priced.</summary>
/// <param name="Flights">One to four, in the order flown.</param>
/// <param name="Passengers">At least one adult, at most nine with a seat, no more lap infants than adults.</param>
/// <param name="Currency">
/// ISO 4217: the first flight's own, which null takes, or for house flights one that everything is sold in. Fares of other currencies are taken at the tariff's rate.
/// </param>
internal sealed record MakeOfferRequest(IReadOnlyList<ChosenFlight?>? Flights, IReadOnlyList<ChosenPassenger?>? Passengers, string? Currency);

/// <summary>A flight and the cabin to sit in.</summary>
internal sealed record ChosenFlight(string? FlightId, Cabin? Cabin);

/// <summary>Somebody to be priced.</summary>
internal sealed record ChosenPassenger(PassengerType? Type);

internal static class MakeOffer
{
    /// <summary>A ticket has four coupons; more flights would need a second ticket for the same passenger.</summary>
    private const int MostFlights = 4;

    /// <summary>More is a group, which airlines sell by another process.</summary>
    private const int MostSeats = 9;

    /// <summary>How long a caller waits for an outside supplier.</summary>
    private static readonly TimeSpan OutsideBudget = TimeSpan.FromSeconds(15);

    public static void MapMakeOffer(this RouteGroupBuilder offers) =>
        offers.MapPost("/", HandleAsync).WithName("MakeOffer").WithSummary("Prices a choice of flights for a party and freezes the price until it expires")
            .Idempotent<AirlinesDbContext>();

    private static async Task<Results<Created<OfferView>, ProblemHttpResult>> HandleAsync(
        MakeOfferRequest request, ClaimsPrincipal user, AirlinesDbContext db, LiveOffers live, TimeProvider clock, IOptions<HouseAirlineOptions> options,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var problems = new List<FieldProblem>();
        var party = Party(request.Passengers ?? [], problems);
        var choices = await ChoicesAsync(request.Flights ?? [], db, now, problems, cancellationToken);
        CheckCurrency(request.Currency, choices, problems);
        if (problems.Count == 0 && choices.Exists(choice => choice.Flight.Supplier is not null))
        {
            return await AskOutsideAsync(choices, party, user, live, db, now, cancellationToken);
        }

        var validatingCarrier = Offer.ValidatingCarrier(choices);
        if (problems.Count == 0 && validatingCarrier is null)
        {
            problems.Add(new("/flights", "flight.no_ticket_stock", "none of these airlines' tickets can be issued here"));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        choices = await db.InLowestOpenAsync(choices, BookingClasses.Seats(party), cancellationToken);
        choices = choices.In(request.Currency ?? choices[0].Cabin.Fare.Currency);
        var offer = Offer.Make(choices, party, validatingCarrier!, user.Owner(), now, options.Value);
        db.Offers.Add(offer);
        return TypedResults.Created($"/v1/offers/{offer.Id}", OfferView.Of(offer, now));
    }

    /// <summary>What an outside supplier sells is priced by itself, now: its cheapest offer for just these flights.</summary>
    private static async Task<Results<Created<OfferView>, ProblemHttpResult>> AskOutsideAsync(
        List<Choice> choices, List<PassengerType> party, ClaimsPrincipal user, LiveOffers live, AirlinesDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (first, last) = (choices[0], choices[^1]);
        if (choices.Exists(choice => choice.Flight.Supplier != first.Flight.Supplier))
        {
            return Problems.Invalid(new FieldProblem("/flights", "flights.other_suppliers", "These flights are sold by different suppliers; make an offer for each."));
        }

        if (!live.Names.Contains(first.Flight.Supplier!))
        {
            return Problems.Refused(503, "supplier.unavailable", "Whoever sells this flight cannot be reached from here now.", true);
        }

        var wish = new OfferWish(
            [new(first.Flight.Origin, last.Flight.Destination, first.Flight.DepartsOn)], party,
            choices.TrueForAll(choice => choice.Cabin.Cabin == first.Cabin.Cabin) ? first.Cabin.Cabin : null, choices.Count - 1);
        var answer = (await live.FetchAsync(wish, [first.Flight.Supplier!], OutsideBudget, cancellationToken))[0].Answer;
        if (answer.Problem is not null)
        {
            return Problems.Refused(503, "supplier.unavailable", "Whoever sells this flight does not answer right now; the same request may succeed shortly.", true);
        }

        var chosen = choices.Select(choice => (choice.Flight.FlightId, choice.Cabin.Cabin)).ToList();
        var cheapest = answer.Offers.Where(offer => offer.Snapshot.ExpiresAt > now && offer.Snapshot.Segments.Select(segment => (segment.FlightId, segment.Cabin)).SequenceEqual(chosen))
            .MinBy(offer => offer.Snapshot.Total.MinorUnits);
        if (cheapest is null)
        {
            const string detail = "The airline sells this flight no more, or not to so many; search again.";
            return Problems.Refused(409, "flight.sold_out", detail, false, new FieldProblem("/flights", "flight.sold_out", detail));
        }

        var offer = Offer.Of(cheapest, user.Owner(), now);
        db.Offers.Add(offer);
        return TypedResults.Created($"/v1/offers/{offer.Id}", OfferView.Of(offer, now));
    }

    internal static List<PassengerType> Party(IReadOnlyList<ChosenPassenger?> passengers, List<FieldProblem> problems)
    {
        var party = new List<PassengerType>();
        for (var index = 0; index < passengers.Count; index++)
        {
            if (passengers[index]?.Type is { } type && Enum.IsDefined(type))
            {
                party.Add(type);
            }
            else
            {
                problems.Add(new($"/passengers/{index}/type", "passenger.type_required", "say adult, child or infant"));
            }
        }

        var adults = party.Count(type => type == PassengerType.Adult);
        var infants = party.Count(type => type == PassengerType.Infant);
        if (passengers.Count == 0)
        {
            problems.Add(new("/passengers", "passengers.required", "name at least one passenger"));
        }
        else if (problems.Count > 0)
        {
            // Rules about the party make no sense while it is not known who is in it.
        }
        else if (party.Count - infants > MostSeats)
        {
            problems.Add(new("/passengers", "travellers.too_many", $"at most {MostSeats} passengers with a seat; larger parties are groups"));
        }
        else if (infants > 0 && adults == 0)
        {
            problems.Add(new($"/passengers/{party.IndexOf(PassengerType.Infant)}/type", "passenger.infant_without_adult", "a lap infant travels on an adult's lap"));
        }
        else if (adults == 0)
        {
            problems.Add(new("/passengers", "passengers.no_adult", "children do not travel alone here"));
        }
        else if (infants > adults)
        {
            problems.Add(new(
                $"/passengers/{party.Index().Where(one => one.Item == PassengerType.Infant).ElementAt(adults).Index}/type", "passengers.too_many_infants",
                "an adult has one lap: no more infants than adults"));
        }

        return party;
    }

    private static async Task<List<Choice>> ChoicesAsync(
        IReadOnlyList<ChosenFlight?> chosen, AirlinesDbContext db, DateTimeOffset now, List<FieldProblem> problems, CancellationToken cancellationToken)
    {
        if (chosen.Count is 0 or > MostFlights)
        {
            problems.Add(chosen.Count == 0
                ? new("/flights", "flights.required", "choose at least one flight")
                : new("/flights", "flights.too_many", $"at most {MostFlights} flights in one offer"));
            return [];
        }

        var ids = chosen.Select(one => one?.FlightId).OfType<string>().ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => ids.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        var choices = new List<Choice>();
        for (var index = 0; index < chosen.Count; index++)
        {
            if (Choose(chosen[index], flights, now, $"/flights/{index}", problems) is { } choice)
            {
                if (choices.Count == index)
                {
                    CheckOrder(choices.LastOrDefault(), choice, $"/flights/{index}/flightId", problems);
                }

                choices.Add(choice);
            }
        }

        return choices;
    }

    private static Choice? Choose(
        ChosenFlight? chosen, Dictionary<string, FlightOnSale> flights, DateTimeOffset now, string pointer, List<FieldProblem> problems)
    {
        FieldProblem Problem(string field, string code, string detail) => new($"{pointer}/{field}", code, detail);

        var flight = chosen?.FlightId is { } id ? flights.GetValueOrDefault(id) : null;
        var sold = flight is not null && chosen?.Cabin is { } cabin ? flight.Find(cabin) : null;
        FieldProblem? problem = null;
        if (string.IsNullOrWhiteSpace(chosen?.FlightId))
        {
            problem = Problem("flightId", "flight.required", "say which flight, such as VN55-20261201");
        }
        else if (flight is null)
        {
            problem = Problem("flightId", "flight.unknown", "no such flight is on sale");
        }
        else if (flight.DepartsAt <= now)
        {
            problem = Problem("flightId", "flight.departed", "the flight has departed");
        }
        else if (chosen.Cabin is null)
        {
            problem = Problem("cabin", "cabin.required", "say economy, premiumEconomy, business or first");
        }
        else if (sold is null)
        {
            problem = Problem("cabin", "cabin.not_sold", "this cabin is not sold on the flight");
        }
        else if (flight.Supplier is null && !HouseTariff.SellsIn(sold.Fare.Currency))
        {
            problem = Problem("flightId", "currency.not_offered", $"fares in {sold.Fare.Currency} cannot be priced");
        }

        if (problem is not null)
        {
            problems.Add(problem);
        }

        return problem is null ? new(flight!, sold!) : null;
    }

    private static void CheckOrder(Choice? before, Choice choice, string pointer, List<FieldProblem> problems)
    {
        if (before is null)
        {
            return;
        }

        if (choice.Flight.DepartsAt < before.Flight.DepartsAt)
        {
            problems.Add(new(pointer, "flights.out_of_order", "departs before the flight that stands before it"));
        }
        else if (choice.Flight.DepartsAt < before.Flight.ArrivesAt)
        {
            problems.Add(new(pointer, "flights.overlap", "departs before the flight before it has arrived"));
        }

        // The house sells flights of several currencies in one of them; what outside suppliers sell has the currency it has.
        if (choice.Cabin.Fare.Currency != before.Cabin.Fare.Currency && (choice.Flight.Supplier ?? before.Flight.Supplier) is not null)
        {
            problems.Add(new(pointer, "flights.currencies_differ", $"priced in {choice.Cabin.Fare.Currency}, the flight before it in {before.Cabin.Fare.Currency}"));
        }
    }

    private static void CheckCurrency(string? currency, List<Choice> choices, List<FieldProblem> problems)
    {
        if (currency is null)
        {
            return;
        }

        if (Currencies.Find(currency) is null)
        {
            problems.Add(new("/currency", "currency.unknown", "no currency of ISO 4217 known here"));
        }
        else if (choices.Count > 0 && choices[0].Cabin.Fare.Currency is var offered && offered != currency
            && !(HouseTariff.SellsEverythingIn(currency) && choices.TrueForAll(choice => choice.Flight.Supplier is null)))
        {
            problems.Add(new("/currency", "currency.not_offered", $"these flights are priced in {offered}"));
        }
    }
}
