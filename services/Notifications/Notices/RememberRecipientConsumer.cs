using Aerona.Contracts.Bookings;
using Aerona.Notifications.Data;
using MassTransit;

namespace Aerona.Notifications.Notices;

/// <summary>Keeps whom a booking's messages go to.</summary>
internal sealed class RememberRecipientConsumer(NotificationsDbContext db) : IConsumer<BookingSubmitted>
{
    public async Task Consume(ConsumeContext<BookingSubmitted> context)
    {
        var booking = context.Message;
        if (await db.Recipients.FindAsync([booking.BookingId], context.CancellationToken) is null)
            db.Recipients.Add(new() { BookingId = booking.BookingId, Locator = booking.Locator, Email = booking.Contact.Email, Locale = booking.Contact.Locale, Owner = booking.Owner });
    }
}
