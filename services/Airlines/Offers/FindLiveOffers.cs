using System.Security.Claims;
using Aerona.Airlines.Data;
using Aerona.Airlines.Fetching;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;
using Aerona.Suppliers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Airlines.Offers;

/// <summary>A journey that outside suppliers are asked for now.</summary>
/// <param name="Legs">One for a single journey, two for a return.</param>
/// <param name="Passengers">As for any offer.</param>
/// <param name="Cabin">Null: any.</param>
/// <param name="Suppliers">Whom to ask; null: all.</param>
/// <param name="MaxConnections">0 to 2.</param>
/// <param name="BudgetSeconds">How long the caller waits: 1 to 30. Whoever has not answered by then is left out, and the answer says so.</param>
internal sealed record FindLiveOffersRequest(
    IReadOnlyList<WishedLegRequest?>? Legs, IReadOnlyList<ChosenPassenger?>? Passengers, Cabin? Cabin = null, IReadOnlyList<string>? Suppliers = null, int MaxConnections = 1,
    int BudgetSeconds = 10);

/// <summary>One leg.</summary>
internal sealed record WishedLegRequest(string? Origin, string? Destination, DateOnly? DepartsOn);

/// <summary>What came within the budget.</summary>
/// <param name="Offers">Each can be booked until it expires; cheapest first.</param>
/// <param name="Suppliers">How each supplier answered.</param>
/// <param name="IsPartial">Whether there may be more than is shown.</param>
internal sealed record LiveOffersView(IReadOnlyList<OfferView> Offers, IReadOnlyList<SupplierAnswerView> Suppliers, bool IsPartial);

/// <summary>How a supplier answered.</summary>
/// <param name="Supplier">Its name.</param>
/// <param name="State"><c>complete</c>, <c>partial</c>, <c>busy</c>, <c>timedOut</c>, <c>failed</c>.</param>
/// <param name="Offers">How many offers came of it.</param>
/// <param name="Skipped">How many could not be sold here.</param>
internal sealed record SupplierAnswerView(string Supplier, string State, int Offers, int Skipped);

internal static class FindLiveOffers
{
    public const int MostOffers = 100;
    private const int MostPassengers = 9;

    public static void MapFindLiveOffers(this RouteGroupBuilder offers) =>
        offers.MapPost("/live", HandleAsync).WithName("FindLiveOffers").WithSummary("Asks outside suppliers now, within a time budget; what comes is stored and can be booked");

    private static async Task<Results<Ok<LiveOffersView>, ProblemHttpResult>> HandleAsync(
        FindLiveOffersRequest request, ClaimsPrincipal user, LiveOffers live, AirlinesDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var wish = Wish(request, problems);
        var unknown = (request.Suppliers ?? []).Where(name => !live.Names.Contains(name)).ToList();
        if (unknown.Count > 0)
        {
            problems.Add(new("/suppliers", "supplier.unknown", $"Suppliers are {string.Join(", ", live.Names)}."));
        }

        if (request.BudgetSeconds is < 1 or > 30)
        {
            problems.Add(new("/budgetSeconds", "budget.out_of_range", "1 to 30 seconds."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid([.. problems]);
        }

        var found = await live.FetchAsync(wish!, request.Suppliers ?? live.Names, TimeSpan.FromSeconds(request.BudgetSeconds), cancellationToken);
        var now = clock.GetUtcNow();
        var sellable = found.SelectMany(one => one.Answer.Offers).Where(offer => offer.Snapshot.ExpiresAt > now).OrderBy(offer => offer.Snapshot.Total.Currency)
            .ThenBy(offer => offer.Snapshot.Total.MinorUnits).ThenBy(offer => offer.Snapshot.Segments[0].DepartsAt).ToList();
        var stored = sellable.Take(MostOffers).Select(offer => Offer.Of(offer, user.Owner(), now)).ToList();
        db.Offers.AddRange(stored);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new LiveOffersView(
            [.. stored.Select(offer => OfferView.Of(offer, now))],
            [.. found.Select(one => new SupplierAnswerView(one.Supplier, StateOf(one.Answer), one.Answer.Offers.Count, one.Answer.Skipped.Count))],
            sellable.Count > stored.Count || found.Any(one => StateOf(one.Answer) != "complete")));
    }

    private static string StateOf(OffersAnswer answer) => answer.Problem switch
    {
        null => answer.IsPartial ? "partial" : "complete",
        { Kind: SupplierFailure.Busy } => "busy",
        { Code: "time_out" } => "timedOut",
        _ => "failed",
    };

    private static OfferWish? Wish(FindLiveOffersRequest request, List<FieldProblem> problems)
    {
        var legs = request.Legs ?? [];
        if (legs.Count is 0 or > 2)
        {
            problems.Add(new("/legs", "legs.count", "One leg, or two for a return."));
        }

        for (var index = 0; index < legs.Count; index++)
        {
            foreach (var (field, code) in new[] { ("origin", legs[index]?.Origin), ("destination", legs[index]?.Destination) })
            {
                if (code is null || Airports.Named(code).Count == 0)
                {
                    problems.Add(new($"/legs/{index}/{field}", "place.unknown", "An airport's or a city's code, such as CDG or LON."));
                }
            }

            if (legs[index]?.DepartsOn is null)
            {
                problems.Add(new($"/legs/{index}/departsOn", "day.required", "The local day of departure."));
            }
        }

        var party = MakeOffer.Party(request.Passengers ?? [], problems);
        if (party.Count > MostPassengers)
        {
            problems.Add(new("/passengers", "travellers.too_many", $"At most {MostPassengers} passengers."));
        }

        if (request.MaxConnections is < 0 or > 2)
        {
            problems.Add(new("/maxConnections", "connections.out_of_range", "0 to 2."));
        }

        return problems.Count > 0 ? null : new(
            [.. legs.Select(leg => new WishedLeg(leg!.Origin!, leg.Destination!, leg.DepartsOn!.Value))], party, request.Cabin, request.MaxConnections);
    }
}
