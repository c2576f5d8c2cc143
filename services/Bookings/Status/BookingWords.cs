using System.Globalization;
using Aerona.Contracts.Bookings;

namespace Aerona.Bookings.Status;

/// <summary>The saga in the words of people who wait for it; English.</summary>
internal static class BookingWords
{
    /// <summary>What a stage waits for, what happens when that does not come, and how the timeline calls its beginning.</summary>
    public sealed record Words(string? WaitingFor, string? Then, string Begun);

    public static Words Of(BookingStage stage) => stage switch
    {
        BookingStage.Submitted => new("The booking to begin", "It begins as soon as its message is delivered", "Booking submitted"),
        BookingStage.Pricing => new("The airline to confirm the price", "The booking is given up; nothing is charged", "Asking for the price"),
        BookingStage.AwaitingPriceDecision => new("The traveller to take or decline the new price", "The booking is given up; nothing is charged", "The price changed; waiting for the traveller"),
        BookingStage.HoldingSeats => new("The airline to hold the seats", "The airline is asked whether it holds them", "Holding seats"),
        BookingStage.HoldUnknown => new("The airline to say whether it holds the seats", "The booking is given up and the seats are released; nothing is charged", "Hold not answered; asking the airline"),
        BookingStage.OpeningPayment => new("PayPal to prepare the payment", "The booking is given up and the seats are released; nothing is charged", "Preparing the payment"),
        BookingStage.AwaitingPayment => new("The payer to approve the payment", "The booking expires and the seats are released; nothing is charged", "Waiting for the payer's approval"),
        BookingStage.Pinning => new("The airline to keep the seats while we pay", "The booking is given up and the seats are released; nothing is charged", "Payment approved; keeping the seats"),
        BookingStage.Authorising => new("PayPal to reserve the money", "PayPal is asked whether it reserved it", "Reserving the money"),
        BookingStage.PaymentUnknown => new("PayPal to say whether the money is reserved", "What was reserved is given back and the seats are released", "Reservation of the money not answered; asking PayPal"),
        BookingStage.PaymentReview => new("PayPal to examine the payment", "The payment is given up and the seats are released; nothing is charged", "PayPal examines the payment"),
        BookingStage.Committing => new("The airline to make the order", "The airline is asked whether it made it; it is never ordered twice", "Ordering at the airline"),
        BookingStage.CommitUnknown => new("The airline to say whether it made the order", "Our staff call the airline; the money stays reserved, not taken", "Order not answered; confirming with the airline"),
        BookingStage.Ticketing => new("The tickets to be issued", "Our staff call the airline; your seats are bought", "Seats bought; issuing tickets"),
        BookingStage.Capturing => new("PayPal to take the money", "Our staff look into the payment; your tickets are issued", "Tickets issued; taking the money"),
        BookingStage.CaptureRecovery => new("The traveller to pay again: your tickets are issued and the money could not be taken", "Our staff get in touch", "The money could not be taken; another payment is needed"),
        BookingStage.CancellingUnpaid => new("The airline to take the unpaid tickets back", "Our staff look into it; nothing is charged", "Nobody paid; giving the tickets back"),
        BookingStage.Documenting => new("The receipt to be made", "Our staff look into it; your tickets are issued and paid", "Paid; making the receipt"),
        BookingStage.Confirmed => new(null, null, "Booking confirmed"),
        BookingStage.ParkedForStaff => new("Our staff to find out", "Our staff are called again", "Our staff take over"),
        BookingStage.Compensating => new("Seats and money to be given back", "It is asked for again, and our staff look into it", "Undoing what was done"),
        BookingStage.Rejected => new(null, null, "Booking rejected"),
        BookingStage.Expired => new(null, null, "Booking expired"),
        BookingStage.PaymentFailed => new(null, null, "Payment failed"),
        BookingStage.CancelledBeforePurchase => new(null, null, "Cancelled before the purchase"),
        BookingStage.Completed => new(null, null, "Journey completed"),
        BookingStage.Cancelled => new(null, null, "Booking cancelled"),
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "has no words"),
    };

    /// <summary>What is awaited when the last payment came to nothing and no other was begun.</summary>
    public const string AnotherPayment = "The traveller to try another payment";

    /// <summary>What is awaited when another payment was begun after the tickets were issued.</summary>
    public const string ApprovalAfterTickets = "The payer to approve the new payment: your tickets are issued";

    /// <summary>Behind a decision that changed nothing.</summary>
    public const string TooLate = "; it came when nothing was to be decided any more";

    /// <summary>What a traveller was told.</summary>
    public static string Of(BookingNews news) => news.Kind switch
    {
        BookingNewsKind.PriceChanged => $"Traveller told that the price is {news.Total} now{(news.OldTotal is { } old ? $"; it was {old}" : "")}",
        BookingNewsKind.PayLater => $"Traveller told to pay{Before(news.Until)}",
        BookingNewsKind.PaymentDue => $"Traveller reminded to pay{Before(news.Until)}",
        BookingNewsKind.PaymentUnderReview => "Traveller told that PayPal examines the payment",
        BookingNewsKind.ConfirmingWithAirline => "Traveller told that the airline has not answered",
        BookingNewsKind.PayAgain => $"Traveller asked for another payment{Before(news.Until)}",
        _ => $"Traveller told: {news.Kind}",
    };

    /// <summary>What a service noted; its code as words where none are given here.</summary>
    public static string OfNote(string kind) => kind switch
    {
        "seats.held" => "Seats held",
        "seats.pinned" => "Seats kept until bought or given back",
        "seats.released" => "Seats given back",
        "seats.moved" => "Chosen seats are others: the flight has another airplane",
        "seats.lapsed" => "Held seats lapsed",
        "payment.opened" => "Payment prepared at PayPal",
        "payment.approved" => "Payment approved by the payer",
        "payment.authorized" => "Money reserved",
        "payment.declined" => "Payment declined",
        "payment.captured" => "Money taken",
        "payment.voided" => "Reservation of the money given back",
        "payment.refunded" => "Money sent back",
        "airline.committed" => "Airline order made",
        "airline.schedule_changed" => "The airline changed the flight times",
        "airline.flights_cancelled" => "The airline cancelled flights of this booking",
        "airline.refused" => "Airline order refused",
        "airline.cancelled" => "Airline order cancelled",
        "mail.sent" => "E-mail sent",
        "mail.refused" => "E-mail refused",
        "case.opened" => "Our staff look into it",
        "case.closed" => "Our staff have looked into it",
        "payment.retried" => "Another payment asked for",
        "price.accepted" => "New price accepted",
        "price.declined" => "New price declined",
        "cancel.requested" => "Cancellation asked for",
        "cancellation.confirmed" => "Cancellation confirmed",
        "cancellation.withdrawn" => "Cancellation taken back",
        "staff.cancellation.approve" => "A second member of our staff agrees to the refund",
        "staff.cancellation.refuse" => "Our staff do not agree to the refund",
        "staff.cancellation.try_again" => "Our staff have the airline asked again",
        "staff.cancellation.set_amount" => "Our staff say how much goes back",
        "staff.cancellation.refund_again" => "Our staff have the refund tried again",
        "staff.cancellation.refunded_by_hand" => "Our staff gave the money back another way",
        "staff.try_again" => "Our staff have it tried again",
        "staff.give_up" => "Our staff have everything undone",
        "staff.go_on_unpaid" => "Our staff have it completed; the price is paid another way",
        _ => char.ToUpperInvariant(kind[0]) + kind[1..].Replace('.', ' ').Replace('_', ' ').Replace('-', ' '),
    };

    private static string Before(DateTimeOffset? at) => at is { } known ? string.Create(CultureInfo.InvariantCulture, $" before {known.UtcDateTime:d MMM yyyy HH:mm} UTC") : "";
}
