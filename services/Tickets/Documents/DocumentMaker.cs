using Aerona.Contracts;
using Aerona.Tickets.Calendars;
using Aerona.Tickets.Invoicing;
using Aerona.Tickets.Receipt;
using Aerona.Tickets.VerifyTicket;
using Aerona.Wording;
using Microsoft.Extensions.Options;

namespace Aerona.Tickets.Documents;

/// <summary>A document that was made and is not stored yet.</summary>
/// <param name="Kind">One of <see cref="DocumentKinds"/>.</param>
/// <param name="Part"><see cref="Data.Document.Part"/>.</param>
/// <param name="FileName">What a person should see it called.</param>
/// <param name="ContentType">Media type with its parameters.</param>
/// <param name="Number">Of an invoice or credit note, else null.</param>
/// <param name="Content">The file.</param>
internal sealed record MadeDocument(string Kind, string Part, string FileName, string ContentType, string? Number, byte[] Content);

/// <summary>Makes every document from what our tables keep, so that each can be made again: the same rows and fonts give the same bytes.</summary>
internal sealed class DocumentMaker(DocumentFonts fonts, Verification verification, IOptions<PublicAddressOptions> options)
{
    private const string Pdf = "application/pdf";

    /// <summary>Of the whole booking.</summary>
    public MadeDocument Receipt(TicketedOrder order, Invoice invoice) => new(
        DocumentKinds.ItineraryReceipt, "", $"Aerona-itinerary-receipt-{order.Locator}.pdf", Pdf, null,
        ReceiptPdf.Render(new(order, invoice.Paid, verification.Address(order)), Phrases.For(invoice.Locale), fonts));

    /// <summary>One for each passenger where there are several: alone the booking's is the passenger's.</summary>
    public IEnumerable<MadeDocument> PassengerReceipts(TicketedOrder order, Invoice invoice) => order.Passengers.Count == 1 ? [] :
        order.Passengers.Select(passenger => PassengerReceipt(order, invoice, passenger));

    public MadeDocument PassengerReceipt(TicketedOrder order, Invoice invoice, Passenger passenger)
    {
        var receipt = new Receipt.Receipt(order, Money.Zero(invoice.Paid.Currency), verification.Address(order, passenger.Id), passenger.Id);
        return new(
            DocumentKinds.PassengerReceipt, passenger.Id, $"Aerona-receipt-{order.Locator}-{Words.TicketNumber(order.NumbersOf(passenger.Id).First())}.pdf", Pdf, null,
            ReceiptPdf.Render(invoice.Paid < invoice.Total ? receipt : receipt with { Paid = receipt.Total }, Phrases.For(invoice.Locale), fonts));
    }

    /// <summary>Of an invoice or a credit note.</summary>
    public MadeDocument Invoice(TicketedOrder order, Invoice invoice) => invoice.Kind == InvoiceKind.CreditNote
        ? new(DocumentKinds.CreditNote, $"{invoice.Occasion:n}", $"Aerona-credit-note-{invoice.Number}.pdf", Pdf, invoice.Number, InvoicePdf.Render(invoice, order.Offer.Segments, fonts))
        : new(DocumentKinds.Invoice, "", $"Aerona-invoice-{invoice.Number}.pdf", Pdf, invoice.Number, InvoicePdf.Render(invoice, order.Offer.Segments, fonts));

    public MadeDocument Calendar(TicketedOrder order, string locale) => new(
        DocumentKinds.Calendar, "", $"Aerona-flights-{order.Locator}.ics", CalendarFile.Published, null,
        CalendarFile.Of(order, Phrases.For(locale), options.Value.PublicBaseUrl));

    /// <summary>What takes flights out of calendars again.</summary>
    public MadeDocument CancelledFlights(TicketedOrder order, IReadOnlyCollection<int> ordinals, Guid cancellationId, DateTimeOffset at, string locale) => new(
        DocumentKinds.Calendar, $"{cancellationId:n}", $"Aerona-cancelled-flights-{order.Locator}.ics", CalendarFile.Cancelled, null,
        CalendarFile.OfCancelled(order, ordinals, Phrases.For(locale), options.Value.PublicBaseUrl, at));
}
