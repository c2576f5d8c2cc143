namespace Aerona.BookingsBench.Driver;

/// <summary>One way to run the flow: two processes, <c>orchestrator</c> with the saga and the load generator and <c>workers</c> with the four queues.</summary>
/// <param name="Name">Also what its databases and its virtual host are named after.</param>
/// <param name="Title">For the table.</param>
/// <param name="Assembly">Its executable, from the root of the working copy.</param>
/// <param name="Databases">What it keeps its rows in; <c>work</c> has the rows of the workers.</param>
/// <param name="FinishedBookings">Counts the sagas that stand at their end, in the first database.</param>
internal sealed record Contestant(string Name, string Title, string Assembly, IReadOnlyList<string> Databases, string FinishedBookings)
{
    private const string Configuration = "bin/Release/net10.0";

    public static IReadOnlyList<Contestant> All { get; } =
    [
        new(
            "Aerona", "Aerona", $"bench/Bookings/{Configuration}/Aerona.BookingsBench.dll",
            ["flow", "work"], "SELECT count(*) FROM flow_state WHERE current_state = 'Confirmed'"),
        new(
            "Wolverine", "Wolverine 6.62", $"bench/peers/Wolverine/{Configuration}/WolverinePeer.dll",
            ["work"], "SELECT count(*) FROM orchestrator.booking_saga WHERE (body->>'Step')::int = 6"),
        new(
            "Floor", "by hand", $"bench/peers/Floor/{Configuration}/FloorPeer.dll",
            ["work"], "SELECT count(*) FROM saga WHERE step = 6"),
    ];
}
