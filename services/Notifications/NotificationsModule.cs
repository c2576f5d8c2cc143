using System.Security.Cryptography;
using Aerona.Files;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Access;
using Aerona.Notifications.Accounts;
using Aerona.Notifications.Alerts;
using Aerona.Notifications.Cancellations;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Data;
using Aerona.Notifications.Erasure;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Hooks;
using Aerona.Notifications.Mail;
using Aerona.Notifications.News;
using Aerona.Notifications.Notices;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Push;
using Aerona.Notifications.Seats;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Support;
using Aerona.Persistence;

namespace Aerona.Notifications;

/// <summary>Tells travellers what became of their bookings.</summary>
public static class NotificationsModule
{
    /// <summary>Adds the service's database, templates, file store and mailer. Options: <c>Mail:From</c>, <c>PublicBaseUrl</c>, <c>Smtp</c>, <c>Data:Folder</c>.</summary>
    public static void AddNotifications(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<NotificationsDbContext>("notifications");
        builder.TakeTokensFor("notifications", typeof(NotificationsModule).Assembly);
        builder.AddFiles();
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail")
            .Configure(options => options.PublicBaseUrl = builder.Configuration["PublicBaseUrl"] ?? options.PublicBaseUrl)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<MailFolderOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        builder.AddMailer();
        builder.AddHooks();
        builder.AddPush();
        builder.Services.AddSingleton<MailComposer>();
        builder.Services.AddSingleton<MailTemplates>();
        builder.Services.AddSingleton<Stationery>();
        builder.Services.AddSingleton<StoredDocuments>();
        builder.Services.AddLetters();
        builder.Services.AddScoped<DueMails>();
        builder.Services.AddScoped<PreferencesPage.Desk>();
        builder.Services.AddHostedService<ForgetOldMails>();
    }

    private static void AddLetters(this IServiceCollection services)
    {
        services.AddLetter<ConfirmationLetter>();
        services.AddLetter<FailureLetter>();
        services.AddLetter<CaseLetter>();
        services.AddLetter<DisputeLetter>();
        services.AddLetter<SeatLetter>();
        services.AddLetter<NewsLetter>();
        services.AddLetter<CancellationLetter>();
        services.AddLetter<CancellationDocumentsLetter>();
        services.AddLetter<AccountLetter>();
        services.AddLetter<BookingLinkLetter>();
        services.AddLetter<FlightNewsLetter>();
        services.AddLetter<PriceAlertLetter>();
        services.AddSingleton<Letters>();
    }

    private static void AddLetter<TLetter>(this IServiceCollection services) where TLetter : class, ILetter
    {
        services.AddSingleton<TLetter>();
        services.AddSingleton<ILetter>(provider => provider.GetRequiredService<TLetter>());
    }

    private static void AddMailer(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["Smtp:Host"]))
        {
            builder.RequireInProduction("Smtp:Host", "mails in a folder reach nobody");
            builder.Services.AddSingleton<IMailer, EmlMailer>();
            return;
        }

        builder.Services.AddOptions<SmtpOptions>().BindConfiguration("Smtp").ValidateDataAnnotations()
            .Validate(options => string.IsNullOrEmpty(options.Username) == string.IsNullOrEmpty(options.Password), "Smtp:Username: must be set together with Smtp:Password")
            .Validate(options => options.TrustedCertificateFile is not { } file || IsPem(file), "Smtp:TrustedCertificateFile: must be a PEM file with at least one certificate")
            .ValidateOnStart();
        builder.Services.AddSingleton<IMailer, SmtpMailer>();
    }

    private static bool IsPem(string file)
    {
        try
        {
            return SmtpMailer.Certificates(file).Count > 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Adds the mails that events call for.</summary>
    public static void AddNotificationsConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<RememberRecipientConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendConfirmationConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendFailureConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendCaseNoticeConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendDisputeNewsConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendNewsConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendCancellationNewsConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendCancellationDocumentsConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendSeatNewsConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendAccountMailConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendBookingLinkConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendPriceAlertConsumer, NotificationsDbContext>();
        bus.AddConsumer<BeginFollowingConsumer, NotificationsDbContext>();
        bus.AddConsumer<TellFollowersConsumer, NotificationsDbContext>();
        bus.AddConsumer<SendFlightNewsConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<SendDueMailConsumer, NotificationsDbContext>();
        bus.AddConsumer<EraseNotificationsDataConsumer, NotificationsDbContext>();
        bus.AddConsumer<ExportNotificationsDataConsumer, NotificationsDbContext>();
        bus.AddHooksConsumers();
        bus.AddPushConsumers();
    }

    /// <summary>
    /// Maps support's delivery log <c>/v1/support/deliveries</c>, <c>/v1/me/notification-preferences</c>, <c>/v1/flight-subscriptions</c>, and the pages behind links in mails:
    /// <c>/flight-news</c>, where those end, and <c>/mail-preferences</c>.
    /// </summary>
    public static void MapNotifications(this WebApplication app)
    {
        var v1 = app.MapGroup("/v1").WithTags("Notifications");
        v1.MapSupportDeliveries();
        v1.MapMyPreferences();
        v1.MapFollowFlight();
        app.MapEndFlightNews();
        v1.MapHooks();
        v1.MapPush();
        app.MapPushPage();
        app.MapPreferencesPage();
    }
}
