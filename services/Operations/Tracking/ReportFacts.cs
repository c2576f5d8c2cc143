using System.Security.Claims;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.Fleet;
using Aerona.Operations.Schedules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Tracking;

/// <summary>What somebody knows of a flight.</summary>
/// <param name="Source">Who knows it; see <see cref="FactSource"/> for who is believed.</param>
/// <param name="At">When the source knew it; null: now.</param>
/// <param name="Facts">1 to 30, each name once.</param>
internal sealed record FactReport(FactSource Source, IReadOnlyList<ReportedFact> Facts, DateTimeOffset? At = null);

/// <param name="Name">Which fact.</param>
/// <param name="Value">An instant (ISO 8601 with offset) or text; null takes back what this source said.</param>
internal sealed record ReportedFact(FactName Name, string? Value);

/// <summary>A fact as it was reported.</summary>
/// <param name="IsBelieved">Whether the flight's status shows it.</param>
internal sealed record FactView(FactName Name, string? Value, FactSource Source, DateTimeOffset At, DateTimeOffset RecordedAt, string RecordedBy, bool IsBelieved);

/// <summary>A flight's cancellation.</summary>
/// <param name="Reason">For people, 1 to 100 characters.</param>
internal sealed record CancelRequest(string Reason);

/// <summary><c>/v1/operations/flights/{flightId}/facts</c> and <c>…/cancellation</c>.</summary>
internal static class ReportFacts
{
    public static void MapReportFacts(this RouteGroupBuilder operations)
    {
        operations.MapPost("/flights/{flightId}/facts", Report).WithName("ReportFlightFacts").WithSummary("Tells what a source knows of a flight; answers what is believed now")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/flights/{flightId}/facts", History).WithName("ListFlightFacts").WithSummary("All that was ever reported of a flight, oldest first")
            .Requires(Permission.RunFleet);
        operations.MapPost("/flights/{flightId}/cancellation", Cancel).WithName("CancelFlight").WithSummary("Cancels a flight for good: it is sold no more and its airplane is free")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
    }

    public static ProblemHttpResult Unknown(string flightId) => Problems.NotFound("flight.not_found", $"There is no flight {flightId}; ids look like VN55-20261201.");

    /// <summary>The flight's track, tracked by the context; a new one where nothing was reported yet.</summary>
    public static async Task<FlightTrack> TrackAsync(this OperationsDbContext db, string flightId, CancellationToken cancellationToken)
    {
        if (await db.Tracks.FindAsync([flightId], cancellationToken) is { } known)
        {
            return known;
        }

        var track = FlightTrack.None(flightId);
        db.Tracks.Add(track);
        return track;
    }

    /// <summary>Publishes that the status is not what it was; nothing when it is.</summary>
    public static void PublishStatus(this OperationsDbContext db, FlightTrack track, FlightStatus before, DatedFlight flight, DateTimeOffset at)
    {
        var now = track.Status(flight);
        if (now != before)
        {
            track.Version++;
            db.Publish(new FlightStatusChanged(before, now, track.Version, at));
        }
    }

    private static async Task<Results<Ok<FlightStatusView>, ProblemHttpResult>> Report(
        string flightId, FactReport report, ClaimsPrincipal user, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Flights.AsNoTracking().SingleOrDefaultAsync(known => known.Id == flightId, cancellationToken) is not { } flight)
        {
            return Unknown(flightId);
        }

        var now = time.GetUtcNow();
        if (FactRules.Problems(report, flight, now).ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        var track = await db.TrackAsync(flightId, cancellationToken);
        var before = track.Status(flight);
        var facts = await db.Facts.AsNoTracking().Where(fact => fact.FlightId == flightId).ToListAsync(cancellationToken);
        var reported = report.Facts.Select(fact => new FlightFact
        {
            FlightId = flightId,
            Name = fact.Name,
            Value = FactRules.Kept(fact),
            Source = report.Source,
            At = report.At?.ToUniversalTime() ?? now,
            RecordedAt = now,
            RecordedBy = user.Owner() ?? "unknown",
        }).ToList();
        track.Known = FlightTrack.Believed([.. facts, .. reported]);
        if (FactRules.OutOfOrder(track) is { } wrong)
        {
            return Problems.Refused(409, "fact.out_of_order", wrong);
        }

        db.Facts.AddRange(reported);
        db.PublishStatus(track, before, flight, now);
        return TypedResults.Ok(FlightStatusView.Of(flight, track));
    }

    private static async Task<Results<Ok<IReadOnlyList<FactView>>, ProblemHttpResult>> History(string flightId, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Flights.AnyAsync(known => known.Id == flightId, cancellationToken))
        {
            return Unknown(flightId);
        }

        var known = (await db.Tracks.AsNoTracking().SingleOrDefaultAsync(track => track.FlightId == flightId, cancellationToken))?.Known ?? [];
        var facts = await db.Facts.AsNoTracking().Where(fact => fact.FlightId == flightId).OrderBy(fact => fact.RecordedAt).ThenBy(fact => fact.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<FactView>>([.. facts.Select(fact => new FactView(
            fact.Name, fact.Value, fact.Source, fact.At, fact.RecordedAt, fact.RecordedBy,
            known.TryGetValue(fact.Name, out var believed) && believed.Source == fact.Source && believed.At == fact.At && believed.Value == fact.Value))]);
    }

    private static async Task<Results<Ok<FlightStatusView>, ProblemHttpResult>> Cancel(
        string flightId, CancelRequest request, ClaimsPrincipal user, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Flights.SingleOrDefaultAsync(known => known.Id == flightId, cancellationToken) is not { } flight)
        {
            return Unknown(flightId);
        }

        var reason = request.Reason.Trim();
        if (reason.Length is 0 or > 100 || reason.Any(char.IsControl))
        {
            return Problems.Invalid(new FieldProblem("/reason", "cancellation.reason_invalid", "A reason has 1 to 100 characters."));
        }

        var track = await db.TrackAsync(flightId, cancellationToken);
        if (flight.CancelledBy == CancelledBy.Desk)
        {
            return Problems.Refused(409, "flight.cancelled", $"{flightId} is cancelled already.");
        }

        if (track.Known.ContainsKey(FactName.ActualTakeOff))
        {
            return Problems.Refused(409, "flight.departed", $"{flightId} has taken off; report where it went.");
        }

        var (before, now) = (track.Status(flight), time.GetUtcNow());
        db.Facts.Add(new()
        {
            FlightId = flightId,
            Name = FactName.CancelReason,
            Value = reason,
            Source = FactSource.Desk,
            At = now,
            RecordedAt = now,
            RecordedBy = user.Owner() ?? "unknown",
        });
        track.Known = new(track.Known) { [FactName.CancelReason] = new(reason, FactSource.Desk, now) };
        flight.CancelledBy = CancelledBy.Desk;
        flight.Version++;
        await db.FreeAsync([flightId], cancellationToken);
        await db.PublishFlightsAsync([flight], cancellationToken);
        db.PublishStatus(track, before, flight, now);
        return TypedResults.Ok(FlightStatusView.Of(flight, track));
    }
}
