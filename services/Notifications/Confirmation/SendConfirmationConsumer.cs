using Aerona.Contracts.Bookings;
using Aerona.Notifications.Sending;
using MassTransit;

namespace Aerona.Notifications.Confirmation;

/// <summary>A booking is bought: its confirmation is due.</summary>
internal sealed class SendConfirmationConsumer(DueMails mails, ConfirmationLetter letter) : IConsumer<BookingConfirmed>
{
    public Task Consume(ConsumeContext<BookingConfirmed> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
