using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Scenarios;

/// <summary>
/// An Aerona whose waiting times are short, and all scenarios of a booking under way in it side by side: most of them wait for a deadline, and together they take
/// hardly longer than the slowest.
/// </summary>
/// <remarks>
/// Where a person has to do something before a deadline it is most of a minute away, for the machine may be slow; where something is only looked at it is seconds.
/// </remarks>
public sealed class HastyAerona : IAsyncLifetime
{
    internal static readonly TimeSpan PriceFor = TimeSpan.FromSeconds(5);
    internal const int PaymentAttempts = 3;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["World__Days"] = "10",

        // Seats for a good minute, for those who pay later a little longer: long enough to pay for, short enough to see them lapse.
        ["HouseAirline__HoldFor"] = "00:01:25",
        ["HouseAirline__PayLaterFor"] = "00:01:30",
        ["HouseAirline__PayLaterPriceFor"] = PriceFor.ToString(),
        ["HouseAirline__SweepEvery"] = "00:00:02",
        ["Booking__SpaceMargin"] = "00:00:05",
        ["Booking__PayLaterReminder"] = "00:00:50",
        ["Booking__PriceDecision"] = "00:00:40",
        ["Booking__PaymentAttempts"] = PaymentAttempts.ToString(System.Globalization.CultureInfo.InvariantCulture),

        // What comes without an answer is looked up soon; an answer that is only slow must not be taken for that.
        ["Booking__Hold"] = "00:00:15",
        ["Booking__Authorisation"] = "00:00:15",
        ["Booking__LookUp"] = "00:00:01",
        ["Booking__SlowLookUp"] = "00:00:03",
        ["Booking__ApprovalLookUp"] = "00:00:03",
        ["Booking__PatientRepeat"] = "00:00:02",

        // Nobody knows whether the order was made: people after eight seconds, parked after twelve; the airline is silent for longer than staff need.
        ["Booking__Case"] = "00:00:08",
        ["Booking__CommitUnknown"] = "00:00:12",
        ["Sandbox__HouseAirline__PendingLookUps"] = "2",
        ["Sandbox__HouseAirline__SilentLookUps"] = "20",
        ["Sandbox__HouseAirline__LateConfirmationAfter"] = "00:00:05",

        ["Booking__PaymentReview"] = "00:00:45",
        ["Booking__CaptureRecovery"] = "00:00:45",
        ["Cancellations__QuoteFor"] = "00:01:00",
    };

    private SideBySide<BookingScenarios>? underWay;

    internal RunningAerona Aerona { get; } = new(Settings, "aerona-scenarios.log");

    /// <summary>Starts it, and every scenario in it.</summary>
    public async ValueTask InitializeAsync()
    {
        await Aerona.InitializeAsync();
        var (flights, staff) = (await FlightsAsync(), Aerona.Token("support", "staff@aerona.example"));
        underWay = new(index => new(Aerona, staff, flights[index % flights.Count]), scenarios => scenarios.MoneyIsRightAsync(), int.MaxValue);
    }

    /// <summary>How a scenario ended; throws what went wrong in it.</summary>
    internal Task OfAsync(string scenario) => underWay!.OfAsync(scenario);

    public async ValueTask DisposeAsync()
    {
        if (underWay is not null)
        {
            await underWay.DisposeAsync();
        }

        await Aerona.DisposeAsync();
    }

    /// <summary>Some flights with room: every scenario counts the seats of its own booking, so they may share them.</summary>
    private async Task<IReadOnlyList<string>> FlightsAsync()
    {
        var client = new AeronaClient(Aerona.Http);
        Traveller[] party = [new("adult", "Any", "Body")];
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = 3; day < 10; day++)
        {
            var flights = (await client.SearchAsync("SGN", "HAN", today.AddDays(day), party, TestContext.Current.CancellationToken)).GetProperty("flights");
            if (flights.GetArrayLength() > 0)
            {
                return [.. flights.EnumerateArray().Select(flight => flight.Text("flightId"))];
            }
        }

        throw new InvalidOperationException("no flight from SGN to HAN");
    }
}
