using Aerona.Contracts.Operations;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Texts;
using MassTransit;

namespace Aerona.Notifications.Seats;

/// <summary>Tells the traveller that chosen seats are others, or gone, and what goes back for them; once each time that happens.</summary>
internal sealed class SeatLetter(Stationery stationery) : Letter<SeatNews>
{
    public override string Name => "seats";

    public override DueMail Due(SeatNews content) => new("seats-moved", content.BookingId, content.Contact.Email, content.At, NoticeKind.FlightChanges)
    {
        Occasion = BookingTopic.Occasion(content.At),   // a flight may get other cabins more than once
        Topic = $"seats/{content.BookingId:n}/{content.FlightId}",
        Order = content.At.UtcTicks,
        MustArrive = content.Refund is not null,
    };

    protected override async Task<WrittenMail?> WriteAsync(SeatNews content, CancellationToken cancellationToken)
    {
        var texts = MailTexts.Of(content.Contact.Locale);
        var flight = content.Segments.FirstOrDefault(segment => segment.FlightId == content.FlightId)?.Flight.ToString() ?? content.FlightId;
        var moves = content.Moved.OrderBy(seat => seat.SegmentOrdinal).ThenBy(seat => seat.From, StringComparer.Ordinal).Select(seat => (seat.From, seat.To)).ToList();
        return await stationery.WriteAsync(
            stationery.About(texts, content.Locator, texts.Seats(flight, moves, content.Refund?.ToString()), content.BookingId, content.At, null, null, content.Segments));
    }
}

/// <summary>Chosen seats are others: the traveller is told.</summary>
internal sealed class SendSeatNewsConsumer(DueMails mails, SeatLetter letter) : IConsumer<SeatNews>
{
    public Task Consume(ConsumeContext<SeatNews> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
