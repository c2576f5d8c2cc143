using Aerona.Search.Timetables;

namespace Aerona.Search.GetIndex;

/// <summary>The index as it is now.</summary>
/// <param name="Flights">Dated flights that a search can find, sold out and departed ones counted in.</param>
/// <param name="LastDay">Last local date of departure among them; null while there are none.</param>
internal sealed record IndexView(int Flights, DateOnly? LastDay);

internal static class GetIndex
{
    public static void MapGetIndex(this RouteGroupBuilder api) =>
        api.MapGet("/flight-searches/index", (Timetable timetable) => new IndexView(timetable.Count, timetable.LastDay))
            .WithName("GetIndex").WithSummary("How many flights can be found by now");
}
