using Aerona.BookingsBench.Flow;
using Aerona.BookingsBench.Load;
using Wolverine;
using Wolverine.Persistence.Sagas;

namespace WolverinePeer;

/// <summary>Kept when it is done, as Aerona keeps its bookings.</summary>
public sealed class BookingSaga : Saga
{
    public Guid Id { get; set; }

    public int Step { get; set; }

    public string Data { get; set; } = "";

    public static (BookingSaga, ReserveSeats) Start(StartBooking message) =>
        (new BookingSaga { Id = message.BookingId, Step = 1, Data = message.Data }, new(message.BookingId, message.Data));

    public AuthorizePayment Handle([SagaIdentityFrom(nameof(SeatsReserved.BookingId))] SeatsReserved message)
    {
        Step = 2;
        return new(message.BookingId, Data);
    }

    public IssueTickets Handle([SagaIdentityFrom(nameof(PaymentAuthorized.BookingId))] PaymentAuthorized message)
    {
        Step = 3;
        return new(message.BookingId, Data);
    }

    public CapturePayment Handle([SagaIdentityFrom(nameof(TicketsIssued.BookingId))] TicketsIssued message)
    {
        Step = 4;
        return new(message.BookingId, Data);
    }

    public SendConfirmation Handle([SagaIdentityFrom(nameof(PaymentCaptured.BookingId))] PaymentCaptured message)
    {
        Step = 5;
        return new(message.BookingId, Data);
    }

    public void Handle([SagaIdentityFrom(nameof(ConfirmationSent.BookingId))] ConfirmationSent message, LoadGenerator load)
    {
        Step = 6;
        load.Finished(message.BookingId);
    }
}
