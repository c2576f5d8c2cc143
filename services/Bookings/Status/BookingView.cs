using System.Text.Json.Serialization;
using Aerona.Bookings.Seats;
using Aerona.Bookings.Submission;
using Aerona.Contracts;
using Aerona.Sagas.Booking;

namespace Aerona.Bookings.Status;

/// <summary>Where a booking stands: the names of the saga's states, and <see cref="Submitted"/> before it begins.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BookingStage>))]
internal enum BookingStage
{
    Submitted,
    Pricing,
    AwaitingPriceDecision,
    HoldingSeats,
    HoldUnknown,
    OpeningPayment,
    AwaitingPayment,
    Pinning,
    Authorising,
    PaymentUnknown,
    PaymentReview,
    Committing,
    CommitUnknown,
    Ticketing,
    Capturing,
    CaptureRecovery,
    CancellingUnpaid,
    Documenting,
    Confirmed,
    ParkedForStaff,
    Compensating,
    Rejected,
    Expired,
    PaymentFailed,
    CancelledBeforePurchase,
    Completed,
    Cancelled,
}

/// <summary>What the traveller may do now.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BookingAction>))]
internal enum BookingAction
{
    /// <summary>POST …/cancellations.</summary>
    Cancel,

    /// <summary>POST …/cancellations, for a quote of what would come back; nothing is cancelled by asking.</summary>
    QuoteCancellation,

    /// <summary>POST …/payments.</summary>
    RetryPayment,

    /// <summary>POST …/price-decisions.</summary>
    DecidePrice,
}

/// <summary>A booking: what was asked for, where it stands, what it waits for, and what happens if nobody does anything.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="WaitingFor">What it waits for, for people; null when it is over.</param>
/// <param name="Until">UTC; how long it waits. Null when no end is set.</param>
/// <param name="Then">What happens then if nothing is done, for people; null when it is over.</param>
/// <param name="ApprovalLink">Where the payer approves; null unless that is awaited.</param>
/// <param name="PriceChange">The new price that is to be taken or left; null unless that is awaited.</param>
/// <param name="Payment">Whether it is paid now or later.</param>
/// <param name="Money">What is charged, held and taken.</param>
/// <param name="Passengers">In the offer's order.</param>
/// <param name="Segments">Flights in the order flown.</param>
/// <param name="Locators">Ours first, then the airlines'.</param>
/// <param name="Documents">What can be fetched from …/documents.</param>
/// <param name="Failure">Why it failed; null while it has not.</param>
/// <param name="Cases">What our staff look at.</param>
/// <param name="AvailableActions">What may be done now.</param>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="ClientReference">The client's own reference, or null.</param>
/// <param name="GuestToken">Only in the answer to submitting without sign-in: good for this booking alone.</param>
internal sealed record BookingView(
    Guid Id, string Locator, BookingStage State, string? WaitingFor, DateTimeOffset? Until, string? Then, string? ApprovalLink, PriceChangeView? PriceChange, PaymentTime Payment, MoneyView Money,
    IReadOnlyList<PassengerView> Passengers, IReadOnlyList<Segment> Segments, IReadOnlyList<Locator> Locators, IReadOnlyList<DocumentView> Documents,
    FailureView? Failure, IReadOnlyList<CaseView> Cases, IReadOnlyList<BookingAction> AvailableActions, DateTimeOffset SubmittedAt, string? ClientReference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? GuestToken = null);

/// <summary>A price that the traveller has not agreed to yet.</summary>
/// <param name="OfferId">The new offer; what …/price-decisions names.</param>
/// <param name="OldTotal">What it cost.</param>
/// <param name="NewTotal">What it costs now.</param>
/// <param name="Difference">New less old; negative when it is cheaper.</param>
/// <param name="Until">UTC; undecided, the booking is given up then.</param>
internal sealed record PriceChangeView(Guid OfferId, Money OldTotal, Money NewTotal, Money Difference, DateTimeOffset Until);

/// <summary>The money of a booking; all in one currency.</summary>
/// <param name="Total">The price.</param>
/// <param name="Held">Reserved at the payer's, not taken, not yet given back.</param>
/// <param name="Captured">Taken.</param>
/// <param name="Refunded">Given back of what was taken.</param>
internal sealed record MoneyView(Money Total, Money Held, Money Captured, Money Refunded);

/// <summary>A passenger.</summary>
/// <param name="Id">The offer's id.</param>
/// <param name="Type">Type priced.</param>
/// <param name="GivenName">As typed.</param>
/// <param name="Surname">As typed.</param>
/// <param name="NameOnTicket">As sent to the airline: <c>SURNAME/GIVEN NAMES</c>.</param>
/// <param name="TicketNumber">13 digits, or null until issued.</param>
/// <param name="Seats">Seats chosen; where there is none the airport gives one.</param>
internal sealed record PassengerView(
    string Id, PassengerType Type, string GivenName, string Surname, string NameOnTicket, string? TicketNumber, IReadOnlyList<PassengerSeatView> Seats);

/// <summary>A seat that a passenger chose.</summary>
/// <param name="SegmentOrdinal">On which flight.</param>
/// <param name="Seat">Row and letter: <c>12A</c>; null: the flight has other cabins, none of their seats was free, and the airport gives one.</param>
/// <param name="Characteristics">What it has of what it was chosen for.</param>
/// <param name="Price">What it cost; zero: nothing.</param>
/// <param name="MovedFrom">The seat chosen, where other cabins made it another one; else null.</param>
/// <param name="Refund">What is owed back because the seat is not what was paid for; else null.</param>
internal sealed record PassengerSeatView(
    int SegmentOrdinal, string? Seat, IReadOnlyList<SeatCharacteristic> Characteristics, Money Price, string? MovedFrom = null, Money? Refund = null)
{
    public static PassengerSeatView Of(ChosenSeat chosen, IReadOnlyList<SeatMove> moves) =>
        moves.FirstOrDefault(move => move.Place == SeatMove.PlaceOf(chosen.PassengerId, chosen.SegmentOrdinal))?.Moved is { } moved
            ? new(
                chosen.SegmentOrdinal, moved.To, moved.To is null ? [] : [.. chosen.Characteristics.Except(moved.Lost)], chosen.Price,
                moved.To == chosen.Seat ? null : chosen.Seat, moved.Refund)
            : new(chosen.SegmentOrdinal, chosen.Seat, chosen.Characteristics, chosen.Price);
}

/// <summary>A document.</summary>
internal sealed record DocumentView(string Kind, string FileName);

/// <summary>Why a booking failed.</summary>
/// <param name="Reason">Stable code.</param>
/// <param name="Detail">For people, or null.</param>
internal sealed record FailureView(string Reason, string? Detail);

/// <summary>What staff look at.</summary>
/// <param name="Kind">Stable code; new ones may come.</param>
/// <param name="Detail">For people.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="ClosedAt">UTC; null while it is open.</param>
internal sealed record CaseView(string Kind, string Detail, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt);

/// <summary>Shows bookings; what may be done is asked from the machine.</summary>
internal sealed class BookingViews(BookingStateMachine machine)
{
    public BookingView Of(BookingOnFile found)
    {
        var (booking, saga, cases) = found;
        var stage = StageOf(saga);
        var words = BookingWords.Of(stage);
        var paying = PayerIsAwaited(saga);
        var open = paying && saga!.Payments is [.., { Standing: PaymentStanding.Open } payment] ? payment : null;
        var waitingFor = (stage, open) switch
        {
            (BookingStage.AwaitingPayment, null) => BookingWords.AnotherPayment,
            (BookingStage.CaptureRecovery, not null) => BookingWords.ApprovalAfterTickets,
            _ => words.WaitingFor,
        };
        return new(
            booking.Id, booking.Locator, stage, waitingFor, waitingFor is null ? null : saga?.DeadlineAt, words.Then, open?.ApprovalLink, PriceChangeOf(saga),
            booking.PayLater ? PaymentTime.Later : PaymentTime.Now,
            MoneyOf(saga, saga?.Offer?.Total ?? booking.Offer.Total, found.GivenBack),
            [.. booking.Passengers.Select(passenger => new PassengerView(
                passenger.Id, passenger.Type, passenger.GivenName, passenger.Surname, $"{passenger.TicketSurname}/{passenger.TicketGivenName}",
                saga?.TicketNumbers.FirstOrDefault(ticket => ticket.PassengerId == passenger.Id)?.Number,
                [.. ((saga?.Offer ?? booking.Offer).Seats ?? []).Where(seat => seat.PassengerId == passenger.Id).OrderBy(seat => seat.SegmentOrdinal)
                    .Select(seat => PassengerSeatView.Of(seat, found.Moves))]))],
            booking.Offer.Segments,
            [new("aerona", booking.Locator), .. saga?.Locators ?? []],
            [.. (saga?.Documents ?? []).Select(document => new DocumentView(document.Kind, document.FileName))],
            saga?.FailedBecause is { } reason ? new(reason, saga.FailureDetail) : null,
            [.. cases.OrderBy(opened => opened.OpenedAt).Select(opened => new CaseView(opened.Kind, opened.Detail, opened.OpenedAt, opened.ClosedAt))],
            ActionsOf(saga), booking.SubmittedAt, booking.ClientReference);
    }

    public static BookingStage StageOf(BookingState? saga) => saga is null ? BookingStage.Submitted : Enum.Parse<BookingStage>(saga.CurrentState);

    public static MoneyView MoneyOf(BookingState? saga, Money total, IReadOnlyList<Money>? givenBack = null)
    {
        var payments = saga?.Payments ?? [];
        return new(
            total,
            Sum(payments.Where(payment => payment.Captured is null && payment.Standing != PaymentStanding.Closed).Select(payment => payment.Authorised)),
            Sum(payments.Select(payment => payment.Captured)),
            Sum(payments.Select(payment => payment.Refunded).Concat((givenBack ?? []).Select(amount => (Money?)amount))));

        Money Sum(IEnumerable<Money?> amounts) => amounts.OfType<Money>().Sum(total.Currency);
    }

    // Parked while the traveller was to pay again: a payment still helps.
    private static bool PayerIsAwaited(BookingState? saga) => saga is not null
        && (StageOf(saga) == BookingStage.ParkedForStaff ? Enum.Parse<BookingStage>(saga.ParkedFrom!) : StageOf(saga)) is BookingStage.AwaitingPayment or BookingStage.CaptureRecovery;

    private static PriceChangeView? PriceChangeOf(BookingState? saga) => saga is { NewPrice: { } asked, DeadlineAt: { } until } && StageOf(saga) == BookingStage.AwaitingPriceDecision
        ? new(asked.Offer.OfferId, asked.OldTotal, asked.Offer.Total, asked.Offer.Total - asked.OldTotal, until)
        : null;

    private IReadOnlyList<BookingAction> ActionsOf(BookingState? saga)
    {
        List<BookingAction> actions = [];
        if (saga is null || machine.MayCancel(saga))
        {
            actions.Add(BookingAction.Cancel);
        }

        if (saga is not null && machine.MayAskForCancellation(saga))
        {
            actions.Add(BookingAction.QuoteCancellation);
        }

        if (saga is not null && machine.MayRetryPayment(saga))
        {
            actions.Add(BookingAction.RetryPayment);
        }

        if (saga is not null && machine.MayDecidePrice(saga))
        {
            actions.Add(BookingAction.DecidePrice);
        }

        return actions;
    }
}
