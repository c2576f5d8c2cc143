using Aerona.Search.Backends;
using Aerona.Search.Indexing;
using Aerona.Search.Timetables;

namespace Aerona.Search.GetIndex;

/// <summary>The index as it is now.</summary>
/// <param name="Flights">Dated flights that a search can find, sold out and departed ones counted in.</param>
/// <param name="LastDay">Last local date of departure among them; null while there are none.</param>
/// <param name="Lists">Where flights are listed from.</param>
internal sealed record IndexView(int Flights, DateOnly? LastDay, ListsView Lists);

/// <summary>Where flights are listed from.</summary>
/// <param name="BackEnd"><c>lucene</c> or <c>elasticsearch</c>.</param>
/// <param name="IsReady">False while it is being made.</param>
/// <param name="Row">The change of the table of flights up to which it goes.</param>
internal sealed record ListsView(string BackEnd, bool IsReady, long Row);

internal static class GetIndex
{
    public static void MapGetIndex(this RouteGroupBuilder api) =>
        api.MapGet("/flight-searches/index", (Timetable timetable, IFlightBackEnd backEnd, FlightIndexer indexer) =>
                new IndexView(timetable.Count, timetable.LastDay, new(backEnd.Kind, backEnd.IsReady, indexer.Indexed)))
            .WithName("GetIndex").WithSummary("How many flights can be found by now, and whether they can be listed");
}
