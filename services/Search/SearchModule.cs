using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Search.Backends;
using Aerona.Search.Caching;
using Aerona.Search.Connections;
using Aerona.Search.Data;
using Aerona.Search.Erasure;
using Aerona.Search.FareCalendar;
using Aerona.Search.FindPlaces;
using Aerona.Search.GetAvailability;
using Aerona.Search.GetIndex;
using Aerona.Search.Indexing;
using Aerona.Search.ListFlights;
using Aerona.Search.PriceAlerts;
using Aerona.Search.PriceHistory;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchFlights;
using Aerona.Search.SearchHistory;
using Aerona.Search.Timetables;

namespace Aerona.Search;

/// <summary>Finds flights and places. What it shows is indicative: an offer makes a price firm, a hold makes a seat sure.</summary>
public static class SearchModule
{
    /// <summary>Database, timetable, index, and what keeps both up with the database.</summary>
    public static void AddSearch(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<SearchDbContext>("search");
        builder.AddFlightBackEnd();
        builder.TakeTokensFor("search", typeof(SearchModule).Assembly);
        builder.AddSearchCache();
        builder.Services.AddSingleton<FlightIndexer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FlightIndexer>());
        builder.Services.AddSingleton<Timetable>();
        builder.Services.AddSingleton<StoredFlights>();
        builder.Services.AddSingleton<TimetableFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TimetableFeed>());
        builder.Services.AddSingleton<PriceObserver>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PriceObserver>());
        builder.Services.AddSingleton(ConnectionRules.Shipped);
        builder.Services.AddSingleton<TripSearch>();
        builder.Services.AddSingleton<CalendarSearch>();
        builder.Services.AddScoped<SearchOwner>();
        builder.Services.AddSingleton<SearchHistoryWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SearchHistoryWriter>());
        builder.Services.AddSingleton<PriceAlertWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PriceAlertWatch>());
    }

    /// <summary>Follows flights and seats; tells and forgets what is known of an account.</summary>
    public static void AddSearchConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<IndexFlightsConsumer, SearchDbContext>();
        bus.AddConsumer<FollowSeatsConsumer, SearchDbContext>();
        bus.AddConsumer<EraseSearchDataConsumer, SearchDbContext>();
        bus.AddConsumer<ExportSearchDataConsumer, SearchDbContext>();
    }

    /// <summary>
    /// <c>/v1/flight-searches</c>, <c>/v1/places</c>, <c>/v1/flights</c>; <c>/v1/search-history</c>, <c>/v1/saved-searches</c>, <c>/v1/price-alerts</c>,
    /// <c>/v1/search-keys</c>; and <c>/price-alerts</c>, where alerts end.
    /// </summary>
    public static void MapSearch(this WebApplication app)
    {
        var api = app.MapGroup("/v1").WithTags("Search");
        api.MapSearchFlights();
        api.MapFareCalendar();
        api.MapGetPriceHistory();
        api.MapFindPlaces();
        api.MapListFlights();
        api.MapGetAvailability();
        api.MapGetIndex();
        api.MapSearchKeys();
        api.MapSearchHistory();
        api.MapSavedSearches();
        api.MapPriceAlerts();
        app.MapEndPriceAlert();
    }
}
