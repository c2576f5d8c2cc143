using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Users;
using Aerona.Notifications.Preferences;
using Aerona.Wording;

namespace Aerona.Notifications.Texts;

/// <inheritdoc/>
internal sealed class English : MailTexts
{
    private const string NotCharged = "You were not charged";
    private const string Expires = "If it is not paid by then, the booking expires, the seats are given back and nothing is charged.";
    private const string TakenLast = "Nothing is taken before the airline has confirmed your seats and your tickets are issued.";
    private const string WeAreOnIt = "Our staff are on it and you will hear from us as soon as it is decided. You need not do anything; please do not book the same flight again meanwhile.";
    private const string NothingBought = "Your booking was not completed";

    public override string Language => "en";

    public override string Day(DateTime local) => Words.Day(local);

    public override string LongDay(DateTime local) => Words.LongDay(local);

    public override string DayAndTime(DateTime local, string? clock) => $"{Words.Day(local)}, {Words.Time(local)}{(clock is null ? "" : $" ({clock})")}";

    public override string TimeAndDay(DateTime local) => $"{Words.Time(local)}, {Words.Day(local)}";

    public override string Of(Cabin cabin) => Words.Of(cabin);

    public override string Of(PassengerType type) => Words.Of(type);

    public override string DayOffset(int days) => days switch
    {
        0 => "",
        1 => "+1 day",
        -1 => "−1 day",
        _ => $"{(days < 0 ? "−" : "+")}{Math.Abs(days).ToString(CultureInfo.InvariantCulture)} days",
    };

    public override string Duration(TimeSpan flown) => string.Create(CultureInfo.InvariantCulture, $"{(int)flown.TotalHours} h {flown.Minutes:00} min");

    public override string Baggage(string allowance) => Words.Baggage(allowance);

    public override string Details(string duration, string cabin, string bookingClass, string baggage, string aircraft, IReadOnlyList<string> seats) =>
        $"{duration} · {cabin}, class {bookingClass} · Checked baggage: {baggage} · {aircraft}{(seats.Count == 0 ? "" : $" · {(seats.Count == 1 ? "Seat" : "Seats")}: {string.Join(", ", seats)}")}";

    public override string Carriage(string seller, string operatedBy, string? operatorsCode) =>
        operatorsCode is null ? $"Sold and operated by {seller}" : $"Sold by {seller}, operated by {operatedBy} ({operatorsCode})";

    public override IEnumerable<string> Of(FareConditions conditions) => Words.Of(conditions);

    public override string AirlineReference(string? airline, string code) => airline is null ? $"Airline reference {code}" : $"{airline} reference {code}";

    public override string BookingReference => "Booking reference";

    public override string YourMoney => "Your money";

    public override string YourFlights => "Your flights";

    public override string WhatNext => "What happens next";

    public override string SeeBooking => "See your booking";

    public override string Attached => "Attached";

    public override string ChooseMails => "Choose which mails you get";

    public override string EndMailsLikeThis => "End mails like this one";

    public override string Subject(string locator, string title) => $"Booking {locator}: {char.ToLowerInvariant(title[0])}{title[1..]}";

    public override string SentForBooking(string locator) => $"This mail was sent because booking {locator} gives this address. It cannot be replied to.";

    public override string SentForFlight(string flight) => $"This mail was sent because this address follows flight {flight}. It cannot be replied to.";

    public override string SentForAccount => "This mail was sent because this address was typed at Aerona. It cannot be replied to.";

    public override string Confirmed => "Confirmed";

    public override string ConfirmationSubject(string locator, string route, string day) => $"Booking {locator} confirmed: {route}, {day}";

    public override string ConfirmationLead(bool isPaid, string day, bool hasDocuments) =>
        $"Your booking is {(isPaid ? "paid and ticketed" : "ticketed; it is not paid yet")}. You leave on {day}{(hasDocuments ? "; your documents are attached" : "")}.";

    public override string Passengers => "Passengers and tickets";

    public override string Price => "Price";

    public override string PriceRow(PriceLineKind kind) => kind switch
    {
        PriceLineKind.BaseFare => "Fares",
        PriceLineKind.CarrierCharge => "Carrier-imposed charges",
        PriceLineKind.Seat => "Chosen seats",
        _ => "Taxes and airport charges",
    };

    public override string Total => "Total price";

    public override string Paid => "Paid with PayPal";

    public override string NotPaid => "Not paid yet";

    public override string NotPaidAdvice => "No money was taken from you at PayPal. Our staff agree with you how the price is paid.";

    public override string BeforeYouFly => "Before you fly";

    public override string LocalTimes => "All times are local at the airport named beside them.";

    public override string CheckIn(IReadOnlyList<string> references, string locator) =>
        $"Check in with {string.Join(" or ", references.Append($"booking reference {locator}"))} and the surname on the ticket. Carry the travel document that bears the same name.";

    public override string DocumentName(string kind, string? number) => kind switch
    {
        DocumentKinds.ItineraryReceipt => "Itinerary receipt",
        DocumentKinds.Invoice => $"Invoice {number}".TrimEnd(),
        DocumentKinds.CreditNote => $"Credit note {number}".TrimEnd(),
        DocumentKinds.Calendar => "Calendar file",
        _ => "Document",
    };

    public override (string Title, string Why, string Next) Failure(string reason) => reason switch
    {
        "booking.cancelled" => ("Your booking was cancelled", "You asked us to cancel before anything was bought. The seats were given back.", "You need not do anything."),
        "payment.expired" => ("Your booking expired", "The payment was not approved in time, so the seats were given back.", "You can search again; prices and seats may have changed."),
        "payment.declined" => (
            NothingBought, "The payment was declined, so nothing was bought and the seats were given back.",
            "Please book again with another way to pay; whoever issued the one you used can tell why it was declined."),
        "payment.not_possible" => (NothingBought, "No payment could be made for this booking, so nothing was bought.", "Please book again, or choose another flight."),
        "payment.unavailable" => (NothingBought, "PayPal did not answer in time, so nothing was bought and the seats were given back.", "Please try again in a while."),
        "seats.lost" => (NothingBought, "The last seats were sold to somebody else before yours could be bought.", "Please choose another flight or cabin."),
        "price.changed" => (NothingBought, "The price changed before anything was bought, and the new one was not accepted in time.", "Please book again if the new price suits you."),
        "offer.gone" => (NothingBought, "The offer expired or its flight is not sold any more, so nothing was bought.", "Please search again."),
        "order.refused" => (NothingBought, "The airline refused the order, so nothing was bought.", "Please choose another flight."),
        "airline.unavailable" => (NothingBought, "The airline did not answer in time, so nothing was bought.", "Please try again in a while."),
        _ => (NothingBought, "It could not be completed, so nothing was bought and what had been held was given back.", "Please search again."),
    };

    public override (string Money, string Detail) Money(MoneyState state) => state switch
    {
        MoneyState.NotCharged => (NotCharged, "No money was reserved and none was taken."),
        MoneyState.AuthorisationVoided => (
            "No money was taken; its reservation was released",
            "The price had been reserved at PayPal. We released the reservation in full. Your bank may show it for some days until it disappears; it never becomes a charge."),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "nobody has said what to tell about this"),
    };

    public override ShortWords News(BookingNewsKind kind, NewsFacts facts) => kind switch
    {
        BookingNewsKind.PriceChanged => new(
            "The price of your flights has changed",
            [
                $"The airline now asks {facts.Total}{For(facts)}; it was {facts.OldTotal}. That is {facts.Difference} {(facts.IsMore ? "more" : "less")}.",
                $"You decide: take the new price or leave it. Please do so{Before(facts)}.",
                "If you do nothing, the booking ends, what is held for you is given back and nothing is charged.",
            ],
            "See the new price and decide", NotCharged, "Nothing is reserved or taken before you have agreed to a price."),
        BookingNewsKind.PayLater => new(
            "Your seats are held; there is time to pay",
            [
                $"Your seats{For(facts)} are held for you. Please pay {facts.Total}{Before(facts)}.",
                "If you wait long, the airline may ask for another price. You would see it before you pay anything, and decide.",
                Expires,
            ],
            "Pay for your booking", NotCharged, TakenLast),
        BookingNewsKind.PaymentDue => new(
            "Your time to pay ends soon",
            [
                $"Your seats{For(facts)} are still held for you. Please pay {facts.Total}{Before(facts)}.",
                "If you have approved the payment this moment, you need not do anything.",
                Expires,
            ],
            "Pay now", NotCharged, TakenLast),
        BookingNewsKind.PaymentUnderReview => new(
            "Your payment is being examined",
            [
                "PayPal is examining your payment. This takes hours, at most a day; your seats are kept meanwhile.",
                "You need not do anything, and we write to you as soon as it is decided. Please do not book the same flight again meanwhile.",
            ],
            SeeBooking, "Nothing has been taken", "The price is taken only once PayPal agrees and your tickets are issued."),
        BookingNewsKind.ConfirmingWithAirline => new(
            "We are waiting for the airline",
            [
                "We have sent your order to the airline and it has not said yet whether it was made. We keep asking.",
                "You need not do anything, and we write to you as soon as it is decided. Please do not book the same flight again meanwhile.",
            ],
            SeeBooking, "Reserved, not taken",
            "The price is reserved at PayPal. It is taken only once your tickets are issued; if the airline says no, the reservation is released."),
        BookingNewsKind.PayAgain => new(
            "Your tickets are issued, and the payment failed",
            [
                $"Your tickets{For(facts)} are issued, and the {facts.Total} that you had approved could not be taken at PayPal.",
                $"Please pay another way{Before(facts)}. Your tickets stay valid meanwhile.",
                "If it is not paid by then, our staff decide about the booking, and the tickets may be cancelled.",
            ],
            "Pay another way", "Nothing has been taken", "What was reserved is released in full. Your bank may show it for some days until it disappears."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "nobody has said what to tell about this"),
    };

    public override ShortWords Cancellation(CancellationNewsKind kind, CancellationFacts facts)
    {
        var what = facts.What is { } flights ? $"{flights}{facts.Route}" : $"Your booking{facts.Route}";
        var inside = char.ToLowerInvariant(what[0]) + what[1..];
        what = char.ToUpperInvariant(what[0]) + what[1..];
        var done = facts.IsWhole ? "Your booking is cancelled" : "A part of your booking is cancelled";
        var owed = facts.Refund ?? "Your money";
        return kind switch
        {
            CancellationNewsKind.QuoteReady => new(
                facts.Refund is null ? "Nobody can say yet what cancelling brings back" : $"Cancelling brings back {facts.Refund}",
                [
                    facts.Refund is null
                        ? $"You asked us to cancel. {what} can be cancelled, and the airline says how much comes back only when it is done."
                        : $"You asked us to cancel. If you confirm it, {facts.Refund} comes back to you for: {inside}.",
                    $"Nothing is cancelled yet. The offer is good until {facts.Until}; if you do nothing, your booking stays as it is.",
                    "To confirm, open your booking where you made it, or ask our staff.",
                ],
                SeeBooking, "Nothing has changed", "Your tickets are valid, and no money moves before you confirm."),
            CancellationNewsKind.ConfirmingWithAirline => new(
                "We are waiting for the airline to cancel",
                ["We have told the airline to cancel, and it has not said yet whether it did. We keep asking.", "You need not do anything, and we write to you as soon as it is decided."],
                SeeBooking, "Nothing has moved yet", "Your money goes back once the airline has cancelled."),
            CancellationNewsKind.NotCancelled => new(
                "Your booking is not cancelled",
                [$"{Why(facts.Reason)} {what} stays as it is.", "You can ask again at any time; our staff help you with it."],
                SeeBooking, "Nothing has moved", "Your tickets are valid, and nothing was refunded."),
            CancellationNewsKind.Cancelled when facts.Refund is null => new(
                done, [$"The airline has cancelled: {inside}.", "How much comes back is not settled yet; our staff see to it and we write to you."],
                SeeBooking, "Your refund is not settled yet", "We write to you as soon as the amount is known."),
            CancellationNewsKind.Cancelled when facts.IsNothing => new(
                done, [$"The airline has cancelled: {inside}."],
                SeeBooking, "Nothing comes back", "The conditions of your fare give nothing back; that is what you had confirmed."),
            CancellationNewsKind.Cancelled => new(
                done, [$"The airline has cancelled: {inside}.", $"{facts.Refund} goes back to how you paid.{(facts.Until is { } day ? $" You should see it by {day}." : "")}"],
                SeeBooking, $"{facts.Refund} goes back to you", "PayPal gives it back to what you paid with; banks take some days to show it."),
            CancellationNewsKind.CancelledUnpaid => new(
                "Your tickets were given back, because they were not paid for",
                ["Your payment could not be taken, and no other one came in time. We have given your tickets back; they are not valid any more."],
                SeeBooking, NotCharged, "What was reserved at PayPal is released. Your bank may show it for some days."),
            CancellationNewsKind.RefundDelayed => new(
                "Your refund takes longer",
                [$"{what} is cancelled.", $"{owed} could not be given back yet. Our staff have it and find another way if need be; you need not do anything."],
                SeeBooking, $"{owed} is owed to you", "We write to you again when anything is needed from you."),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "nobody has said what to tell about this"),
        };
    }

    public override string FlightForPassengers(string flight, int passengers) => $"flight {flight} for {passengers} {(passengers == 1 ? "passenger" : "passengers")}";

    public override ShortWords? Case(string kind) => kind switch
    {
        "ticketing-urgent" => new(
            "Your tickets take longer than usual", ["The airline has confirmed your booking and has not issued the tickets yet. We keep asking.", WeAreOnIt],
            SeeBooking, "Reserved, not taken", "The price is reserved at PayPal. It is taken only once your tickets are issued."),
        "undo-overdue" => new(
            "We are still undoing your booking", ["Your booking was not completed, and giving back what was held or reserved for it takes longer than usual.", WeAreOnIt],
            SeeBooking, "Nothing was taken", "A reservation at PayPal may show until we have released it; it does not become a charge."),
        "late-capture" => new(
            "You get your money back", ["Money was taken for a booking that had already ended. That should not have happened.", WeAreOnIt],
            SeeBooking, "A full refund is on its way", "We have asked PayPal to give back all of it. Banks show a refund after some days."),
        _ => null,
    };

    public override ShortWords Seats(string flight, IReadOnlyList<(string From, string? To)> moves, string? refund) => new(
        moves.Any(move => move.To is null) ? "Seats: one that you chose is not there any more" : "Your seats have changed",
        [
            $"{flight} is flown with other seats, and so those that you chose are others: {string.Join(", ", moves.Select(move => $"{move.From} → {move.To ?? "given at the airport"}"))}.",
            "Your tickets are valid as before. If the new seat does not suit you, ask our staff.",
        ],
        SeeBooking, refund is null ? "Nothing has changed" : $"{refund} goes back to you",
        refund is null ? "The new seats have what you paid for, or cost nothing." : "That is what you paid for these seats. It goes back to how you paid; you need not do anything.");

    public override ShortWords Dispute(DisputeStanding standing, string amount) => standing switch
    {
        DisputeStanding.Open => new(
            "You dispute your payment",
            [
                $"PayPal or your bank tells us that {amount} paid for this booking is disputed. We look into it and answer PayPal.",
                "Your booking stays as it is meanwhile. To cancel it, ask us for a cancellation; a dispute does not cancel flights.",
                "If it was not you who disputed it, tell PayPal.",
            ],
            SeeBooking, $"{amount} is disputed", "PayPal decides who gets it. That takes weeks; nobody has to pay anything meanwhile."),
        DisputeStanding.Lost => new(
            "Your dispute is decided for you", [$"PayPal has given you back {amount}.", "Our staff decide about the tickets of this booking. We write to you before anything is cancelled."],
            SeeBooking, $"{amount} goes back to you", "PayPal gives it back to what you paid with; banks take some days to show it."),
        DisputeStanding.Won => new(
            "Your dispute is decided", [$"PayPal has decided that the payment of {amount} stands. Your booking stays as it is."],
            SeeBooking, $"The payment of {amount} stands", "PayPal tells you why, and what you can do, in your account there."),
        _ => throw new ArgumentOutOfRangeException(nameof(standing), standing, "nobody has said what to tell about this"),
    };

    public override ShortWords CancellationDocuments(string? creditNote) => new(
        creditNote is null ? "The cancelled flights for your calendar" : "Your credit note",
        [
            creditNote is null
                ? "Open the attached file and your calendar takes out the flights that were cancelled."
                : $"Attached is credit note {creditNote} for what was cancelled. Keep it with your invoice.",
        ],
        SeeBooking, "You need not do anything", "What goes back to you, and when, stands in the mail about the cancellation.");

    public override string Flight => "Flight";

    public override string EndFlightMails => "End these mails";

    public override string SeeDepartures => "See the departures";

    public override (string Title, string Text) Following => ("You follow this flight", "We write to you when it is delayed, leaves from another gate or is cancelled.");

    public override (string Title, string Text) FlightCancelled(FlightFacts facts) => ("The flight is cancelled", $"{facts.Flight} of {facts.Day} is not flown.");

    public override (string Title, string Text) FlownAfterAll(FlightFacts facts) => ("The flight is flown after all", $"{facts.Flight} is not cancelled any more.");

    public override (string Title, string Text) Diverted(FlightFacts facts, string to) => ("The flight is diverted", $"{facts.Flight} goes to {to} instead of {facts.Destination}.");

    public override (string Title, string Text) CameBack(FlightFacts facts) => ("The flight came back", $"{facts.Flight} came back to {facts.Origin}.");

    public override (string Title, string Text) LeavesAtAnotherTime(FlightFacts facts, bool isLate) =>
        (isLate ? "The flight is delayed" : "The flight leaves at another time", $"{facts.Flight} now leaves at {facts.Leaves}; it was {facts.Left}.");

    public override (string Title, string Text) GateKnown(FlightFacts facts) =>
        (facts.OldGate is null ? "The gate is known" : "The gate has changed", $"{facts.Flight} leaves from {facts.Gate}{(facts.OldGate is null ? "" : $", not {facts.OldGate}")}.");

    public override string Because(string reason) => $"Reason given: {reason}.";

    public override string Departure(string at) => $"Departure {at}";

    public override string? Gate(string? terminal, string? gate) => (terminal, gate) switch
    {
        (null, null) => null,
        (not null, null) => $"terminal {terminal}",
        (null, not null) => $"gate {gate}",
        _ => $"gate {gate}, terminal {terminal}",
    };

    public override string GateNotKnown => "The gate is not known yet.";

    public override string YourAccount => "Your account";

    public override (string Title, string Text, string? Button) Account(AccountMail kind) => kind switch
    {
        AccountMail.ConfirmAddress => (
            "Confirm your address", "Somebody, most likely you, wants an Aerona account with this address. Follow the link and type the password you chose.", "Confirm the address"),
        AccountMail.AddressInUse => (
            "You have an account already",
            "Somebody, most likely you, wanted to make an account with this address. There is one: sign in with it, or choose a new password if you have forgotten yours.", null),
        AccountMail.ResetPassword => (
            "Choose a new password", "Somebody, most likely you, has forgotten the password of this account. The link lets you choose a new one.", "Choose a password"),
        AccountMail.NoAccount => (
            "There is no account with this address",
            "Somebody, most likely you, wanted a new password for this address. There is no account with it; perhaps you used another address.", null),
        AccountMail.PasswordChanged => ("Your password was changed", "Other browsers and applications were signed out.", null),
        AccountMail.SecondFactorAdded => ("A way to sign in was added", "An authenticator app or a passkey was added to your account.", null),
        AccountMail.SecondFactorRemoved => ("A way to sign in was removed", "An authenticator app or a passkey was removed from your account.", null),
        AccountMail.RecoveryCodeUsed => ("A recovery code was used", "Somebody signed in with your password and one of your recovery codes.", null),
        AccountMail.TokenReused => (
            "We signed you out of one place",
            "A key that keeps an application signed in was used a second time, which happens when it was copied. That sign-in was ended; sign in there again.", null),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there are no words for it"),
    };

    public override (string Label, string Fact, string Detail) AccountLink(string until) =>
        ("The link", $"Good until {until}, once", "If it was not you, do nothing: without this mail nobody can go on.");

    public override (string Label, string Fact, string Detail) AccountWarning(string address) =>
        ("If it was not you", "Choose a new password at once", $"Go to {address}. That also signs you out everywhere.");

    public override (string Label, string Fact, string Detail) AccountNothingToDo => ("If it was not you", "You need not do anything", "Nothing was changed.");

    public override (string Title, string Text, string Button, string Warning) BookingLink => (
        "Open your booking", "Somebody, most likely you, asked for a way into this booking. The link lets its reader see it, pay for it, change it and cancel it.", "Open the booking",
        "If it was not you, do nothing and do not pass this mail on: without it nobody can go on.");

    public override (string Title, string Why) PreferencesPage =>
        ("Choose which mails you get", "This counts for one booking or one followed flight. Whoever has an account sets it there for all bookings.");

    public override (string Name, string What) Of(NoticeKind kind) => kind switch
    {
        NoticeKind.Booking => ("Your booking", "Confirmation, or why there is none; documents"),
        NoticeKind.Payment => ("Payment", "New prices to decide about, payments to make"),
        NoticeKind.Cancellation => ("Cancellation", "What comes back, and what became of it"),
        NoticeKind.Progress => ("How it goes", "What we are waiting for while you need not do anything"),
        NoticeKind.FlightChanges => ("Changes of flights", "Delays, gates, cancelled flights"),
        NoticeKind.Account => ("Your account", "Sign-in and password"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there are no words for it"),
    };

    public override string AlwaysByMail => "always by e-mail";

    public override string Of(Channel channel) => channel == Channel.Email ? "E-mail" : "On this device";

    public override (string Heading, string What, string From, string Until) QuietHours => (
        "Quiet hours", "What can wait is sent afterwards. What cannot comes at once: a cancelled flight, a payment that ends soon. Times are those where your journey begins.", "From", "Until");

    public override string Save => "Save";

    public override string Saved => "Saved.";

    public override string UnknownLink => "This link is not known, or it has ended";

    public override string MailsEnded(string kind) => $"You get no more mails of this kind: {kind}";

    private static string For(NewsFacts facts) => facts.Route is { } route ? $" for {route}" : "";

    private static string Before(NewsFacts facts) => facts.Until is { } until ? $" before {until}" : " soon";

    private static string Why(string? reason) => reason switch
    {
        "cancellation.flown" => "The flight has left.",
        "cancellation.quote_expired" or "cancellation.quote_changed" or "cancellation.approval_late" => "What we had offered is not good any more.",
        "booking.being_serviced" => "Another cancellation came first.",
        "cancellation.supplier_unavailable" or "cancellation.not_received" or "cancellation.not_locked" => "The airline could not be reached in time.",
        _ => "It was not possible to cancel.",
    };
}
