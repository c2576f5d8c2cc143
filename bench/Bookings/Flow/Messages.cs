using Aerona.Contracts;

namespace Aerona.BookingsBench.Flow;

// Eleven messages a booking: its start, five commands and their five answers. All alike, so that what is measured is the way and not the content.
// All contestants send these, as JSON, persistent, to quorum queues.

/// <summary>Begins a booking.</summary>
/// <param name="BookingId">The booking, and the saga's correlation id.</param>
/// <param name="Data">Payload, carried through all messages and stored in each row.</param>
public sealed record StartBooking(Guid BookingId, string Data) : ICommand;

public sealed record ReserveSeats(Guid BookingId, string Data) : ICommand;

public sealed record SeatsReserved(Guid BookingId, string Data);

public sealed record AuthorizePayment(Guid BookingId, string Data) : ICommand;

public sealed record PaymentAuthorized(Guid BookingId, string Data);

public sealed record IssueTickets(Guid BookingId, string Data) : ICommand;

public sealed record TicketsIssued(Guid BookingId, string Data);

public sealed record CapturePayment(Guid BookingId, string Data) : ICommand;

public sealed record PaymentCaptured(Guid BookingId, string Data);

public sealed record SendConfirmation(Guid BookingId, string Data) : ICommand;

public sealed record ConfirmationSent(Guid BookingId, string Data);
