using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Indexing;
using Lucene.Net.Index;
using Lucene.Net.Search;

namespace Aerona.Search.SearchFlights;

/// <summary>What a search found: a page, or the currency that its flights have while the most to pay is given in another one.</summary>
internal readonly record struct Found(FlightSearchView? View, string? OtherCurrency);

/// <summary>
/// Finds the flights of a search. A route has some dozens of flights a day at most: all of them are read from the index's columns, priced and sorted, and only
/// those of the page are read whole.
/// </summary>
internal static class FlightFinder
{
    /// <summary>Runs a checked search.</summary>
    /// <param name="searcher">One view of the index.</param>
    /// <param name="request">The search.</param>
    /// <param name="after">The last flight of the page before, or null.</param>
    /// <param name="now">UTC; flights that have left are not found.</param>
    public static Found Find(IndexSearcher searcher, FlightSearchRequest request, PlaceInOrder? after, DateTimeOffset now)
    {
        var matches = Matches(searcher, request, now);
        if (request.Filters?.MaxPrice is { } most)
        {
            if (matches.Count > 0 && matches.TrueForAll(match => match.Total.Currency != most.Currency))
            {
                return new(null, matches[0].Total.Currency);
            }

            matches.RemoveAll(match => match.Total.Currency != most.Currency || match.Total > most);
        }

        matches.Sort((left, right) => left.Place.CompareTo(right.Place));
        var page = matches.Where(match => after is not { } last || match.Place.CompareTo(last) > 0).Take(request.Limit + 1).ToList();
        var isLast = page.Count <= request.Limit;
        var shown = isLast ? page : page[..request.Limit];
        return new(
            new([.. shown.Select(match => View(searcher, request.Cabin, match))], matches.Count, isLast ? null : SearchCursor.Write(request, shown[^1].Place)), null);
    }

    private static List<Match> Matches(IndexSearcher searcher, FlightSearchRequest request, DateTimeOffset now)
    {
        var matches = new List<Match>();
        foreach (var origin in Airports.Named(request.Origin))
        {
            foreach (var destination in Airports.Named(request.Destination))
            {
                var collector = new Collector(request, origin.Code, destination.Code, now, matches);
                searcher.Search(new TermQuery(new Term(FlightFields.RouteDay, FlightFields.RouteDayKey(origin.Code, destination.Code, request.DepartsOn))), collector);
            }
        }

        return matches;
    }

    private static FlightView View(IndexSearcher searcher, Cabin cabin, Match match)
    {
        var flight = KnownFlight.Read(searcher.Doc(match.Document).Get(FlightFields.Flight));
        var (origin, destination) = (Airports.Find(flight.Origin)!, Airports.Find(flight.Destination)!);
        return new(
            flight.FlightId, flight.Flight, new(flight.Flight.Carrier, Carriers.Find(flight.Flight.Carrier)?.Name), flight.OperatingCarrier, flight.Origin,
            flight.Destination, new(flight.DepartsLocal, origin.Zone, flight.DepartsAt), new(flight.ArrivesLocal, destination.Zone, flight.ArrivesAt),
            (flight.ArrivesLocal.Date - flight.DepartsLocal.Date).Days, (int)(flight.ArrivesAt - flight.DepartsAt).TotalMinutes,
            new(flight.Aircraft, AircraftTypes.Find(flight.Aircraft)?.Name), cabin, Math.Min(9, match.Left),
            new(flight.Supplier is null ? HouseTariff.Total(match.Fare, flight.Origin, flight.Destination, 1, 0, 0) : match.Fare, match.Total), flight.Supplier);
    }

    private sealed record Match(int Document, PlaceInOrder Place, int Left, Money Fare, Money Total);

    /// <summary>Reads the columns of every flight of one route and day, and keeps those that the search wants.</summary>
    private sealed class Collector(FlightSearchRequest request, string origin, string destination, DateTimeOffset now, List<Match> matches) : ICollector
    {
        private readonly HashSet<string>? airlines = request.Filters?.Airlines?.ToHashSet();

        private readonly (int From, int To)? window =
            request.Filters?.DepartureWindow is { } window ? (Minute(window.From), Minute(window.To)) : null;

        private int offset;

        private NumericDocValues? fare;

        private NumericDocValues? left;

        private NumericDocValues departs = null!;

        private NumericDocValues localMinute = null!;

        private NumericDocValues minutes = null!;

        private SortedDocValues airline = null!;

        private SortedDocValues currency = null!;

        private NumericDocValues? allIn;

        private BinaryDocValues id = null!;

        private Lucene.Net.Util.IBits? sells;

        public bool AcceptsDocsOutOfOrder => true;

        public void SetScorer(Scorer scorer)
        {
            // Nothing is scored.
        }

        public void SetNextReader(AtomicReaderContext context)
        {
            var reader = context.AtomicReader;
            offset = context.DocBase;
            fare = reader.GetNumericDocValues(FlightFields.Fare(request.Cabin));
            left = reader.GetNumericDocValues(FlightFields.Left(request.Cabin));
            sells = reader.GetDocsWithField(FlightFields.Fare(request.Cabin));
            departs = reader.GetNumericDocValues(FlightFields.Departs);
            localMinute = reader.GetNumericDocValues(FlightFields.LocalMinute);
            minutes = reader.GetNumericDocValues(FlightFields.Minutes);
            airline = reader.GetSortedDocValues(FlightFields.Airline);
            currency = reader.GetSortedDocValues(FlightFields.Currency);
            allIn = reader.GetNumericDocValues(FlightFields.AllIn);
            id = reader.GetBinaryDocValues(FlightFields.Id);
        }

        public void Collect(int doc)
        {
            if (fare is null || left is null || sells?.Get(doc) != true || !IsWanted(doc))
            {
                return;
            }

            var (departsAt, seats) = (departs.Get(doc), (int)left.Get(doc));
            var (adults, children, infants) = request.Travellers;
            if (seats < adults + children || departsAt <= now.UtcTicks)
            {
                return;
            }

            var adultFare = new Money(fare.Get(doc), Text(currency, doc));
            // Nobody knows what an outside supplier takes for children until it is asked: no more than for adults.
            var total = allIn?.Get(doc) == 1
                ? new Money(adultFare.MinorUnits * (adults + children + infants), adultFare.Currency)
                : HouseTariff.Total(adultFare, origin, destination, adults, children, infants);
            var first = request.Sort switch
            {
                FlightSort.Price => total.MinorUnits,
                FlightSort.Departure => departsAt,
                FlightSort.Duration => minutes.Get(doc),
                _ => throw new InvalidOperationException($"no such sort: {request.Sort}"),
            };
            matches.Add(new(offset + doc, new(first, departsAt, Text(id, doc)), seats, adultFare, total));
        }

        private bool IsWanted(int doc) =>
            (window is not { } hours || (localMinute.Get(doc) is var minute && minute >= hours.From && minute <= hours.To))
            && (airlines is null || airlines.Contains(Text(airline, doc)));

        private static string Text(BinaryDocValues values, int doc)
        {
            var bytes = new Lucene.Net.Util.BytesRef();
            values.Get(doc, bytes);
            return bytes.Utf8ToString();
        }

        private static int Minute(TimeOnly time) => time.Hour * 60 + time.Minute;
    }
}
