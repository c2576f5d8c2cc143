using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Scenarios;

/// <summary>Every scenario of a booking, in an Aerona of its own with short times: they run side by side, here each is judged.</summary>
public sealed class ScenarioTests(HastyAerona hasty, RunningAerona usual) : IClassFixture<HastyAerona>
{
    public static TheoryData<string> Scenarios { get; } = [.. SideBySide<BookingScenarios>.All.Select(scenario => scenario.Name)];

    [Fact]
    public async Task Who_pays_later_in_time_has_the_seats_and_the_price_kept()
    {
        var flight = await new AeronaClient(usual.Http).AnyFlightAsync("SGN", "HAN", Journeys.Journeys.Adult);
        await new BookingScenarios(usual, usual.Token("support", "staff@aerona.example"), flight.Text("flightId")).Who_pays_later_in_time_has_the_seats_and_the_price_kept();
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Each_ends_as_its_name_says_and_all_books_agree(string scenario) => hasty.OfAsync(scenario);
}
