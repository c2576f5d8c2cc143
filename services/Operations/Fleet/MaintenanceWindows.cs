using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Fleet;

/// <summary>Time in the hangar to be planned.</summary>
/// <param name="Registration">The airplane.</param>
/// <param name="Airport">Where the hangar is.</param>
/// <param name="Work">What is done, 1 to 100 characters.</param>
/// <param name="From">First moment.</param>
/// <param name="Until">Last moment, at most 180 days later.</param>
internal sealed record NewMaintenanceWindow(string Registration, string Airport, string Work, DateTimeOffset From, DateTimeOffset Until);

/// <summary>News of the hangar.</summary>
/// <param name="Until">When the airplane is expected back, or came back.</param>
/// <param name="Ended">It is back.</param>
internal sealed record MaintenanceNews(DateTimeOffset Until, bool Ended = false);

/// <param name="State"><c>planned</c>, <c>running</c>, <c>overrun</c> (expected later than planned) or <c>ended</c>.</param>
/// <param name="Freed">Flights that lost their airplane by this call because it is not back in time.</param>
/// <param name="PutOff">Later windows of the airplane that this call moved behind this one's end.</param>
internal sealed record MaintenanceWindowView(
    Guid Id, string Registration, string Airport, string Work, DateTimeOffset PlannedFrom, DateTimeOffset PlannedUntil, DateTimeOffset Until, string State,
    IReadOnlyList<string> Freed, IReadOnlyList<WindowPutOff> PutOff)
{
    public static MaintenanceWindowView Of(MaintenanceWindow window, DateTimeOffset now, IReadOnlyList<string>? freed = null, IReadOnlyList<WindowPutOff>? putOff = null) => new(
        window.Id, window.Registration, window.Airport, window.Work, window.PlannedFrom, window.PlannedUntil, window.Until,
        window.EndedAt is not null ? "ended" : window.Until > window.PlannedUntil ? "overrun" : now < window.PlannedFrom ? "planned" : "running", freed ?? [], putOff ?? []);
}

/// <summary>A window that waits for the one before it; it takes as long as it was planned to.</summary>
/// <param name="From">When it begins now.</param>
/// <param name="Until">When the airplane is back from it now.</param>
internal sealed record WindowPutOff(Guid Id, string Work, DateTimeOffset From, DateTimeOffset Until);

/// <summary><c>/v1/operations/maintenance-windows</c>.</summary>
internal static class MaintenanceWindows
{
    public static void MapMaintenanceWindows(this RouteGroupBuilder operations)
    {
        operations.MapPost("/maintenance-windows", Add).WithName("PlanMaintenance")
            .WithSummary("Plans time in the hangar; 409 airplane.in_two_places names the flights that stand against it")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapPut("/maintenance-windows/{id:guid}/end", Move).WithName("MoveMaintenanceEnd")
            .WithSummary("Says when it ends or ended. An overrun is a fact: flights it reaches lose their airplane and are listed, later windows are put off")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapDelete("/maintenance-windows/{id:guid}", Cancel).WithName("CancelMaintenance").WithSummary("Takes a window that has not begun off the plan")
            .ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/maintenance-windows/{id:guid}", Get).WithName("GetMaintenanceWindow").WithSummary("A window; 404 maintenance.unknown")
            .Requires(Permission.RunFleet);
    }

    private static async Task<Results<CreatedAtRoute<MaintenanceWindowView>, ProblemHttpResult>> Add(
        NewMaintenanceWindow wanted, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var airplane = await db.Airplanes.SingleOrDefaultAsync(known => known.Registration == wanted.Registration, cancellationToken);
        var problems = new List<FieldProblem>();
        if (airplane is null)
        {
            problems.Add(new("/registration", "airplane.unknown", $"There is no airplane {wanted.Registration}."));
        }

        if (Reference.Airports.Find(wanted.Airport) is null)
        {
            problems.Add(new("/airport", "airport.unknown", $"Airport {wanted.Airport} is not known here."));
        }

        if (string.IsNullOrWhiteSpace(wanted.Work) || wanted.Work.Length > 100)
        {
            problems.Add(new("/work", "maintenance.work_invalid", "Say what is done in 1 to 100 characters."));
        }

        if (wanted.Until <= wanted.From || wanted.Until - wanted.From > TimeSpan.FromDays(180))
        {
            problems.Add(new("/until", "period.invalid", "until lies after from, at most 180 days."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        var window = new MaintenanceWindow
        {
            Registration = wanted.Registration,
            Airport = wanted.Airport,
            Work = wanted.Work.Trim(),
            PlannedFrom = wanted.From.ToUniversalTime(),
            PlannedUntil = wanted.Until.ToUniversalTime(),
            Until = wanted.Until.ToUniversalTime(),
        };
        var model = await db.Models.AsNoTracking().SingleAsync(known => known.Code == airplane!.Model, cancellationToken);
        if (await db.PlanAsync(airplane!, model.TurnRound, [Use(window)], [], cancellationToken) is { Count: > 0 } conflicts)
        {
            return AssignFlights.Refused(conflicts, _ => "/from");
        }

        db.Windows.Add(window);
        return TypedResults.CreatedAtRoute(MaintenanceWindowView.Of(window, time.GetUtcNow()), "GetMaintenanceWindow", new { id = window.Id });
    }

    private static async Task<Results<Ok<MaintenanceWindowView>, ProblemHttpResult>> Move(
        Guid id, MaintenanceNews news, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Windows.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } window)
        {
            return NotFound(id);
        }

        if (window.EndedAt is not null)
        {
            return Problems.Refused(409, "maintenance.ended", "The airplane is back already.");
        }

        var until = news.Until.ToUniversalTime();
        if (until <= window.PlannedFrom || until - window.PlannedFrom > TimeSpan.FromDays(180))
        {
            return Problems.Invalid(new FieldProblem("/until", "period.invalid", "until lies after the begin of the window, at most 180 days."));
        }

        if (news.Ended && until > time.GetUtcNow())
        {
            return Problems.Invalid(new FieldProblem("/until", "fact.in_future", "What has ended ended in the past."));
        }

        var airplane = await db.Airplanes.SingleAsync(known => known.Registration == window.Registration, cancellationToken);
        var use = await db.Uses.SingleAsync(known => known.Id == id, cancellationToken);
        var (from, now) = (use.EndsAt, time.GetUtcNow());
        (window.Until, window.EndedAt, use.EndsAt) = (until, news.Ended ? until : null, until);
        window.Version++;
        airplane.PlanVersion++;

        var (freed, putOff) = await MakeRoomAsync(db, use, from, cancellationToken);
        return TypedResults.Ok(MaintenanceWindowView.Of(window, now, freed, putOff));
    }

    /// <summary>
    /// The hangar has it: what it cannot fly then waits for another airplane, and what is to be done to it next begins when this is done. Time to reach a place is judged
    /// again when somebody plans.
    /// </summary>
    private static async Task<(List<string> Freed, List<WindowPutOff> PutOff)> MakeRoomAsync(
        OperationsDbContext db, AirplaneUse use, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var later = await db.Uses.Where(other => other.Registration == use.Registration && other.Id != use.Id && other.EndsAt > from)
            .OrderBy(other => other.StartsAt).ThenBy(other => other.Id).ToListAsync(cancellationToken);
        var (freed, putOff, taken) = (new List<string>(), new List<WindowPutOff>(), use.EndsAt);
        foreach (var other in later.Where(other => other.Kind == UseKind.Maintenance && other.StartsAt >= use.StartsAt))
        {
            if (other.StartsAt >= taken)
            {
                break;
            }

            var window = await db.Windows.SingleAsync(known => known.Id == other.Id, cancellationToken);
            (other.StartsAt, other.EndsAt) = (taken, taken + (other.EndsAt - other.StartsAt));
            window.Until = taken = other.EndsAt;
            window.Version++;
            putOff.Add(new(window.Id, window.Work, other.StartsAt, other.EndsAt));
        }

        foreach (var flight in later.Where(other => other.Kind == UseKind.Flight && other.StartsAt < taken))
        {
            freed.Add(flight.FlightId!);
            db.Uses.Remove(flight);
        }

        return (freed, putOff);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Cancel(Guid id, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Windows.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } window)
        {
            return NotFound(id);
        }

        if (window.PlannedFrom <= time.GetUtcNow())
        {
            return Problems.Refused(409, "maintenance.begun", "It has begun: say when it ends.");
        }

        var airplane = await db.Airplanes.SingleAsync(known => known.Registration == window.Registration, cancellationToken);
        airplane.PlanVersion++;
        db.Windows.Remove(window);
        db.Uses.Remove(await db.Uses.SingleAsync(known => known.Id == id, cancellationToken));
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<MaintenanceWindowView>, ProblemHttpResult>> Get(
        Guid id, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Windows.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is { } window
            ? TypedResults.Ok(MaintenanceWindowView.Of(window, time.GetUtcNow()))
            : NotFound(id);

    private static ProblemHttpResult NotFound(Guid id) => Problems.NotFound("maintenance.unknown", $"There is no maintenance window {id}.");

    private static AirplaneUse Use(MaintenanceWindow window) => new()
    {
        Id = window.Id,
        Registration = window.Registration,
        Kind = UseKind.Maintenance,
        FromAirport = window.Airport,
        ToAirport = window.Airport,
        StartsAt = window.PlannedFrom,
        EndsAt = window.Until,
    };
}
