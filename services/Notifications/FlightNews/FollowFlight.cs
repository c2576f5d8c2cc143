using System.Security.Claims;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.FlightNews;

/// <summary>A wish to hear of a flight.</summary>
/// <param name="Flight">Airline and number.</param>
/// <param name="Date">Local date of departure.</param>
/// <param name="Email">Where mails go; every one of them has a link that ends them.</param>
/// <param name="Locale">BCP 47; Vietnamese for <c>vi</c>, else English.</param>
internal sealed record FollowRequest(FlightDesignator Flight, DateOnly Date, string Email, string? Locale = null);

/// <param name="State">Asked at first; the first mail comes when it is following.</param>
/// <param name="Email">Its local part masked.</param>
internal sealed record SubscriptionView(Guid Id, string FlightId, SubscriptionState State, string Email, string Language)
{
    public static SubscriptionView Of(FlightSubscription row) => new(
        row.Id, row.FlightId, row.State, row.Email.IndexOf('@') is var at and > 0 ? $"{row.Email[0]}•••{row.Email[at..]}" : "•••", row.Language);
}

/// <summary><c>POST /v1/flight-subscriptions</c>, for anybody.</summary>
internal static class FollowFlight
{
    private const int MostOfAnAddress = 20;

    private const int LongestAhead = 400;

    public static void MapFollowFlight(this RouteGroupBuilder v1)
    {
        v1.MapPost("/flight-subscriptions", Follow).WithName("FollowFlight").WithSummary("Mails delays, gate changes and a cancellation of a flight to an address")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        v1.MapGet("/flight-subscriptions/{id:guid}", Get).WithName("GetFlightSubscription").WithSummary("How a subscription stands; 404 subscription.unknown");
    }

    private static async Task<Results<AcceptedAtRoute<SubscriptionView>, ProblemHttpResult>> Follow(
        FollowRequest request, ClaimsPrincipal user, NotificationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (MailComposer.Address(request.Email) is not { } address)
        {
            problems.Add(new("/email", "mail.address_invalid", "One e-mail address and nothing else."));
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (request.Date < today.AddDays(-2) || request.Date > today.AddDays(LongestAhead))
        {
            problems.Add(new("/date", "date.out_of_range", $"A flight can be followed from {LongestAhead} days before it leaves until it has arrived."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        var (email, flightId) = (request.Email.Trim(' ').ToLowerInvariant(), request.Flight.OnDate(request.Date));
        var language = request.Locale?.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase) == true ? "vi" : "en";
        var row = await db.FlightSubscriptions.SingleOrDefaultAsync(known => known.FlightId == flightId && known.Email == email, cancellationToken);
        if (row is { State: SubscriptionState.Following or SubscriptionState.Asked })
        {
            return TypedResults.AcceptedAtRoute(SubscriptionView.Of(row), "GetFlightSubscription", new { id = row.Id });
        }

        var last = time.GetUtcNow() - TimeSpan.FromDays(1);
        if (await db.FlightSubscriptions.CountAsync(
            known => known.Email == email && (known.State == SubscriptionState.Following || known.CreatedAt > last), cancellationToken) >= MostOfAnAddress)
        {
            return Problems.Refused(409, "subscription.too_many", $"This address follows {MostOfAnAddress} flights already.", false,
                new FieldProblem("/email", "subscription.too_many", $"At most {MostOfAnAddress} flights an address."));
        }

        if (row is null)
        {
            db.FlightSubscriptions.Add(row = new() { FlightId = flightId, Email = email, Language = language, CreatedAt = time.GetUtcNow() });
        }

        (row.State, row.Language, row.Told, row.Latest, row.Version, row.Owner) = (SubscriptionState.Asked, language, null, null, 0, user.Owner());
        db.Publish(new TellFlightStatus(row.Id, flightId));
        return TypedResults.AcceptedAtRoute(SubscriptionView.Of(row), "GetFlightSubscription", new { id = row.Id });
    }

    private static async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> Get(Guid id, NotificationsDbContext db, CancellationToken cancellationToken) =>
        await db.FlightSubscriptions.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is { } row
            ? TypedResults.Ok(SubscriptionView.Of(row))
            : Problems.NotFound("subscription.unknown", $"There is no subscription {id}.");
}
