using Aerona.Contracts.Bookings;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using MassTransit;

namespace Aerona.Notifications.Access;

/// <summary>Mails a link that opens a booking once, to the address that the booking gives. The kind of delivery and the address stay noted; the link does not.</summary>
internal sealed class BookingLinkLetter(Stationery stationery) : Letter<SendBookingLink>
{
    public override string Name => "booking-link";

    public override DueMail Due(SendBookingLink content) => new("booking-link", content.BookingId, content.Email, content.At, NoticeKind.Account)
    {
        // Each link is a mail of its own.
        Occasion = content.AccessId.ToString("N"),
        IsCritical = true,
        IsSecret = true,
        // After minutes without a mail server: a link that has expired opens nothing.
        UselessAfter = content.ValidUntil,
    };

    protected override async Task<WrittenMail?> WriteAsync(SendBookingLink content, CancellationToken cancellationToken) => await stationery.WriteAsync(ContentOf(content));

    private MailContent ContentOf(SendBookingLink link)
    {
        var texts = MailTexts.Of(link.Locale);
        var (title, text, button, warning) = texts.BookingLink;
        var (label, fact, _) = texts.AccountLink(texts.Moment(link.ValidUntil, null));
        return new()
        {
            Language = texts.Language,
            Subject = $"Aerona: {char.ToLowerInvariant(title[0])}{title[1..]} {link.Locator}",
            Preview = fact,
            ReferenceLabel = texts.BookingReference,
            Reference = link.Locator,
            Title = title,
            Paragraphs = [text],
            Button = new(button, stationery.Home + link.Path),
            Panel = new(label, fact, warning),
            Footer = [texts.SentForBooking(link.Locator)],
        };
    }
}

/// <summary>Somebody asked for a way into a booking: its link is to be mailed.</summary>
internal sealed class SendBookingLinkConsumer(DueMails mails, BookingLinkLetter letter) : IConsumer<SendBookingLink>
{
    public Task Consume(ConsumeContext<SendBookingLink> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
