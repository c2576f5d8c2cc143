using System.Net;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Operations.Equipment;
using Aerona.Operations.Fleet;
using Aerona.TestKit;
using CsCheck;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class EquipmentTests
{
    private const string Flight = "VN7001-20261207";

    private static readonly string[] Letters = ["ABC DEF", "AC DF", "ABC DEFG HJK", "A C"];

    private static readonly Gen<CabinConfiguration> Configurations = Gen.Select(
        Gen.Int[1, 12], Gen.Int[0, 3].Select(index => Letters[index]), Gen.Int[0, 12]).Select((rows, letters, exit) => new CabinConfiguration(
            "X1", [new(Cabin.Economy, 1, rows, letters, ExitRows: exit > 0 && exit <= rows ? [exit] : null)]));

    [Fact]
    public void Seats_are_found_again_by_what_they_have_and_nobody_gets_the_same_one() => Gen.Select(Configurations, Configurations).Sample((from, to) =>
    {
        var (old, other) = (from.Cabins[0].Seats(), to.Cabins[0].Seats());

        var moves = SeatMoves.Of(from, to);

        Assert.Equal(old.Select(seat => seat.Number).Order(), moves.Select(move => move.From).Order());
        var taken = moves.Where(move => move.To is not null).Select(move => move.To!).ToList();
        Assert.Equal(taken.Count, taken.Distinct().Count());
        Assert.Equal(Math.Min(old.Count, other.Count), taken.Count);
        Assert.Subset(other.Select(seat => seat.Number).ToHashSet(), taken.ToHashSet());

        // No exit row is lost while one is free: as many are kept as there are on the smaller side.
        int Exits(IEnumerable<string> numbers, IReadOnlyList<Seat> seats) =>
            seats.Count(seat => seat.Characteristics.Contains(SeatCharacteristic.ExitRow) && numbers.Contains(seat.Number));
        var kept = moves.Count(move => Exits([move.From], old) == 1 && move.To is { } number && Exits([number], other) == 1);
        Assert.Equal(Math.Min(Exits(old.Select(seat => seat.Number), old), Exits(other.Select(seat => seat.Number), other)), kept);
    }, iter: 200);

    [Fact]
    public void The_same_cabins_move_nobody()
    {
        var configuration = new CabinConfiguration("X1", [new(Cabin.Economy, 1, 20, "ABC DEF", ExitRows: [10], BulkheadRows: [1])]);

        Assert.All(SeatMoves.Of(configuration, configuration), move => Assert.Equal((move.From, 0), (move.To, move.Lost.Count)));
    }

    [Fact]
    public async Task Other_cabins_that_hold_everybody_are_sold_from_then_on_and_free_an_airplane_that_is_built_otherwise()
    {
        await using var service = await StartAsync();
        var change = await AskAsync(service, insists: false);

        var asked = Assert.Single(await service.Published<CheckEquipment>());
        Assert.Equal([(Cabin.Economy, 24)], asked.BuiltIn.Select(cabin => (cabin.Cabin, cabin.Seats)));
        Assert.Equal(24, Assert.Single(asked.SeatMap!).Seats().Count);
        var moved = new MovedSeat(Guid.CreateVersion7(), "p1", 1, Cabin.Economy, "12A", "4A", [SeatCharacteristic.ExitRow], Money.Of(45m, "USD"), Money.Of(45m, "USD"));
        await service.ConsumeAsync(new EquipmentChecked(asked.ChangeId, [new(Cabin.Economy, 20)], [], [moved]));

        var view = await service.GetAsync($"equipment-changes/{change}");
        Assert.Equal(("applied", "VN-A1"), (view.GetProperty("state").GetString(), view.GetProperty("freedAirplane").GetString()));
        var told = Assert.Single(view.GetProperty("moved").EnumerateArray());
        Assert.Equal(
            (moved.BookingId, "12A", "4A", "exitRow", "45.00"),
            (told.GetProperty("bookingId").GetGuid(), told.GetProperty("from").GetString(), told.GetProperty("to").GetString(), told.GetProperty("lost")[0].GetString(), told.GetProperty("refund").GetProperty("amount").GetString()));
        var published = (await service.PublishedFlightsAsync())[^1];
        Assert.Equal(24, Assert.Single(published.SeatMap!).Seats().Count);
        Assert.Equal([(Cabin.Economy, 24)], published.Cabins.Select(cabin => (cabin.Cabin, cabin.Authorised)));   // 32 were authorised before, and business is gone
        Assert.All(view.GetProperty("seats").EnumerateArray().Where(move => move.GetProperty("cabin").GetString() == "business"), move => Assert.Equal(JsonValueKind.Null, move.GetProperty("to").ValueKind));
        Assert.Equal(JsonValueKind.Null, (await service.GetAsync($"flights/{Flight}")).GetProperty("airplane").ValueKind);
    }

    [Fact]
    public async Task A_configuration_smaller_than_the_seats_sold_is_refused_unless_the_desk_insists_and_the_bookings_are_listed()
    {
        await using var service = await StartAsync();
        var booking = Guid.CreateVersion7();
        async Task<JsonElement> AnswerAsync(string change)
        {
            await service.ConsumeAsync(new EquipmentChecked(Guid.Parse(change), [new(Cabin.Business, 2)], [new(booking, Cabin.Business, 2)]));
            return await service.GetAsync($"equipment-changes/{change}");
        }

        var refused = await AnswerAsync(await AskAsync(service, insists: false));
        Assert.Equal("C16Y30", (await service.GetAsync($"flights/{Flight}")).GetProperty("configuration").GetString());
        var applied = await AnswerAsync(await AskAsync(service, insists: true));

        Assert.Equal(("refused", "configuration.too_small"), (refused.GetProperty("state").GetString(), refused.GetProperty("reason").GetString()));
        Assert.Equal("applied", applied.GetProperty("state").GetString());
        Assert.All([refused, applied], view => Assert.Equal(booking, Assert.Single(view.GetProperty("affected").EnumerateArray()).GetProperty("bookingId").GetGuid()));
        Assert.Equal("Y24", (await service.GetAsync($"flights/{Flight}")).GetProperty("configuration").GetString());
    }

    [Fact]
    public async Task Equipment_that_is_not_there_is_refused_with_the_field()
    {
        await using var service = await StartAsync();

        var model = await service.RefusedAsync(HttpStatusCode.BadRequest, $"flights/{Flight}/equipment-changes", Desk.Json("""{ "model": "A999", "configuration": "Y24" }"""));
        var cabins = await service.RefusedAsync(HttpStatusCode.BadRequest, $"flights/{Flight}/equipment-changes", Desk.Json("""{ "model": "A321N", "configuration": "Y9" }"""));

        Assert.Equal(("model.unknown", "/model"), (model.Code, model.Pointers[0]));
        Assert.Equal(("configuration.unknown", "/configuration"), (cabins.Code, cabins.Pointers[0]));
    }

    private static async Task<TestService> StartAsync()
    {
        var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule(until: "2026-12-07", airplane: "VN-A1"), publish: true);
        return service;
    }

    private static async Task<string> AskAsync(TestService service, bool insists) => (await service.PostAsync(
        $"flights/{Flight}/equipment-changes", Desk.Json($$"""{ "model": "A321N", "configuration": "Y24", "acceptTooFewSeats": {{(insists ? "true" : "false")}} }"""))).GetProperty("id").GetString()!;
}
