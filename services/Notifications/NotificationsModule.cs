using Aerona.Files;
using Aerona.Messaging;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Notices;
using Aerona.Persistence;

namespace Aerona.Notifications;

/// <summary>Tells travellers what became of their bookings.</summary>
public static class NotificationsModule
{
    /// <summary>Adds the service's database, templates, file store and mailer. Options: <c>Mail:From</c>, <c>Data:Folder</c>.</summary>
    public static void AddNotifications(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<NotificationsDbContext>("notifications");
        builder.AddFiles();
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<MailFolderOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IMailer, EmlMailer>();
        builder.Services.AddSingleton<MailComposer>();
        builder.Services.AddSingleton<MailTemplates>();
    }

    /// <summary>Adds the mails that events call for.</summary>
    public static void AddNotificationsConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<RememberRecipientConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<SendConfirmationConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<SendFailureConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<SendCaseNoticeConsumer, NotificationsDbContext>();
    }

    /// <summary>Maps support's delivery log: <c>/v1/support/deliveries</c>.</summary>
    public static void MapNotifications(this WebApplication app) => app.MapGroup("/v1").WithTags("Notifications").MapSupportDeliveries();
}
