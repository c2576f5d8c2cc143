using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Aerona.Reference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Board = Aerona.Operations.DeparturesBoard.DeparturesBoard;

namespace Aerona.Operations.Tracking;

/// <summary>A moment on the clock of its airport.</summary>
/// <param name="Local">Wall clock there, without offset.</param>
/// <param name="Zone">IANA zone.</param>
/// <param name="Utc">The same moment.</param>
internal sealed record LocalMoment(DateTime Local, string Zone, DateTimeOffset Utc)
{
    public static LocalMoment? Of(DateTimeOffset? at, Airport airport) =>
        at is { } moment ? new(FlightRules.LocalTime(moment, airport.TimeZone), airport.Zone, moment) : null;
}

/// <summary>One end of a flight.</summary>
/// <param name="Airport">IATA code.</param>
/// <param name="Scheduled">Off blocks at the origin, on blocks at the destination.</param>
/// <param name="Estimated">The same as expected now; null when nothing else than scheduled is.</param>
/// <param name="Actual">The same as it was; null before.</param>
/// <param name="Runway">Take-off or landing as it was, else as expected; null when not known.</param>
/// <param name="DelayMinutes">Of the actual or estimated to the scheduled time, negative when early; null when neither is known.</param>
/// <param name="Terminal">As signposted.</param>
/// <param name="Gate">As signposted.</param>
/// <param name="Belt">At the destination alone.</param>
internal sealed record FlightEndView(
    string Airport, LocalMoment Scheduled, LocalMoment? Estimated, LocalMoment? Actual, LocalMoment? Runway, int? DelayMinutes, string? Terminal, string? Gate, string? Belt);

/// <summary>What is known of a flight on its day.</summary>
/// <param name="DivertedTo">IATA airport; null unless diverted.</param>
/// <param name="Reason">Of a delay or cancellation; null when none was given.</param>
/// <param name="UpdatedAt">When the newest fact was known; null when there is none beside the schedule.</param>
/// <param name="Version">Grows with every change.</param>
/// <param name="DeparturesBoard">The page of all that leaves the airport of departure, beside this address.</param>
internal sealed record FlightStatusView(
    string FlightId, FlightDesignator Flight, string? AirlineName, string OperatingCarrier, FlightState State, FlightEndView Departure, FlightEndView Arrival,
    string? DivertedTo, string? Reason, string Aircraft, DateTimeOffset? UpdatedAt, long Version, string DeparturesBoard)
{
    public static FlightStatusView Of(DatedFlight flight, FlightTrack track)
    {
        var status = track.Status(flight);
        var (origin, destination) = (Airports.All[flight.Origin], Airports.All[flight.Destination]);
        return new(
            flight.Id, status.Flight, Carriers.Find(flight.Carrier)?.Name, flight.OperatingCarrier, status.State,
            End(origin, status.ScheduledOffBlock, status.EstimatedOffBlock, status.ActualOffBlock, track.Time(FactName.ActualTakeOff) ?? track.Time(FactName.EstimatedTakeOff),
                status.DepartureTerminal, status.DepartureGate, null),
            End(destination, status.ScheduledOnBlock, status.EstimatedOnBlock, status.ActualOnBlock, track.Time(FactName.ActualLanding) ?? track.Time(FactName.EstimatedLanding),
                status.ArrivalTerminal, status.ArrivalGate, status.Belt),
            status.DivertedTo, status.Reason, flight.Aircraft, track.Known.Count == 0 ? null : track.Known.Values.Max(fact => fact.At), track.Version,
            Board.AddressOf(flight.Origin));
    }

    private static FlightEndView End(
        Airport airport, DateTimeOffset scheduled, DateTimeOffset? estimated, DateTimeOffset? actual, DateTimeOffset? runway, string? terminal, string? gate, string? belt) => new(
        airport.Code, LocalMoment.Of(scheduled, airport)!, LocalMoment.Of(estimated, airport), LocalMoment.Of(actual, airport), LocalMoment.Of(runway, airport),
        (actual ?? estimated) is { } at ? (int)(at - scheduled).TotalMinutes : null, terminal, gate, belt);
}

/// <summary>The flights that were asked for, in the order they leave.</summary>
internal sealed record FlightStatusList(IReadOnlyList<FlightStatusView> Flights);

/// <summary><c>GET /v1/flight-status</c>, for anybody.</summary>
internal static class GetFlightStatus
{
    private const int Most = 200;

    public static void MapGetFlightStatus(this WebApplication app) => app.MapGet("/v1/flight-status", Get).WithTags("Flight status")
        .WithName("GetFlightStatus").WithSummary("How flights stand: by flight and local date of departure, or by origin, destination and date")
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<FlightStatusList>, ProblemHttpResult>> Get(
        OperationsDbContext db, CancellationToken cancellationToken, string? flight = null, DateOnly? date = null, string? origin = null, string? destination = null)
    {
        if (date is not { } day)
        {
            return Problems.Invalid(new FieldProblem("query:date", "request.missing_parameter", "date is required: the local date of departure, such as 2026-12-05."));
        }

        IQueryable<DatedFlight> flights;
        if (flight is not null)
        {
            if (FlightDesignator.Parse(flight) is not { } designator)
            {
                return Problems.Invalid(new FieldProblem("query:flight", "flight.designator_invalid", "flight is an airline's two characters and a number, such as VN55."));
            }

            var id = designator.OnDate(day);
            flights = db.Flights.Where(known => known.Id == id);
        }
        else if (origin is null || destination is null)
        {
            return Problems.Invalid(new FieldProblem("query:flight", "request.missing_parameter", "Say which flight, or origin and destination."));
        }
        else
        {
            var (from, to) = (Codes(origin), Codes(destination));
            if (from.Count == 0 || to.Count == 0)
            {
                return Problems.Invalid(new FieldProblem(
                    from.Count == 0 ? "query:origin" : "query:destination", "place.unknown", "It must be an airport or city known here, such as SGN or LON."));
            }

            flights = db.Flights.Where(known => from.Contains(known.Origin) && to.Contains(known.Destination) && known.DepartsOn == day);
        }

        // One that was never published is nobody's to see.
        var found = await flights.AsNoTracking().Where(known => known.WasOnSale).OrderBy(known => known.DepartsAt).ThenBy(known => known.Id).Take(Most).ToListAsync(cancellationToken);
        if (found.Count == 0 && flight is not null)
        {
            return Problems.NotFound("flight.not_found", $"No flight {flight} leaves on {day:yyyy-MM-dd}.");
        }

        var tracks = await db.TracksAsync(found, cancellationToken);
        return TypedResults.Ok(new FlightStatusList([.. found.Select(known => FlightStatusView.Of(known, tracks[known.Id]))]));
    }

    /// <summary>The tracks of those flights, empty ones where nothing was reported.</summary>
    public static async Task<Dictionary<string, FlightTrack>> TracksAsync(this OperationsDbContext db, IReadOnlyCollection<DatedFlight> flights, CancellationToken cancellationToken)
    {
        var ids = flights.Select(flight => flight.Id).ToList();
        var tracks = await db.Tracks.AsNoTracking().Where(track => ids.Contains(track.FlightId)).ToDictionaryAsync(track => track.FlightId, cancellationToken);
        return ids.ToDictionary(id => id, id => tracks.GetValueOrDefault(id) ?? FlightTrack.None(id));
    }

    private static List<string> Codes(string place) => [.. Airports.Named(place).Select(airport => airport.Code)];
}
