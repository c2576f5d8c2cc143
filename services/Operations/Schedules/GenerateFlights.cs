using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.Fleet;
using Aerona.Operations.Tracking;
using Aerona.Reference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Schedules;

/// <summary>What generating came to.</summary>
/// <param name="Made">New dated flights.</param>
/// <param name="Changed">Flights not yet departed that became something else; each has a new version.</param>
/// <param name="Unchanged">Flights that are as the schedule says already.</param>
/// <param name="Cancelled">Flights not yet departed whose day the schedule does not have any more.</param>
/// <param name="LeftAlone">Dates that have departed or were cancelled at the desk.</param>
/// <param name="Published">How many of them were published: none while the schedule is a draft.</param>
internal sealed record GeneratedView(int Made, int Changed, int Unchanged, int Cancelled, int LeftAlone, int Published);

/// <summary>Dated flights of a schedule: made, published, withdrawn.</summary>
internal static class GenerateFlights
{
    private const int FlightsAMessage = 500;

    public static void MapGenerateFlights(this RouteGroupBuilder operations)
    {
        operations.MapPost("/schedules/{id:guid}/flights", Generate).WithName("GenerateFlights")
            .WithSummary("Brings the dated flights to what the schedule says; the same schedule again makes nothing new")
            .ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapPost("/schedules/{id:guid}/publication", Publish).WithName("PublishSchedule").WithSummary("Puts its flights on sale, and those generated later")
            .ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapPost("/schedules/{id:guid}/withdrawal", Withdraw).WithName("WithdrawSchedule").WithSummary("Takes its flights off sale; what is sold stays sold")
            .ProducesProblem(404).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
    }

    /// <summary>Tells all others of those flights, with the seats built into them where their cabins are known.</summary>
    public static async Task PublishFlightsAsync(this OperationsDbContext db, IReadOnlyCollection<DatedFlight> flights, CancellationToken cancellationToken)
    {
        var codes = flights.Select(flight => flight.Model).OfType<string>().Distinct().ToList();
        var models = codes.Count == 0 ? [] : await db.Models.AsNoTracking().Where(model => codes.Contains(model.Code)).ToDictionaryAsync(model => model.Code, cancellationToken);
        foreach (var some in flights.Chunk(FlightsAMessage))
        {
            db.Publish(new FlightsPublished([.. some.Select(flight => flight.Published(
                flight is { Model: { } model, Configuration: { } configuration } ? models.GetValueOrDefault(model)?.Find(configuration)?.Cabins : null))]));
        }
    }

    private static async Task<Results<Ok<GeneratedView>, ProblemHttpResult>> Generate(Guid id, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Schedules.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } schedule)
        {
            return Schedules.Unknown(id);
        }

        var model = await db.Models.AsNoTracking().SingleAsync(known => known.Code == schedule.Model, cancellationToken);
        var generation = new Generation(db, schedule, model, time.GetUtcNow());
        if (await generation.RunAsync(cancellationToken) is { } refused)
        {
            return refused;
        }

        var published = schedule.State == ScheduleState.Published ? generation.Touched : [];
        await db.PublishFlightsAsync(published, cancellationToken);
        return TypedResults.Ok(new GeneratedView(
            generation.Made, generation.Changed, generation.Unchanged, generation.Cancelled, generation.LeftAlone, published.Count));
    }

    private static async Task<Results<Ok<GeneratedView>, ProblemHttpResult>> Publish(Guid id, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Schedules.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } schedule)
        {
            return Schedules.Unknown(id);
        }

        var now = time.GetUtcNow();
        var flights = await db.Flights.Where(flight => flight.ScheduleId == id && flight.DepartsAt > now && !flight.IsOnSale).OrderBy(flight => flight.DepartsOn).ToListAsync(cancellationToken);
        if (flights.Count == 0 && schedule.State != ScheduleState.Published)
        {
            return Problems.Refused(409, "schedule.no_flights", "It has no flight that could be sold; generate its flights first.");
        }

        if (schedule.State != ScheduleState.Published)
        {
            schedule.State = ScheduleState.Published;
            schedule.Version++;
        }

        foreach (var flight in flights)
        {
            flight.IsOnSale = true;
            flight.WasOnSale = true;
            flight.Version++;
        }

        await db.PublishFlightsAsync(flights, cancellationToken);
        return TypedResults.Ok(new GeneratedView(0, 0, 0, 0, 0, flights.Count));
    }

    private static async Task<Results<Ok<GeneratedView>, ProblemHttpResult>> Withdraw(Guid id, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Schedules.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } schedule)
        {
            return Schedules.Unknown(id);
        }

        var now = time.GetUtcNow();
        var flights = await db.Flights.Where(flight => flight.ScheduleId == id && flight.DepartsAt > now && flight.IsOnSale).OrderBy(flight => flight.DepartsOn).ToListAsync(cancellationToken);
        if (schedule.State == ScheduleState.Published)
        {
            schedule.State = ScheduleState.Withdrawn;
            schedule.Version++;
        }

        foreach (var flight in flights)
        {
            flight.IsOnSale = false;
            flight.Version++;
        }

        await db.PublishFlightsAsync(flights, cancellationToken);
        return TypedResults.Ok(new GeneratedView(0, 0, 0, 0, 0, flights.Count));
    }
}

/// <summary>Brings the dated flights of a schedule to what it says. Nothing is saved here.</summary>
internal sealed class Generation(OperationsDbContext db, Schedule schedule, AirplaneModel model, DateTimeOffset now)
{
    private readonly Airport origin = Airports.All[schedule.Origin];

    private readonly Airport destination = Airports.All[schedule.Destination];

    private readonly CabinConfiguration configuration = model.Find(schedule.Configuration)!;

    public int Made { get; private set; }

    public int Changed { get; private set; }

    public int Unchanged { get; private set; }

    public int Cancelled { get; private set; }

    public int LeftAlone { get; private set; }

    /// <summary>The new and the changed ones.</summary>
    public List<DatedFlight> Touched { get; } = [];

    /// <summary>Why it cannot be done; null when it can.</summary>
    public async Task<ProblemHttpResult?> RunAsync(CancellationToken cancellationToken)
    {
        var known = await db.Flights.Where(flight => flight.ScheduleId == schedule.Id).ToDictionaryAsync(flight => flight.DepartsOn, cancellationToken);
        if (await TakenAsync(known.Keys.ToHashSet(), cancellationToken) is { } taken)
        {
            return Problems.Refused(409, "flight.exists", $"{taken} is flown already, and not by this schedule.");
        }

        var before = await StatusesAsync([.. known.Values], cancellationToken);
        var moved = new List<DatedFlight>();
        var dates = schedule.Dates().ToDictionary(on => on.Date, on => on.Times);
        foreach (var (date, times) in dates)
        {
            var wanted = Flight(date, times);
            if (!known.TryGetValue(date, out var flight))
            {
                Add(wanted);
            }
            else if (flight.DepartsAt <= now || flight.CancelledBy == CancelledBy.Desk)
            {
                LeftAlone++;
            }
            else if (Become(flight, wanted) is var isMoved)
            {
                moved.AddRange(isMoved ? [flight] : []);
            }
        }

        var gone = known.Values.Where(flight => !dates.ContainsKey(flight.DepartsOn) && flight.DepartsAt > now && !flight.IsCancelled).ToList();
        foreach (var flight in gone)
        {
            flight.CancelledBy = CancelledBy.Schedule;
            flight.Version++;
            Touched.Add(flight);
            Cancelled++;
        }

        await db.FreeAsync(gone.ConvertAll(flight => flight.Id), cancellationToken);
        foreach (var flight in Touched.Where(flight => flight.WasOnSale && before.ContainsKey(flight.Id)))
        {
            db.PublishStatus(await db.TrackAsync(flight.Id, cancellationToken), before[flight.Id], flight, now);
        }

        return await PlanAsync(moved, cancellationToken);
    }

    /// <summary>How the flights that others know of stood before.</summary>
    private async Task<Dictionary<string, FlightStatus>> StatusesAsync(List<DatedFlight> flights, CancellationToken cancellationToken)
    {
        var tracks = await db.TracksAsync(flights, cancellationToken);
        return flights.Where(flight => flight.WasOnSale).ToDictionary(flight => flight.Id, flight => tracks[flight.Id].Status(flight));
    }

    private async Task<string?> TakenAsync(HashSet<DateOnly> own, CancellationToken cancellationToken)
    {
        var dates = schedule.Dates().Select(on => on.Date).Where(date => !own.Contains(date)).ToList();
        return await db.Flights
            .Where(flight => flight.Carrier == schedule.Carrier && flight.Number == schedule.Number && flight.ScheduleId != schedule.Id && dates.Contains(flight.DepartsOn))
            .Select(flight => flight.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private DatedFlight Flight(DateOnly date, LocalTimes times)
    {
        var (departs, arrives) = (date.ToDateTime(times.Departs), date.AddDays(times.ArrivalDayOffset).ToDateTime(times.Arrives));
        return new()
        {
            Id = schedule.Flight.OnDate(date),
            Carrier = schedule.Carrier,
            Number = schedule.Number,
            OperatingCarrier = schedule.Carrier,
            Origin = origin.Code,
            Destination = destination.Code,
            DepartsOn = date,
            DepartsLocal = departs,
            DepartsAt = Moment(departs, origin),
            ArrivesLocal = arrives,
            ArrivesAt = Moment(arrives, destination),
            Aircraft = model.AircraftType,
            Model = model.Code,
            Configuration = schedule.Configuration,
            Cabins = ScheduleRules.Sold(schedule.Cabins, configuration),
            ScheduleId = schedule.Id,
            IsOnSale = schedule.State == ScheduleState.Published,
            WasOnSale = schedule.State == ScheduleState.Published,
        };
    }

    // Checked when the schedule was saved; the zone's rules may have changed since.
    private DateTimeOffset Moment(DateTime local, Airport airport) =>
        ScheduleRules.Moment(local, airport.TimeZone, schedule.WhenTwice) ?? FlightRules.Moment(local, airport.TimeZone).At;

    private void Add(DatedFlight flight)
    {
        if (flight.DepartsAt <= now)
        {
            LeftAlone++;   // nobody needs flights that have left
            return;
        }

        db.Flights.Add(flight);
        Touched.Add(flight);
        Made++;
    }

    /// <summary>Changes what differs; true when its times did. The equipment of a flight on sale stays: seats are sold on it, so it is changed by itself.</summary>
    private bool Become(DatedFlight flight, DatedFlight wanted)
    {
        var isMoved = flight.DepartsAt != wanted.DepartsAt || flight.ArrivesAt != wanted.ArrivesAt;
        var isOther = flight.Model != wanted.Model || flight.Configuration != wanted.Configuration;
        var keepsEquipment = isOther && flight.WasOnSale;
        var isRebuilt = isOther && !keepsEquipment;
        var isReSold = !keepsEquipment && !ScheduleRules.AreSame(flight.Cabins, wanted.Cabins);
        if (!isMoved && !isReSold && !isRebuilt && !flight.IsCancelled)
        {
            Unchanged++;
            return false;
        }

        (flight.DepartsLocal, flight.DepartsAt, flight.ArrivesLocal, flight.ArrivesAt) = (wanted.DepartsLocal, wanted.DepartsAt, wanted.ArrivesLocal, wanted.ArrivesAt);
        if (!keepsEquipment)
        {
            (flight.Aircraft, flight.Model, flight.Configuration, flight.Cabins) = (wanted.Aircraft, wanted.Model, wanted.Configuration, wanted.Cabins);
        }

        flight.CancelledBy = null;
        flight.Version++;
        Touched.Add(flight);
        Changed++;
        return isMoved;
    }

    /// <summary>Airplanes of flights that moved move along; new flights get the schedule's airplane.</summary>
    private async Task<ProblemHttpResult?> PlanAsync(List<DatedFlight> moved, CancellationToken cancellationToken)
    {
        var freed = await db.FreeAsync(moved.ConvertAll(flight => flight.Id), cancellationToken);
        var airplanes = freed.ToDictionary(use => use.FlightId!, use => use.Registration);
        if (schedule.Airplane is not null)
        {
            foreach (var flight in Touched.Where(flight => !flight.IsCancelled && flight.Configuration == schedule.Configuration && flight.Model == schedule.Model))
            {
                airplanes.TryAdd(flight.Id, schedule.Airplane);
            }
        }

        var touched = Touched.ToDictionary(flight => flight.Id);
        var ids = airplanes.Keys.ToList();
        var standing = new HashSet<string>();
        foreach (var some in ids.Chunk(500))
        {
            standing.UnionWith(await db.Uses.Where(use => use.FlightId != null && some.Contains(use.FlightId)).Select(use => use.FlightId!).ToListAsync(cancellationToken));
        }

        standing.ExceptWith(freed.Select(use => use.FlightId!));
        foreach (var flights in airplanes.Where(flight => !standing.Contains(flight.Key)).GroupBy(flight => flight.Value, flight => touched[flight.Key]))
        {
            var airplane = await db.Airplanes.SingleAsync(known => known.Registration == flights.Key, cancellationToken);
            var turnRound = airplane.Model == model.Code ? model.TurnRound
                : (await db.Models.AsNoTracking().SingleAsync(known => known.Code == airplane.Model, cancellationToken)).TurnRound;
            if (await db.PlanAsync(airplane, turnRound, [.. flights.Select(flight => AirplaneUse.Of(airplane, flight))], freed, cancellationToken) is { Count: > 0 } conflicts)
            {
                return AssignFlights.Refused(conflicts, use => $"/flights/{use.FlightId}");
            }
        }

        return null;
    }
}
