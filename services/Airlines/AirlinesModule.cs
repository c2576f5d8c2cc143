using Aerona.Airlines.Cancelling;
using Aerona.Airlines.Cancelling.Policies;
using Aerona.Airlines.Data;
using Aerona.Airlines.Fetching;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Airlines.Plugins;
using Aerona.Airlines.Seats;
using Aerona.Airlines.Webhooks;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines;

/// <summary>Suppliers behind one port, offers, and the house airline with its seats and tickets.</summary>
public static class AirlinesModule
{
    /// <summary>Adds the service: database <c>airlines</c>, settings <c>HouseAirline</c>, <c>Cancellations</c>, <c>Suppliers</c>, <c>Plugins</c>.</summary>
    public static void AddAirlines(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<AirlinesDbContext>("airlines");
        builder.TakeTokensFor("airlines", typeof(AirlinesModule).Assembly);
        builder.Services.AddOptions<HouseAirlineOptions>().BindConfiguration("HouseAirline").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<CancellationOptions>().BindConfiguration(CancellationOptions.Section).PostConfigure(CancellationOptions.Defaults).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CancellationOptions>, CancellationRules>();
        builder.Services.AddSingleton<CancellationPolicies>();
        builder.Services.AddScoped<CancellationDesk>();
        builder.Services.AddScoped<StoredOffers>();
        builder.Services.AddScoped<SeatInventory>();
        builder.Services.AddScoped<IHouseDesk, HouseDesk>();
        builder.Services.AddSingleton<ISupplier, HouseSupplier>();
        builder.Services.AddSingleton<ISupplierNews, SupplierNews>();
        builder.Services.AddSingleton<SupplierCalls>();
        builder.Services.AddSingleton<LapsedHolds>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LapsedHolds>());
        builder.Services.AddSingleton<Housekeeping>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Housekeeping>());
        builder.Services.AddScoped<OutsideDesk>();
        builder.Services.AddSingleton<LiveOffers>();
        builder.Services.AddSingleton<OrderNews>();
        builder.Services.AddSingleton<Reconciliation>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Reconciliation>());
        builder.Services.AddSingleton<RouteFetcher>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RouteFetcher>());
        builder.AddOutsideSuppliers();
        builder.AddSupplierPlugins();
    }

    /// <summary>Hangs the service onto the bus.</summary>
    public static void AddAirlinesConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<LoadFlightsConsumer, AirlinesDbContext>();
        bus.AddConsumer<PriceOfferConsumer, AirlinesDbContext>();
        bus.AddConsumer<HoldSeatsConsumer, AirlinesDbContext>();
        bus.AddConsumer<LookUpHoldConsumer, AirlinesDbContext>();
        bus.AddConsumer<PinSeatsConsumer, AirlinesDbContext>();
        bus.AddConsumer<ReleaseSeatsConsumer, AirlinesDbContext>();
        bus.AddConsumer<CheckEquipmentConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<PriceAtSupplierConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<HoldAtSupplierConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<LookUpHoldAtSupplierConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<PinAtSupplierConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<ReleaseAtSupplierConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<ProcessSupplierEventConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<CommitAirlineOrderConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<LookUpAirlineOrderConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<CancelAirlineOrderConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<QuoteCancellationConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<CancelQuotedOrderConsumer, AirlinesDbContext>();
        bus.AddEffectConsumer<LookUpCancellationConsumer, AirlinesDbContext>();
    }

    /// <summary>Maps <c>/v1/offers</c>, the suppliers' webhooks, and what support staff see of suppliers.</summary>
    public static void MapAirlines(this WebApplication app)
    {
        var offers = app.MapGroup("/v1/offers").WithTags("Offers");
        offers.MapMakeOffer();
        offers.MapGetOffer();
        offers.MapFindLiveOffers();
        offers.MapGetSeatMaps();
        offers.MapChooseSeats();
        app.MapReceiveSupplierEvent();
        app.MapSupplierSupport();
        app.MapListAirlineOrders();
    }
}
