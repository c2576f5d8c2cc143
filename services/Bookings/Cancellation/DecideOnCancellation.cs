using System.Security.Claims;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Support;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cancellation;

/// <summary>Decides about a cancellation. The call's Idempotency-Key names the decision for good.</summary>
/// <param name="Decision">One of those that <c>GET …</c> calls possible.</param>
/// <param name="Reason">Why, 1 to 2000 characters; staff read it on the timeline, the traveller does not.</param>
/// <param name="Amount">With <c>setAmount</c>: how much goes back; never more than is left of what was paid.</param>
/// <param name="Reference">With <c>refundedByHand</c>: where the money can be found, 1 to 200 characters.</param>
internal sealed record DecideOnCancellationRequest(CancellationDecision? Decision, string Reason, Money? Amount = null, string? Reference = null);

/// <summary>A cancellation as staff see it.</summary>
/// <param name="Id">The cancellation.</param>
/// <param name="BookingId">What it is of.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="EnteredAt">UTC; since when it stands there.</param>
/// <param name="Deadline">UTC; the end of the state, or null.</param>
/// <param name="NextTick">UTC; the next repeat or look-up, or null.</param>
/// <param name="Quoted">What was quoted; null: nothing, or not known.</param>
/// <param name="AirlineGives">What the airline gives back; null: it has not said.</param>
/// <param name="Due">What goes back; null while that is not settled.</param>
/// <param name="Remaining">What is left of what was paid; null before it is locked, and where nothing was taken.</param>
/// <param name="RequestedBy">Subject of who asked; null for a guest.</param>
/// <param name="ConfirmedBy">Subject of who confirmed; null for a guest, or while nobody has.</param>
/// <param name="Possible">What the caller may decide now.</param>
/// <param name="Taken">What was decided, oldest first.</param>
internal sealed record CancellationForStaff(
    Guid Id, Guid BookingId, string Locator, CancellationStage State, DateTimeOffset EnteredAt, DateTimeOffset? Deadline, DateTimeOffset? NextTick, Money? Quoted, Money? AirlineGives,
    Money? Due, Money? Remaining, string? RequestedBy, string? ConfirmedBy, IReadOnlyList<CancellationDecision> Possible, IReadOnlyList<CancellationActionView> Taken);

/// <summary>What somebody decided about a cancellation.</summary>
/// <param name="ActionId">The decision.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Amount">How much, where an amount was decided.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
/// <param name="Applied">False when the cancellation had moved on before it heard of the decision.</param>
internal sealed record CancellationActionView(Guid ActionId, CancellationDecision Decision, Money? Amount, string By, string Reason, DateTimeOffset DecidedAt, bool Applied);

/// <summary>Cancellations as staff see them.</summary>
/// <param name="Cancellations">Those that wait longest first.</param>
internal sealed record CancellationsForStaff(IReadOnlyList<CancellationForStaff> Cancellations);

internal static class DecideOnCancellation
{
    private const int MostOnAPage = 200;
    private const int LongestReference = 200;

    /// <summary>Those that only staff can move on.</summary>
    private static readonly string[] Waiting =
        [nameof(CancellationStage.AwaitingApproval), nameof(CancellationStage.AwaitingAmount), nameof(CancellationStage.RefundDelayed), nameof(CancellationStage.ParkedForStaff)];

    public static void MapDecideOnCancellation(this IEndpointRouteBuilder app)
    {
        var cancellations = app.MapGroup("/v1/support/cancellations").WithTags("Support").Requires(Permission.SeeAnyBooking);
        cancellations.MapGet("/", ListAsync).WithName("ListCancellationsForStaff").WithSummary("Cancellations that wait for staff, or those of a state; longest waiting first");
        cancellations.MapGet("/{cancellationId:guid}", ShowAsync).WithName("GetCancellationForStaff").WithSummary("A cancellation, and what the caller may decide about it now");
        cancellations.MapPost("/{cancellationId:guid}/decisions", HandleAsync).WithName("DecideOnCancellation")
            .WithSummary("Decides about a cancellation; a large refund needs another person than who asked for it and who confirmed it").Idempotent<BookingsDbContext>();
    }

    private static async Task<Results<Ok<CancellationsForStaff>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine, CancellationToken cancellationToken, string? state = null, int limit = 50)
    {
        if (limit is < 1 or > MostOnAPage)
        {
            return Problems.Invalid(new FieldProblem("query:limit", "limit.out_of_range", $"1 to {MostOnAPage}."));
        }

        var states = Waiting;
        if (state is not null)
        {
            if (!Enum.TryParse<CancellationStage>(state, ignoreCase: true, out var known) || !state.All(char.IsAsciiLetter))
            {
                return Problems.Invalid(new FieldProblem("query:state", "state.unknown", "The name of a state, such as awaitingApproval."));
            }

            states = [known.ToString()];
        }

        var found = await db.Cancellations.AsNoTracking().Where(saga => states.Contains(saga.CurrentState)).OrderBy(saga => saga.EnteredAt).Take(limit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new CancellationsForStaff([.. found.Select(saga => Of(saga, machine, user))]));
    }

    private static async Task<Results<Ok<CancellationForStaff>, ProblemHttpResult>> ShowAsync(
        Guid cancellationId, ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine, CancellationToken cancellationToken) =>
        await SagaAsync(db, cancellationId, cancellationToken) is { } saga ? TypedResults.Ok(Of(saga, machine, user)) : NotFound();

    private static async Task<Results<AcceptedAtRoute<CancellationForStaff>, ProblemHttpResult>> HandleAsync(
        Guid cancellationId, DecideOnCancellationRequest request, HttpRequest http, ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (reason, wrong) = StaffText.Check(request.Reason, "/reason");
        List<FieldProblem> problems = [.. new[] { wrong }.OfType<FieldProblem>(), .. Wrong(request)];
        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (await SagaAsync(db, cancellationId, cancellationToken) is not { } saga)
        {
            return NotFound();
        }

        var (by, decision) = (user.Staff(), request.Decision!.Value);
        if (!user.May(Needed(decision)))
        {
            return Problems.Refused(403, "auth.forbidden", "You may see this cancellation, but not decide this about it.", false, new FieldProblem("/decision", "auth.forbidden", "One of the decisions that are possible."));
        }

        if (!machine.MayDecide(saga, decision, by, request.Amount))
        {
            return Refusal(saga, machine, decision, by);
        }

        db.Publish(new CancellationDecided(
            saga.BookingId, cancellationId, DecideOnBooking.ActionId(http.Headers[Idempotency.KeyHeader].ToString(), by), decision, request.Amount, request.Reference?.Trim(), by,
            reason, clock.GetUtcNow()));
        return TypedResults.AcceptedAtRoute(Of(saga, machine, user), "GetCancellationForStaff", new { cancellationId });
    }

    /// <summary>Agreeing is for those who did not ask: seniors and finance. Money that went back past our books nobody else can see, so support does not vouch for it.</summary>
    private static Permission Needed(CancellationDecision decision) => decision switch
    {
        CancellationDecision.Approve or CancellationDecision.Refuse => Permission.ApproveRefund,
        CancellationDecision.SetAmount => Permission.RefundUpToLimit,
        CancellationDecision.RefundedByHand => Permission.RefundAny,
        _ => Permission.HandleCases,
    };

    private static IEnumerable<FieldProblem> Wrong(DecideOnCancellationRequest request)
    {
        if (request.Decision is null)
        {
            yield return new("/decision", "request.missing", "approve, refuse, tryAgain, setAmount, refundAgain or refundedByHand.");
        }

        if (request.Decision == CancellationDecision.SetAmount != request.Amount is not null)
        {
            yield return new("/amount", "cancellation.amount_misplaced", "An amount with setAmount, and with nothing else.");
        }
        else if (request.Amount is { MinorUnits: < 0 })
        {
            yield return new("/amount", "cancellation.amount_negative", "Nought or more.");
        }

        if (request.Decision == CancellationDecision.RefundedByHand != request.Reference is not null)
        {
            yield return new("/reference", "cancellation.reference_misplaced", "A reference with refundedByHand, and with nothing else.");
        }
        else if (request.Reference is { } reference && (reference.Trim().Length is 0 or > LongestReference || reference.Any(char.IsControl)))
        {
            yield return new("/reference", "cancellation.reference_invalid", $"1 to {LongestReference} characters: where the money can be found.");
        }
    }

    private static ProblemHttpResult Refusal(CancellationState saga, CancellationStateMachine machine, CancellationDecision decision, string by) => decision switch
    {
        CancellationDecision.Approve when machine.MayDecide(saga, CancellationDecision.Refuse, by) => Problems.Refused(
            403, "cancellation.another_person", "Who asked for this refund, confirmed it or named its amount cannot agree to it as well; another person has to."),
        CancellationDecision.SetAmount when machine.MayDecide(saga, decision, by) => Problems.Invalid(new FieldProblem(
            "/amount", "cancellation.amount_too_much", $"At most what is left of what was paid: {saga.Money!.Remaining}.")),
        _ => Problems.Refused(
            409, "cancellation.decision_not_possible", "That cannot be decided about this cancellation now.", false,
            new FieldProblem("/decision", "cancellation.decision_not_possible", "One of the decisions that are possible.")),
    };

    private static Task<CancellationState?> SagaAsync(BookingsDbContext db, Guid cancellationId, CancellationToken cancellationToken) =>
        db.Cancellations.AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == cancellationId, cancellationToken);

    private static CancellationForStaff Of(CancellationState saga, CancellationStateMachine machine, ClaimsPrincipal user) => new(
        saga.CorrelationId, saga.BookingId, saga.Locator, CancellationViews.StageOf(saga), saga.EnteredAt, saga.DeadlineAt, saga.TickAt,
        saga.Quotes is [.., { Answer: { } answer }] ? answer.Refund : null, saga.AtTheAirline?.Refund, saga.Money?.Due, saga.Money?.Remaining, saga.RequestedBy, saga.ConfirmedBy,
        [.. Enum.GetValues<CancellationDecision>().Where(decision => user.May(Needed(decision)) && machine.MayDecide(saga, decision, user.Staff()))],
        [.. saga.StaffActions.Select(action => new CancellationActionView(
            action.ActionId, action.Decision, action.Amount, action.By, action.Reason, action.DecidedAt, action.Applied))]);

    private static ProblemHttpResult NotFound() => Problems.NotFound("cancellation.not_found", "There is no such cancellation.");
}
