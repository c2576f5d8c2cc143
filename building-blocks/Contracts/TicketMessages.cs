namespace Aerona.Contracts.Tickets;

/// <summary>Command to Tickets: record the e-tickets of a bought order, a coupon for each passenger and segment.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The airline order; a repeat of it gets the same answer.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Locators">The supplier's and the airlines' codes.</param>
/// <param name="Owner">Subject of who booked; null for a guest.</param>
/// <param name="Offer">What was bought.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="TicketNumbers">One a passenger, from the airline's stock.</param>
public sealed record IssueTickets(
    Guid BookingId, Guid OrderId, string Locator, IReadOnlyList<Locator> Locators, string? Owner, OfferSnapshot Offer, IReadOnlyList<Passenger> Passengers,
    IReadOnlyList<TicketNumber> TicketNumbers) : ICommand;

/// <summary>Event: every passenger has an open ticket.</summary>
public sealed record TicketsIssued(Guid BookingId, Guid OrderId, IReadOnlyList<TicketNumber> TicketNumbers);

/// <summary>Event: some passenger has no number yet; ask the airline again.</summary>
public sealed record TicketsPending(Guid BookingId, Guid OrderId);

/// <summary>Command to Tickets: make the booking's documents and store them.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The airline order; with the kind it makes a repeat recognisable.</param>
/// <param name="Paid">What was captured, printed on the receipt.</param>
/// <param name="Locale">BCP 47.</param>
public sealed record StoreDocuments(Guid BookingId, Guid OrderId, Money Paid, string Locale) : ICommand;

/// <summary>Event: the documents lie in the store.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The airline order.</param>
/// <param name="Documents">What who booked is sent: <see cref="DocumentKinds.ItineraryReceipt"/>, <see cref="DocumentKinds.Invoice"/>, <see cref="DocumentKinds.Calendar"/>.</param>
public sealed record DocumentsStored(Guid BookingId, Guid OrderId, IReadOnlyList<StoredDocument> Documents);

/// <summary>
/// Event: documents of a cancellation lie in the store. There may be two for one cancellation: the credit note where money goes back, the calendar where a flight is
/// nobody's any more.
/// </summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="OrderId">The airline order.</param>
/// <param name="Documents">Of the kinds <see cref="DocumentKinds.CreditNote"/> and <see cref="DocumentKinds.Calendar"/> (with the method CANCEL).</param>
public sealed record CancellationDocumentsStored(Guid BookingId, Guid CancellationId, Guid OrderId, IReadOnlyList<StoredDocument> Documents);
