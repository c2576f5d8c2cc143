using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Erasure;
using Aerona.Bookings.Deadlines;
using Aerona.Bookings.Disputes;
using Aerona.Bookings.Figures;
using Aerona.Bookings.LookUp;
using Aerona.Bookings.Manage;
using Aerona.Bookings.MyBookings;
using Aerona.Bookings.Offers;
using Aerona.Bookings.Payment;
using Aerona.Bookings.Pricing;
using Aerona.Bookings.Seats;
using Aerona.Bookings.Status;
using Aerona.Bookings.Submission;
using Aerona.Bookings.Support;
using Aerona.Bookings.Timeline;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Aerona.Bookings;

/// <summary>The booking API, the sagas, the timeline.</summary>
public static class BookingsModule
{
    /// <summary>Adds the service: database <c>bookings</c>, settings <c>Booking</c> (<see cref="BookingTimes"/>), <c>Cancellation</c> (<see cref="CancellationTimes"/>),
    /// <c>ReturnUrls</c>, <c>Services:Airlines</c>.</summary>
    public static void AddBookings(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<BookingsDbContext>("bookings");
        builder.TakeTokensFor("bookings", typeof(BookingsModule).Assembly);
        builder.Services.AddOptions<BookingTimes>().BindConfiguration("Booking").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<CancellationTimes>().BindConfiguration("Cancellation").ValidateDataAnnotations()
            .Validate(CancellationLimits.AreKnown, CancellationLimits.Rule).ValidateOnStart();
        builder.Services.AddOptions<ReturnUrlOptions>().BindConfiguration("ReturnUrls")
            .Configure<IConfiguration>((options, configuration) => options.PublicBaseUrl = configuration["PublicBaseUrl"] ?? options.PublicBaseUrl)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.AddOffers();
        builder.AddLookUps();
        builder.Services.AddSingleton<NewLocator>(RecordLocator.New);
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<BookingTimes>>().Value);
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<CancellationTimes>>().Value);
        builder.Services.AddSingleton<BookingViews>();
        builder.Services.AddSingleton<CancellationViews>();
        builder.Services.AddHostedService<WriteTimeline>();   // before the bus, which AddMessaging adds
        builder.Services.AddHostedService<WriteCancellationTimeline>();
        builder.Services.AddSingleton<BookingMetrics>();
        builder.Services.AddSingleton<CountOpenBookings>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CountOpenBookings>());   // before the bus, too
        builder.Services.AddSingleton<RaiseOverdueTimers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RaiseOverdueTimers>());
    }

    /// <summary>Hangs the service and its sagas onto the bus.</summary>
    public static void AddBookingsConsumers(this BusRegistration bus)
    {
        bus.AddSaga<BookingStateMachine, BookingState, BookingsDbContext>();
        bus.AddSaga<CancellationStateMachine, CancellationState, BookingsDbContext>(CancellationStateMachine.OthersEvents);
        bus.AddConsumer<NoteOnTimelineConsumer, BookingsDbContext>();
        bus.AddConsumer<FollowMovedSeatsConsumer, BookingsDbContext>();
        bus.AddConsumer<PayForLostSeatsConsumer, BookingsDbContext>();
        bus.AddConsumer<NoteDisputeConsumer, BookingsDbContext>();
        bus.AddConsumer<MailBookingLinkConsumer, BookingsDbContext>();
        bus.AddConsumer<FindAccountBookingsConsumer, BookingsDbContext>();
        bus.AddConsumer<EraseBookingsDataConsumer, BookingsDbContext>();
        bus.AddConsumer<ExportBookingsDataConsumer, BookingsDbContext>();
    }

    /// <summary>Maps <c>/v1/bookings</c>, <c>/v1/booking-lookups</c>, <c>/v1/booking-access</c>, <c>/v1/support/bookings</c>, <c>/v1/support/cases</c>, <c>/v1/support/cancellations</c> and <c>/manage</c>.</summary>
    public static void MapBookings(this WebApplication app)
    {
        var bookings = app.MapGroup("/v1/bookings").WithTags("Bookings");
        bookings.MapSubmitBooking();
        bookings.MapGetBooking();
        bookings.MapGetTimeline();
        bookings.MapRetryPayment();
        bookings.MapDecideOnPrice();
        bookings.MapCancelBooking();
        bookings.MapGetCancellation();
        bookings.MapConfirmCancellation();
        app.MapLookUpBooking();
        app.MapRequestBookingLink();
        app.MapOpenBooking();
        app.MapManageBooking();
        app.MapListMyBookings();
        app.MapListBookings();
        app.MapFindBookings();
        app.MapShowWork();
        app.MapDecideOnBooking();
        app.MapDecideOnCancellation();
        var cases = app.MapGroup("/v1/support/cases").WithTags("Support").Requires(Permission.SeeAnyBooking);
        cases.MapListCases();
        cases.MapGetCase();
        cases.MapOpenCase();
        cases.MapNoteOnCase();
        cases.MapCloseCase();
    }
}
