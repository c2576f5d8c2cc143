using System.Text.RegularExpressions;
using Aerona.Contracts.Bookings;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using MassTransit;

namespace Aerona.Notifications.Notices;

/// <summary>Tells the traveller that the booking ended without a purchase, why, and the truth about the money.</summary>
internal sealed partial class FailureLetter(Stationery stationery) : Letter<BookingFailed>
{
    public override string Name => "failure";

    public override DueMail Due(BookingFailed content) => new("booking-failed", content.BookingId, content.Contact.Email, content.FailedAt, NoticeKind.Booking)
    {
        IsCritical = true,
        Topic = BookingTopic.Of(content.BookingId),
        Order = content.FailedAt.UtcTicks,
    };

    protected override async Task<WrittenMail?> WriteAsync(BookingFailed content, CancellationToken cancellationToken) => await stationery.WriteAsync(ContentOf(content));

    public MailContent ContentOf(BookingFailed booking)
    {
        var texts = MailTexts.Of(booking.Contact.Locale);
        var (title, why, next) = texts.Failure(booking.Reason);
        var (money, moneyDetail) = texts.Money(booking.Money);
        // What the other side said is in its own language; a traveller of another gets the sentences above alone.
        var detail = booking.Detail is { Length: > 0 } said && texts.Language == MailTexts.All[0].Language && !Codes().IsMatch(said) ? said : null;
        var content = stationery.About(
            texts, booking.Locator, new(title, detail is null ? [why] : [$"{why} {detail}"], texts.SeeBooking, money, moneyDetail), booking.BookingId, booking.FailedAt);
        return content with { Subject = $"{content.Subject}. {money}", Next = [next] };
    }

    // A supplier's stable code (order.sold_out) is for programs; the sentences above say it to people.
    [GeneratedRegex(@"\A[a-z0-9_]+(\.[a-z0-9_]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Codes();
}

/// <summary>A booking ended without a purchase: that is to be told.</summary>
internal sealed class SendFailureConsumer(DueMails mails, FailureLetter letter) : IConsumer<BookingFailed>
{
    public Task Consume(ConsumeContext<BookingFailed> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
