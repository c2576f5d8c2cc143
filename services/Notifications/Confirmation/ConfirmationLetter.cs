using System.Globalization;
using System.Security.Cryptography;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Files;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Wording;

namespace Aerona.Notifications.Confirmation;

/// <summary>Tells the traveller that the booking is bought, with its documents attached.</summary>
internal sealed class ConfirmationLetter(Stationery stationery, StoredDocuments documents) : Letter<BookingConfirmed>
{
    public override string Name => "confirmation";

    public override DueMail Due(BookingConfirmed content) => new("booking-confirmed", content.BookingId, content.Contact.Email, content.ConfirmedAt, NoticeKind.Booking)
    {
        IsCritical = true,
        Zone = content.Offer.Segments[0].DepartureZone,
        Topic = BookingTopic.Of(content.BookingId),
        Order = content.ConfirmedAt.UtcTicks,
    };

    protected override async Task<WrittenMail?> WriteAsync(BookingConfirmed content, CancellationToken cancellationToken)
    {
        var traveller = content.Passengers.FirstOrDefault(passenger => passenger.Type == PassengerType.Adult);
        return await stationery.WriteAsync(
            ContentOf(content), traveller is null ? null : $"{traveller.GivenName} {traveller.Surname}", await documents.FetchAsync(content.Documents, cancellationToken));
    }

    private MailContent ContentOf(BookingConfirmed booking)
    {
        var texts = MailTexts.Of(booking.Contact.Locale);
        var segments = booking.Offer.Segments.OrderBy(segment => segment.Ordinal).ToList();
        var route = Words.Route(segments);
        var isPaid = booking.Captured.MinorUnits > 0 || booking.Offer.Total.MinorUnits == 0;     // else staff let it go on: the money comes another way
        var arrived = segments[^1].ArrivesAt;
        return new()
        {
            Language = texts.Language,
            Subject = texts.ConfirmationSubject(booking.Locator, route, texts.Day(segments[0].DepartsLocal)),
            Preview = texts.ConfirmationLead(isPaid, texts.LongDay(segments[0].DepartsLocal), booking.Documents.Count > 0),
            ReferenceLabel = texts.BookingReference,
            Reference = booking.Locator,
            Badge = (texts.Confirmed, Tone.Good),
            Title = route,
            Paragraphs = [texts.ConfirmationLead(isPaid, texts.LongDay(segments[0].DepartsLocal), booking.Documents.Count > 0)],
            Button = new(texts.SeeBooking, stationery.Manage(booking.BookingId, booking.ConfirmedAt, arrived)),
            FlightsHeading = texts.YourFlights,
            Flights = [.. segments.Select(segment => Stationery.FlightOf(texts, segment, SeatsOn(booking, segment)))],
            PassengersHeading = texts.Passengers,
            Passengers = [.. booking.Passengers.Select(passenger => new PassengerContent(
                passenger.PrintedName(), texts.Of(passenger.Type),
                [.. booking.TicketNumbers.Where(number => number.PassengerId == passenger.Id).Select(number => Words.TicketNumber(number.Number))]))],
            PriceHeading = texts.Price,
            Price = [.. PriceOf(texts, booking.Offer)],
            Paid = isPaid ? (texts.Paid, booking.Captured.ToString()) : (texts.NotPaid, booking.Offer.Total.ToString()),
            NextHeading = texts.BeforeYouFly,
            Next =
            [
                .. isPaid ? Array.Empty<string>() : [texts.NotPaidAdvice],
                texts.CheckIn(AirlineReferences(texts, booking.Locators), booking.Locator),
                texts.LocalTimes,
                .. texts.Of(booking.Offer.Conditions),
            ],
            AttachedHeading = texts.Attached,
            Attached = [.. booking.Documents.Select(document => texts.DocumentName(document.Kind, document.Number))],
            Footer = [texts.SentForBooking(booking.Locator)],
            FooterLinks = [new(texts.ChooseMails, stationery.Choose(booking.BookingId, booking.ConfirmedAt, arrived))],
        };
    }

    private static IEnumerable<(string, string)> PriceOf(MailTexts texts, OfferSnapshot offer) =>
        new[] { PriceLineKind.BaseFare, PriceLineKind.CarrierCharge, PriceLineKind.Tax, PriceLineKind.Seat }
            .Where(kind => kind != PriceLineKind.Seat || offer.Lines.Any(line => line.Kind == kind))
            .Select(kind => (texts.PriceRow(kind), offer.Lines.Where(line => line.Kind == kind).Select(line => line.Amount).Sum(offer.Total.Currency).ToString()))
            .Append((texts.Total, offer.Total.ToString()));

    /// <summary>In the passengers' order.</summary>
    private static List<string> SeatsOn(BookingConfirmed booking, Segment segment) =>
        [.. booking.Passengers.SelectMany(passenger => (booking.Offer.Seats ?? []).Where(seat => seat.PassengerId == passenger.Id && seat.SegmentOrdinal == segment.Ordinal)).Select(seat => seat.Seat)];

    /// <summary>The codes that the airlines know; where no airline gave one, the supplier's.</summary>
    private static IReadOnlyList<string> AirlineReferences(MailTexts texts, IReadOnlyList<Locator> locators)
    {
        var airlines = locators.Where(locator => locator.System.Length == 2).Select(locator => texts.AirlineReference(Words.Airline(locator.System), locator.Code)).Distinct().ToList();
        return airlines.Count > 0 ? airlines : [.. locators.Where(locator => locator.System != "aerona").Select(locator => texts.AirlineReference(null, locator.Code)).Distinct()];
    }
}

/// <summary>Documents as they were stored, for a mail to carry.</summary>
internal sealed class StoredDocuments(IFileStore files)
{
    /// <summary>In that order. One that is not there, or is not what was stored, is thrown: a mail is not sent without what it says is attached.</summary>
    public async Task<IReadOnlyList<Attachment>> FetchAsync(IReadOnlyList<StoredDocument> documents, CancellationToken cancellationToken)
    {
        List<Attachment> attachments = [];
        foreach (var document in documents)
        {
            var bytes = await files.GetAsync(document.Key, cancellationToken) ?? throw new FileNotFoundException($"{document.Kind} is not in the file store", document.Key);
            attachments.Add(Convert.ToHexStringLower(SHA256.HashData(bytes)) == document.Sha256
                ? new(document.FileName, document.ContentType, bytes)
                : throw new InvalidDataException($"{document.Kind} {document.Key} is not what was stored: its digest differs"));
        }

        return attachments;
    }
}

/// <summary>A booking's mails about how it goes: an older one is useless once a newer one is due.</summary>
internal static class BookingTopic
{
    public static string Of(Guid bookingId) => $"booking/{bookingId:n}";

    /// <summary>What tells several mails of a kind apart.</summary>
    public static string Occasion(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMddHHmmssfffffff", CultureInfo.InvariantCulture);
}
