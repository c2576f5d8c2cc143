namespace Aerona.Sagas.Booking;

/// <summary>A state of a booking in words, for staff; English.</summary>
/// <param name="Ends">How long it may last, or why no end is set.</param>
/// <param name="Next">What happens next and when.</param>
public sealed record BookingSentence(string Ends, string Next);

/// <summary>What each state waits for and what it does about it, with the times that are set.</summary>
internal static class BookingSentences
{
    internal static BookingSentence Of(string state, BookingTimes t) => state switch
    {
        nameof(BookingStateMachine.Pricing) => new(
            $"After {Say(2 * t.PricingRepeat)}",
            $"The airline says what the offer costs; it is asked again after {Say(t.PricingRepeat)}, and after as long again the booking is given up."),
        nameof(BookingStateMachine.AwaitingPriceDecision) => new(
            $"After {Say(t.PriceDecision)}, when the new price expires, or when the payer's time ends, whichever comes first",
            $"The traveller takes the new price, and it goes on with the seats already held, or declines it; undecided, the booking is given up and nothing is charged."),
        nameof(BookingStateMachine.HoldingSeats) => new(
            $"After {Say(t.Hold)}",
            $"The airline holds the seats or refuses them; after {Say(t.Hold)} it is asked whether it does."),
        nameof(BookingStateMachine.HoldUnknown) => new(
            $"After {Say(t.HoldUnknown)}",
            $"The airline is asked again and again, first after {Say(t.LookUp)}, whether it holds the seats; after {Say(t.HoldUnknown)} they are released and the booking is given up."),
        nameof(BookingStateMachine.OpeningPayment) => new(
            $"After {Say(t.GiveUp)}",
            $"PayPal makes an order that the payer can approve; it is asked every {Say(t.Repeat)}, and after {Say(t.GiveUp)} the booking is given up."),
        nameof(BookingStateMachine.AwaitingPayment) => new(
            $"{Say(t.PaymentWindow)} after the seats were held first, or {Say(t.SpaceMargin)} before they may lapse, whichever comes first; when paying later, {Say(t.SpaceMargin)} before they may lapse. Never moved",
            $"The payer approves the payment, and is reminded {Say(t.Reminder)} before the end ({Say(t.PayLaterReminder)} when paying later); at the end the seats are released."),
        nameof(BookingStateMachine.Pinning) => new(
            $"After {Say(t.GiveUp)}",
            $"The airline keeps the seats until they are bought or given back; it is asked every {Say(t.Repeat)}, and after {Say(t.GiveUp)} the booking is given up."),
        nameof(BookingStateMachine.Authorising) => new(
            $"After {Say(t.Authorisation)}",
            $"PayPal reserves the money or declines; after {Say(t.Authorisation)} it is asked whether it did."),
        nameof(BookingStateMachine.PaymentUnknown) => new(
            $"When the hold would have lapsed, but not before {Say(t.PaymentUnknown)}",
            $"PayPal is asked again and again, first after {Say(t.LookUp)}, whether the money is reserved; at the end what was reserved is given back."),
        nameof(BookingStateMachine.PaymentReview) => new(
            $"After {Say(t.PaymentReview)}, or {Say(t.BeforeDeparture)} before departure, whichever comes first",
            $"PayPal ends its examination; it is asked every {Say(t.SlowLookUp)}, the traveller was told, and at the end the payment is given up and the seats are released."),
        nameof(BookingStateMachine.Committing) => new(
            $"After {Say(t.Commit)}",
            $"The airline makes the order or refuses it; after {Say(t.Commit)} it is asked whether it did, and never told again."),
        nameof(BookingStateMachine.CommitUnknown) => new(
            $"After {Say(t.CommitUnknown)}, or {Say(t.BeforeDeparture)} before departure, whichever comes first, but not before {Say(t.Case)}",
            $"The airline is asked again and again, first after {Say(t.LookUp)}, whether it made the order; after {Say(t.Case)} people and the traveller are told, and at the end staff decide."),
        nameof(BookingStateMachine.Ticketing) => new(
            $"{Say(t.BeforeTicketingLimit)} before the airline's ticketing limit, but not before {Say(t.Case)}; then every {Say(t.Case)} again, for the seats are bought",
            $"The tickets are issued as soon as their numbers are known; it is asked again and again, first after {Say(t.LookUp)}, after {Say(t.Case)} people are called, and near the airline's limit urgently."),
        nameof(BookingStateMachine.Capturing) => new(
            $"After {Say(t.CaptureAlarm)}, and every {Say(t.CaptureAlarm)} again, for the tickets are issued",
            $"PayPal takes the money; the same capture is sent again for {Say(t.Capture)}, then looked up; a reservation no longer honoured is renewed first, and after {Say(t.CaptureAlarm)} people are called."),
        nameof(BookingStateMachine.CaptureRecovery) => new(
            $"After {Say(t.CaptureRecovery)}, or {Say(t.BeforeVoidableUntil)} before the airline's free cancellation ends, whichever comes first",
            $"The traveller pays again, up to {t.PaymentAttempts} times; at the end, or as soon as the traveller wants to cancel, the tickets are given back while that is free, else staff decide."),
        nameof(BookingStateMachine.CancellingUnpaid) => new(
            $"After {Say(t.Undo)}, and every {Say(t.Undo)} again, for it ends only when the tickets are given back or cannot be",
            $"A cancellation gives the tickets back, which is free; if it cannot, staff decide, and after {Say(t.Undo)} people are called."),
        nameof(BookingStateMachine.Documenting) => new(
            $"After {Say(t.Case)}, and every {Say(t.Case)} again, for the tickets are issued",
            $"The receipt is made and stored; it is asked for again and again, first after {Say(t.PatientRepeat)}, and after {Say(t.Case)} people are called."),
        nameof(BookingStateMachine.Confirmed) => new(
            $"{Say(t.AfterArrival)} after the last arrival",
            $"The traveller flies; {Say(t.AfterArrival)} after the last arrival the booking is complete, unless it is cancelled before."),
        nameof(BookingStateMachine.ParkedForStaff) => new(
            $"After {Say(t.StaffDecision)}, and every {Say(t.StaffDecision)} again, for only people can end it",
            $"Staff decide what is to be done; it is asked every {Say(t.SlowLookUp)} meanwhile, what is heard is taken as before, and after {Say(t.StaffDecision)} staff are called again."),
        nameof(BookingStateMachine.Compensating) => new(
            $"After {Say(t.Undo)}, and every {Say(t.Undo)} again, for it ends only when all is given back",
            $"Seats, money and orders are given back; each is asked for again and again, first after {Say(t.LookUp)}, and after {Say(t.Undo)} people are called."),
        nameof(BookingStateMachine.Rejected) => new("None: it is final", "Nothing more; the airline or the price said no and nothing was charged."),
        nameof(BookingStateMachine.Expired) => new("None: it is final", "Nothing more; nobody paid in time and nothing was charged."),
        nameof(BookingStateMachine.PaymentFailed) => new("None: it is final", "Nothing more; the payment could not be made and nothing was charged."),
        nameof(BookingStateMachine.CancelledBeforePurchase) => new("None: it is final", "Nothing more; the traveller wanted out before anything was bought."),
        nameof(BookingStateMachine.Completed) => new("None: it is final", "Nothing more; the journey is over."),
        nameof(BookingStateMachine.Cancelled) => new("None: it is final", "Nothing more; the booking was cancelled after the purchase."),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "has no sentence"),
    };

    private static string Say(TimeSpan time) => Spans.Say(time);
}
