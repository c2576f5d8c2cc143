using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.Fleet;
using Aerona.Operations.Schedules;
using Aerona.Persistence;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Equipment;

/// <summary>Other equipment for a flight.</summary>
/// <param name="Model">The model's code.</param>
/// <param name="Configuration">One of the model's.</param>
/// <param name="AcceptTooFewSeats">Make it even if it has fewer seats than are taken; who finds none is listed.</param>
internal sealed record EquipmentRequest(string Model, string Configuration, bool AcceptTooFewSeats = false);

/// <param name="State">Checking at first; then it is applied or refused.</param>
/// <param name="Reason">Null unless refused: <c>configuration.too_small</c>, <c>flight.departed</c>, <c>flight.cancelled</c>.</param>
/// <param name="Occupied">Seats taken by cabin.</param>
/// <param name="Affected">Bookings that find no seat in the new cabins.</param>
/// <param name="FreedAirplane">Taken off the flight, since it is built otherwise.</param>
/// <param name="Moved">Seats that travellers chose and that are others now, booking by booking, with what is owed back for those that were paid for.</param>
/// <param name="Seats">Where every seat of the old cabins goes; null where they are not known.</param>
internal sealed record EquipmentChangeView(
    Guid Id, string FlightId, string? FromModel, string? FromConfiguration, string ToModel, string ToConfiguration, EquipmentChangeState State, string? Reason,
    IReadOnlyList<SeatsInCabin> Occupied, IReadOnlyList<AffectedBooking> Affected, string? FreedAirplane, IReadOnlyList<MovedSeat> Moved,
    IReadOnlyList<SeatMove>? Seats)
{
    public static EquipmentChangeView Of(EquipmentChange change, IReadOnlyList<SeatMove>? seats = null) => new(
        change.Id, change.FlightId, change.FromModel, change.FromConfiguration, change.ToModel, change.ToConfiguration, change.State, change.Reason, change.Occupied,
        change.Affected, change.FreedAirplane, change.Moved ?? [], seats);
}

/// <summary><c>POST /v1/operations/flights/{flightId}/equipment-changes</c>, <c>GET /v1/operations/equipment-changes/{id}</c>.</summary>
internal static class ChangeEquipment
{
    public static void MapChangeEquipment(this RouteGroupBuilder operations)
    {
        operations.MapPost("/flights/{flightId}/equipment-changes", Ask).WithName("ChangeEquipment")
            .WithSummary("Flies it with another model or other cabins, if all seats taken fit or it is made all the same; 202, its Location tells how it went")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/equipment-changes/{id:guid}", Get).WithName("GetEquipmentChange").WithSummary("How a change of equipment went, whom it affects and where seats go")
            .ProducesProblem(404).Requires(Permission.RunFleet);
    }

    private static async Task<Results<AcceptedAtRoute<EquipmentChangeView>, ProblemHttpResult>> Ask(
        string flightId, EquipmentRequest wanted, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Flights.AsNoTracking().SingleOrDefaultAsync(known => known.Id == flightId, cancellationToken) is not { } flight)
        {
            return Problems.NotFound("flight.not_found", $"There is no flight {flightId}.");
        }

        if (await db.Models.AsNoTracking().SingleOrDefaultAsync(known => known.Code == wanted.Model, cancellationToken) is not { } model)
        {
            return Problems.Invalid(new FieldProblem("/model", "model.unknown", $"There is no airplane model {wanted.Model}."));
        }

        if (model.Find(wanted.Configuration) is not { } configuration)
        {
            return Problems.Invalid(new FieldProblem("/configuration", "configuration.unknown", $"{model.Code} has no configuration {wanted.Configuration}."));
        }

        if (WhyNot(flight, time.GetUtcNow()) is { } reason)
        {
            return Problems.Refused(409, reason, $"{flightId} has left or is cancelled.");
        }

        var change = new EquipmentChange
        {
            FlightId = flightId,
            FromModel = flight.Model,
            FromConfiguration = flight.Configuration,
            ToModel = wanted.Model,
            ToConfiguration = wanted.Configuration,
            AcceptsTooFewSeats = wanted.AcceptTooFewSeats,
            RequestedAt = time.GetUtcNow(),
        };
        db.EquipmentChanges.Add(change);
        db.Publish(new CheckEquipment(change.Id, flightId, [.. configuration.SeatCounts().Select(cabin => new SeatsInCabin(cabin.Key, cabin.Value))], configuration.Cabins));
        return TypedResults.AcceptedAtRoute(EquipmentChangeView.Of(change), "GetEquipmentChange", new { id = change.Id });
    }

    public static string? WhyNot(DatedFlight flight, DateTimeOffset now) => flight.IsCancelled ? "flight.cancelled" : flight.DepartsAt <= now ? "flight.departed" : null;

    private static async Task<Results<Ok<EquipmentChangeView>, ProblemHttpResult>> Get(Guid id, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (await db.EquipmentChanges.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } change)
        {
            return Problems.NotFound("equipment_change.unknown", $"There is no change of equipment {id}.");
        }

        var models = await db.Models.AsNoTracking().Where(model => model.Code == change.FromModel || model.Code == change.ToModel).ToDictionaryAsync(model => model.Code, cancellationToken);
        var from = change is { FromModel: { } old, FromConfiguration: { } code } ? models.GetValueOrDefault(old)?.Find(code) : null;
        return TypedResults.Ok(EquipmentChangeView.Of(change, from is null ? null : SeatMoves.Of(from, models[change.ToModel].Find(change.ToConfiguration)!)));
    }
}

/// <summary>Takes Airlines' answer: makes the change, or refuses it for the seats that are taken.</summary>
internal sealed class ApplyEquipmentConsumer(OperationsDbContext db, TimeProvider time) : IConsumer<EquipmentChecked>
{
    public async Task Consume(ConsumeContext<EquipmentChecked> context)
    {
        var answer = context.Message;
        if (await db.TryLockAsync<EquipmentChange>(answer.ChangeId, context.CancellationToken) is not { State: EquipmentChangeState.Checking } change)
        {
            return;
        }

        (change.Occupied, change.Affected, change.Moved) = ([.. answer.Occupied], [.. answer.Affected], answer.Moved);
        change.Version++;
        var flight = await db.LockAsync<DatedFlight>(change.FlightId, context.CancellationToken);
        change.Reason = ChangeEquipment.WhyNot(flight, time.GetUtcNow()) ?? (answer.Affected.Count > 0 && !change.AcceptsTooFewSeats ? "configuration.too_small" : null);
        if (change.Reason is not null)
        {
            change.State = EquipmentChangeState.Refused;
            return;
        }

        var model = await db.Models.AsNoTracking().SingleAsync(known => known.Code == change.ToModel, context.CancellationToken);
        var built = model.Find(change.ToConfiguration)!.SeatCounts();
        (flight.Aircraft, flight.Model, flight.Configuration) = (model.AircraftType, model.Code, change.ToConfiguration);

        // A cabin that is not there is not sold.
        flight.Cabins = [.. flight.Cabins.Where(cabin => built.ContainsKey(cabin.Cabin)).Select(cabin => ScheduleRules.Rebuilt(cabin, built[cabin.Cabin]))];
        flight.Version++;
        var use = await db.Uses.AsNoTracking().SingleOrDefaultAsync(known => known.FlightId == flight.Id, context.CancellationToken);
        if (use is not null && !await db.Airplanes.AnyAsync(
            airplane => airplane.Registration == use.Registration && airplane.Model == model.Code && airplane.Configuration == change.ToConfiguration, context.CancellationToken))
        {
            change.FreedAirplane = use.Registration;
            await db.FreeAsync([flight.Id], context.CancellationToken);
        }

        change.State = EquipmentChangeState.Applied;
        if (flight.WasOnSale)
        {
            await db.PublishFlightsAsync([flight], context.CancellationToken);
        }
    }
}
