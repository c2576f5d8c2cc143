using System.Text.Json;
using Aerona.Contracts.Users;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Push;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Erasure;

/// <summary>
/// What Notifications holds of persons: whom a booking's mails go to, the log of what was sent and what it was written from, preferences, followed flights, browsers. The log
/// stays, that something was sent and when, and names nobody any more.
/// </summary>
internal static class PersonalData
{
    public const string Service = "notifications";

    /// <summary>Rows that speak of somebody.</summary>
    public sealed record Rows(
        IQueryable<Recipient> Recipients, IQueryable<Delivery> Deliveries, IQueryable<Preference> Preferences, IQueryable<FlightSubscription> Flights, IQueryable<PushSubscription> Browsers);

    public static Rows Of(NotificationsDbContext db, Guid accountId, string address, IReadOnlyList<Guid> bookings)
    {
        var (owner, email) = (accountId.ToString(), address.ToLowerInvariant());
        List<string> scopes = [Preference.OfPerson(owner), .. bookings.Select(Preference.Of)], browsers = [PushScope.Of(owner), .. bookings.Select(PushScope.Of)];
        return new(
            db.Recipients.Where(row => row.Owner == owner || bookings.Contains(row.BookingId)),
            // In lower case by the database: addresses stand there as they were typed.
            db.Deliveries.Where(row => bookings.Contains(row.BookingId) || row.Recipient.ToLower() == email),
            db.Preferences.Where(row => scopes.Contains(row.Scope)),
            db.FlightSubscriptions.Where(row => row.Owner == owner || row.Email == email),
            db.PushSubscriptions.Where(row => browsers.Contains(row.Scope)));
    }
}

/// <summary>Forgets whom mails went to, what they said, and what somebody wanted to be told.</summary>
internal sealed class EraseNotificationsDataConsumer(NotificationsDbContext db, TimeProvider clock) : IConsumer<AccountErasureBegun>
{
    public async Task Consume(ConsumeContext<AccountErasureBegun> context)
    {
        var (begun, stop) = (context.Message, context.CancellationToken);
        var rows = PersonalData.Of(db, begun.AccountId, begun.Email, begun.BookingIds);
        var now = clock.GetUtcNow();
        var notices = await db.PushNotices.Where(notice => rows.Browsers.Any(browser => browser.Id == notice.SubscriptionId)).ExecuteDeleteAsync(stop);
        var browsers = await rows.Browsers.ExecuteDeleteAsync(stop);
        var preferences = await rows.Preferences.ExecuteDeleteAsync(stop);
        var flights = await rows.Flights.ExecuteDeleteAsync(stop);
        await rows.Deliveries.Where(row => row.State == DeliveryState.Due || row.State == DeliveryState.Deferred).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, DeliveryState.Suppressed).SetProperty(row => row.Refusal, "mail.erased").SetProperty(row => row.At, now), stop);
        var deliveries = await rows.Deliveries.Where(row => row.Recipient != "").ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Recipient, "").SetProperty(row => row.Subject, "").SetProperty(row => row.Content, (string?)null), stop);
        var recipients = await rows.Recipients.Where(row => row.Email != "").ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Email, "").SetProperty(row => row.Owner, (string?)null), stop);
        (string Name, Retention Retention, int Rows)[] fields =
        [
            ("recipient.email", Retention.Anonymised, recipients), ("delivery.recipient", Retention.Anonymised, deliveries), ("delivery.content", Retention.Anonymised, deliveries),
            ("preference", Retention.Erased, preferences), ("flight_subscription.email", Retention.Erased, flights), ("push_subscription", Retention.Erased, browsers),
            ("push_notice", Retention.Erased, notices),
        ];
        db.Publish(new AccountDataErased(
            begun.ErasureId, PersonalData.Service, [.. fields.Where(field => field.Rows > 0).Select(field => new ErasedField(field.Name, field.Retention, field.Rows))]));
    }
}

/// <summary>Tells somebody whom we wrote to, when and about what, and what he wanted to be told.</summary>
internal sealed class ExportNotificationsDataConsumer(NotificationsDbContext db) : IConsumer<AccountExportBegun>
{
    public async Task Consume(ConsumeContext<AccountExportBegun> context)
    {
        var (begun, stop) = (context.Message, context.CancellationToken);
        var rows = PersonalData.Of(db, begun.AccountId, begun.Email, begun.BookingIds);
        var recipients = await rows.Recipients.AsNoTracking().ToListAsync(stop);
        var deliveries = await rows.Deliveries.AsNoTracking().ToListAsync(stop);
        var preferences = await rows.Preferences.AsNoTracking().ToListAsync(stop);
        var flights = await rows.Flights.AsNoTracking().ToListAsync(stop);
        var browsers = await rows.Browsers.AsNoTracking().ToListAsync(stop);
        var json = recipients.Count + deliveries.Count + preferences.Count + flights.Count + browsers.Count == 0
            ? null
            : JsonSerializer.Serialize(
                new
                {
                    Recipients = recipients.Select(row => new { row.BookingId, row.Locator, row.Email, row.Locale }),
                    Deliveries = deliveries.OrderBy(row => row.NotedAt).Select(row => new { row.MessageId, row.Kind, row.Channel, row.Recipient, row.Subject, row.State, row.At }),
                    Preferences = preferences.Select(row => new { row.Scope, row.Off, row.QuietFrom, row.QuietUntil, row.Zone }),
                    FollowedFlights = flights.Select(row => new { row.FlightId, row.Email, row.State, row.CreatedAt }),
                    Browsers = browsers.Select(row => new { row.Id, row.Language, row.CreatedAt }),
                },
                JsonSerializerOptions.Web);
        db.Publish(new AccountDataExported(begun.ExportId, PersonalData.Service, json));
    }
}
