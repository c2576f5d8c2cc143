using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Support;

/// <summary>Decides about a parked booking. The call's Idempotency-Key names the decision for good.</summary>
/// <param name="Decision">One of those that <c>GET …/decisions</c> calls possible.</param>
/// <param name="Reason">Why, 1 to 2000 characters; staff read it on the timeline, the traveller does not.</param>
internal sealed record DecideOnBookingRequest(StaffDecision? Decision, string Reason);

/// <summary>What staff can decide about a booking now, and what they have decided.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ParkedFrom">Where it stood when it was parked last; null when it never was.</param>
/// <param name="Possible">Empty unless it is parked.</param>
/// <param name="Taken">Oldest first; one just made is here once the booking has heard of it.</param>
internal sealed record DecisionsView(Guid BookingId, BookingStage State, BookingStage? ParkedFrom, IReadOnlyList<StaffDecision> Possible, IReadOnlyList<DecisionView> Taken);

/// <summary>What somebody decided.</summary>
/// <param name="ActionId">The decision.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
/// <param name="Applied">False when the booking had moved on before it heard of the decision.</param>
internal sealed record DecisionView(Guid ActionId, StaffDecision Decision, string By, string Reason, DateTimeOffset DecidedAt, bool Applied);

internal static class DecideOnBooking
{
    public static void MapDecideOnBooking(this IEndpointRouteBuilder app)
    {
        var decisions = app.MapGroup("/v1/support/bookings/{bookingId:guid}/decisions").WithTags("Support").Requires(Permission.SeeAnyBooking);
        decisions.MapGet("/", ShowAsync).WithName("GetDecisions").WithSummary("What staff can decide about a booking now, and what they have decided");
        decisions.MapPost("/", HandleAsync).WithName("DecideOnBooking").WithSummary("Decides about a parked booking").Requires(Permission.HandleCases).Idempotent<BookingsDbContext>();
    }

    private static async Task<Results<Ok<DecisionsView>, ProblemHttpResult>> ShowAsync(
        Guid bookingId, BookingsDbContext db, BookingStateMachine machine, CancellationToken cancellationToken) =>
        await SagaAsync(db, bookingId, cancellationToken) is { } saga ? TypedResults.Ok(Of(saga, machine)) : GetBooking.NotFound();

    private static async Task<Results<AcceptedAtRoute<DecisionsView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, DecideOnBookingRequest request, HttpRequest http, ClaimsPrincipal user, BookingsDbContext db, BookingStateMachine machine, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (reason, wrong) = StaffText.Check(request.Reason, "/reason");
        List<FieldProblem> problems = wrong is null ? [] : [wrong];
        if (request.Decision is null)
        {
            problems.Add(new("/decision", "request.missing", "tryAgain, giveUp or goOnUnpaid."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (await SagaAsync(db, bookingId, cancellationToken) is not { } saga)
        {
            return GetBooking.NotFound();
        }

        var decision = request.Decision!.Value;
        if (!machine.MayDecide(saga, decision))
        {
            return Of(saga, machine).Possible is [_, ..] possible
                ? Problems.Refused(
                    409, "booking.decision_not_possible", $"About this booking only this can be decided now: {string.Join(", ", possible.Select(Name))}.", false,
                    new FieldProblem("/decision", "booking.decision_not_possible", "One of the decisions that are possible."))
                : Problems.Refused(409, "booking.not_parked", "This booking is not parked: there is nothing for staff to decide.");
        }

        var by = user.Staff();
        db.Publish(new StaffDecided(bookingId, ActionId(http.Headers[Idempotency.KeyHeader].ToString(), by), decision, by, reason, clock.GetUtcNow()));
        return TypedResults.AcceptedAtRoute(Of(saga, machine), "GetDecisions", new { bookingId });
    }

    private static Task<BookingState?> SagaAsync(BookingsDbContext db, Guid bookingId, CancellationToken cancellationToken) =>
        db.Sagas.AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == bookingId, cancellationToken);

    private static DecisionsView Of(BookingState saga, BookingStateMachine machine) => new(
        saga.CorrelationId, BookingViews.StageOf(saga), saga.ParkedFrom is { } from ? Enum.Parse<BookingStage>(from) : null,
        [.. Enum.GetValues<StaffDecision>().Where(decision => machine.MayDecide(saga, decision))],
        [.. saga.StaffActions.Select(action => new DecisionView(action.ActionId, action.Decision, action.By, action.Reason, action.DecidedAt, action.Applied))]);

    /// <summary>The key itself where it is a UUID. Any other one is a caller's own, so that two who both call theirs "1" mean two decisions.</summary>
    internal static Guid ActionId(string key, string by) =>
        Guid.TryParseExact(key, "D", out var id) ? id : new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{by.Length}/{by}/{key}"))).AsSpan(..16));

    private static string Name(StaffDecision decision) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(decision.ToString());
}
