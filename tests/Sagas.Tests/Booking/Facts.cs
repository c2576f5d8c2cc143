using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>One booking and everything that can be said about it.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    public static readonly Guid BookingId = new("00000000-0000-0000-0000-000000000b01");
    public static readonly Guid OfferId = new("00000000-0000-0000-0000-000000000f01");
    public static readonly Guid HoldId = Hold(1);
    public static readonly Guid PaymentId = Payment(1);
    public static readonly Guid OrderId = BookingState.AttemptId(BookingId, "order", 1);
    public static readonly Money Price = new(25900, "EUR");
    public static readonly DateTimeOffset SpaceUntil = Start.AddMinutes(20);
    public static readonly DateTimeOffset PriceUntil = Start.AddMinutes(18);

    public static readonly OfferSnapshot Offer = new(
        OfferId, "house", "VN",
        [
            new(1, "VN55-20300201", new("VN", 55), "VN", "HAN", "LHR", new(2030, 2, 1, 1, 0, 0), "Asia/Ho_Chi_Minh", new(2030, 1, 31, 18, 0, 0, TimeSpan.Zero),
                new(2030, 2, 1, 7, 0, 0), "Europe/London", new(2030, 2, 1, 7, 0, 0, TimeSpan.Zero), "789", Cabin.Economy, "Y", "YOW", "1PC"),
        ],
        [new("p1", PassengerType.Adult)],
        [new("p1", PriceLineKind.BaseFare, "FARE", null, false, Price)],
        Price, new(null, null, null, null), Start.AddMinutes(30));

    /// <summary>The same flights for 279.00.</summary>
    public static readonly OfferSnapshot DearerOffer = Offer with
    {
        OfferId = new("00000000-0000-0000-0000-000000000f02"),
        Total = new(27900, "EUR"),
        Lines = [new("p1", PriceLineKind.BaseFare, "FARE", null, false, new(27900, "EUR"))],
    };

    public static readonly TicketNumber[] Numbers = [new("p1", "7381234567890")];

    public static readonly BookingSubmitted Submitted = new(
        BookingId, "K7PQ2R", OfferId, [new("p1", PassengerType.Adult, "An", "Lê", "AN", "LE", new(1990, 1, 31), null)],
        new("an@example.org", null, "vi"), null, null, Start);

    public static readonly OfferPriced Priced = new(BookingId, OfferId, Offer);
    public static readonly OfferPriceChanged Dearer = new(BookingId, OfferId, Price, DearerOffer);
    public static readonly SeatsHeld Held = HeldAs(HoldId);
    public static readonly PaymentOpened Opened = OpenedAs(PaymentId);
    public static readonly PaymentApproved Approved = new(BookingId, PaymentId);
    public static readonly SeatsPinned Pinned = new(BookingId, HoldId, 7);
    public static readonly PaymentAuthorized Authorized = AuthorizedAs(PaymentId);
    public static readonly PaymentDeclined Declined = new(BookingId, PaymentId, "payment.declined");
    public static readonly AirlineOrderConfirmed Bought = new(BookingId, OrderId, [new("house", "ABC234")], Numbers, Start.AddDays(2), Start.AddHours(10));
    public static readonly AirlineOrderConfirmed BoughtWithoutNumbers = Bought with { TicketNumbers = null };
    public static readonly TicketsIssued Ticketed = new(BookingId, OrderId, Numbers);
    public static readonly PaymentCaptured Captured = new(BookingId, PaymentId, Price, "CAP-1");
    public static readonly DocumentsStored Stored = new(BookingId, OrderId, [new("itinerary-receipt", "k", "receipt.pdf", "00")]);
    public static readonly SeatsReleased Released = new(BookingId, HoldId);
    public static readonly PaymentVoided Voided = new(BookingId, PaymentId, Price);
    public static readonly BookingCancelRequested CancelRequested = new(BookingId, Start);
    public static readonly PaymentRetried Retried = new(BookingId, Start);

    public static readonly BookingSubmitted SubmittedToPayLater = Submitted with { PayLater = true };
    public static readonly PriceAccepted Accepted = new(BookingId, DearerOffer.OfferId, Start);
    public static readonly PriceDeclined NotAccepted = new(BookingId, DearerOffer.OfferId, Start);
    public static readonly PaymentUnderReview UnderReview = new(BookingId, PaymentId);
    public static readonly CaptureRefused CaptureDenied = new(BookingId, PaymentId, "AUTHORIZATION_DENIED");

    /// <summary>The events of the main path, in order.</summary>
    public static readonly object[] MainPath = [Submitted, Priced, Held, Opened, Approved, Pinned, Authorized, Bought, Ticketed, Captured, Stored];

    public static Guid Hold(int attempt) => BookingState.AttemptId(BookingId, "hold", attempt);

    public static Guid Payment(int attempt) => BookingState.AttemptId(BookingId, "payment", attempt);

    public static Guid OwnCancellation(int number) => CancellationIds.From(BookingState.AttemptId(BookingId, "cancellation", number));

    public static SeatsHeld HeldAs(Guid holdId) => new(BookingId, holdId, 7, SpaceUntil, PriceUntil);

    public static PaymentOpened OpenedAs(Guid paymentId) => new(BookingId, paymentId, $"https://pay.example/{paymentId:N}", "ORDER-1");

    public static PaymentAuthorized AuthorizedAs(Guid paymentId) => new(BookingId, paymentId, Price, "AUTH-1", Start.AddDays(3), Start.AddDays(29));

    public static StaffDecided Decided(StaffDecision decision, int action = 1) =>
        new(BookingId, new Guid(action, 0, 0, new byte[8]), decision, "staff|minh", "The airline's desk said so", Start);

    /// <summary>The main path until, and with, that event.</summary>
    public static object[] Until(object last) => [.. MainPath.TakeWhile(x => x != last), last];
}
