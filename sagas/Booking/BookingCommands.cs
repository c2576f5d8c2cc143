using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;

namespace Aerona.Sagas.Booking;

/// <summary>The commands of the states of <see cref="BookingStateMachine"/>. A state entered or repeated runs its command, so each of them is safe to run again.</summary>
internal static class BookingCommands
{
    internal static Task Nothing(BehaviorContext<BookingState> x) => Task.CompletedTask;

    internal static Task AskForThePrice(BehaviorContext<BookingState> x) => x.Publish(new PriceOffer(x.Saga.CorrelationId, x.Saga.OfferId));

    internal static Task TellTheNewPrice(BehaviorContext<BookingState> x) =>
        BookingSteps.Tell(x, BookingNewsKind.PriceChanged, x.Saga.DeadlineAt, x.Saga.NewPrice!.OldTotal);

    internal static Task AskForSeats(BehaviorContext<BookingState> x)
    {
        x.Saga.Mint(new HoldAttempt(x.Saga.Id("hold", x.Saga.Holds.Count + 1), HoldStanding.Asked));
        return x.Publish(new HoldSeats(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, x.Saga.OfferId, x.Saga.Passengers, x.Saga.PayLater, x.Saga.Contact));
    }

    internal static Task AskAboutTheHold(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpHold(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, NextLookUp(x.Saga)));

    // The last order goes on as long as the payer can approve it; otherwise this is a new try.
    internal static Task OpenThePayment(BehaviorContext<BookingState> x)
    {
        if (x.Saga.Payment is not { Standing: PaymentStanding.Asked or PaymentStanding.Open })
        {
            x.Saga.Mint(new PaymentAttempt(x.Saga.Id("payment", x.Saga.Payments.Count + 1), PaymentStanding.Asked));
        }

        var first = x.Saga.Offer!.Segments[0];
        var description = $"{first.Flight} {first.Origin}-{x.Saga.Offer.Segments[^1].Destination} {first.DepartsLocal:yyyy-MM-dd}";
        return x.Publish(new OpenPayment(x.Saga.CorrelationId, x.Saga.Payment!.PaymentId, x.Saga.Offer.Total, x.Saga.Locator, description, x.Saga.ReturnUrl));
    }

    // Webhooks get lost; and the payer is reminded once.
    internal static async Task AskAboutTheApproval(BehaviorContext<BookingState> x)
    {
        var (saga, machine) = (x.Saga, BookingSteps.Machine(x));
        if (saga.RemindedAt is null && machine.Now >= machine.ReminderAt(saga))
        {
            saga.RemindedAt = machine.Now;
            await BookingSteps.Tell(x, BookingNewsKind.PaymentDue, saga.PaymentUntil);
        }

        if (saga.Payment is { Standing: PaymentStanding.Open } open)
        {
            await x.Publish(new LookUpPayment(saga.CorrelationId, open.PaymentId, NextLookUp(saga), CloseIfAbsent: false));
        }
    }

    internal static Task PinTheSeats(BehaviorContext<BookingState> x) =>
        x.Publish(new PinSeats(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, x.Saga.Hold.Token ?? 0));

    internal static Task AuthorizeThePayment(BehaviorContext<BookingState> x)
    {
        x.Saga.Change(x.Saga.Payment!.PaymentId, payment => payment with { Standing = PaymentStanding.Authorising });
        return x.Publish(new AuthorizePayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId));
    }

    internal static Task AskAboutTheAuthorisation(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpPayment(x.Saga.CorrelationId, x.Saga.Payment!.PaymentId, NextLookUp(x.Saga), CloseIfAbsent: true));

    internal static Task TellThatThePaymentIsExamined(BehaviorContext<BookingState> x) => BookingSteps.Tell(x, BookingNewsKind.PaymentUnderReview);

    internal static Task MakeTheAirlineOrder(BehaviorContext<BookingState> x)
    {
        x.Saga.Mint(new OrderAttempt(x.Saga.Id("order", x.Saga.Orders.Count + 1), OrderStanding.Asked));
        return x.Publish(new CommitAirlineOrder(
            x.Saga.CorrelationId, x.Saga.Order!.OrderId, x.Saga.Hold!.HoldId, x.Saga.Hold.Token ?? 0, x.Saga.OfferId, x.Saga.Locator, x.Saga.Passengers, x.Saga.Contact));
    }

    internal static Task AskAboutTheOrder(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpAirlineOrder(x.Saga.CorrelationId, x.Saga.Order!.OrderId, NextLookUp(x.Saga)));

    internal static Task IssueTheTickets(BehaviorContext<BookingState> x) => x.Saga.TicketNumbers.Count == 0
        ? AskAboutTheOrder(x)
        : x.Publish(new IssueTickets(
            x.Saga.CorrelationId, x.Saga.Order!.OrderId, x.Saga.Locator, x.Saga.Locators, x.Saga.Owner, x.Saga.Offer!, x.Saga.Passengers, x.Saga.TicketNumbers));

    // The same id again while nothing was heard, for a day; then, and once PayPal said that it waits, asked about. What PayPal does not honour any more is renewed first.
    internal static Task CaptureThePayment(BehaviorContext<BookingState> x)
    {
        var (saga, machine, payment) = (x.Saga, BookingSteps.Machine(x), x.Saga.Payment!);
        if (payment.Standing is PaymentStanding.CapturePending or PaymentStanding.CaptureRefused)
        {
            return x.Publish(new LookUpPayment(saga.CorrelationId, payment.PaymentId, NextLookUp(saga), CloseIfAbsent: false));
        }

        if (payment.HonouredUntil <= machine.Now)
        {
            saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Capturing });
            return x.Publish(new ReauthorizePayment(saga.CorrelationId, payment.PaymentId));
        }

        return machine.Now < saga.EnteredAt + machine.Times.Capture
            ? CaptureAtOnce(x)
            : x.Publish(new LookUpPayment(saga.CorrelationId, payment.PaymentId, NextLookUp(saga), CloseIfAbsent: false));
    }

    internal static Task CaptureAtOnce(BehaviorContext<BookingState> x)
    {
        x.Saga.Change(x.Saga.Payment!.PaymentId, known => known with { Standing = PaymentStanding.Capturing });
        return x.Publish(new CapturePayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId, x.Saga.Offer!.Total));
    }

    /// <summary>What was refused is given back and the traveller asked for another payment; one that is under way goes on (staff had it tried again).</summary>
    internal static async Task AskToPayAgain(BehaviorContext<BookingState> x)
    {
        var (saga, payment) = (x.Saga, x.Saga.Payment!);
        if (payment.Standing is PaymentStanding.CaptureRefused)
        {
            await BookingSteps.VoidTheCurrentPayment(x);
        }
        else if (payment.Standing is not (PaymentStanding.Closed or PaymentStanding.Voiding))
        {
            await GoOnWithThePayment(x);
            return;
        }

        saga.PaymentsBefore = saga.Payments.Count;
        if (saga.CancelRequestedAt is null || saga.ParkedFrom == saga.CurrentState)     // staff know of the wish to cancel
        {
            await BookingSteps.Tell(x, BookingNewsKind.PayAgain, saga.DeadlineAt);
        }
    }

    /// <summary>The next step of the payment made after the tickets, or the one that was not answered again.</summary>
    internal static Task GoOnWithThePayment(BehaviorContext<BookingState> x) => x.Saga.Payment!.Standing switch
    {
        PaymentStanding.Asked => OpenThePayment(x),
        PaymentStanding.Open => x.Publish(new LookUpPayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId, NextLookUp(x.Saga), CloseIfAbsent: false)),
        PaymentStanding.Authorising => AskAboutTheAuthorisation(x),
        PaymentStanding.Capturing or PaymentStanding.CapturePending => CaptureThePayment(x),
        _ => Task.CompletedTask,
    };

    internal static Task StoreTheDocuments(BehaviorContext<BookingState> x) =>
        x.Publish(new StoreDocuments(x.Saga.CorrelationId, x.Saga.Order!.OrderId, Paid(x.Saga), x.Saga.Contact.Locale));

    /// <summary>Last first: the order, the money, the seats; every id that was ever minted and may still hold something.</summary>
    internal static async Task UndoEverything(BehaviorContext<BookingState> x)
    {
        var saga = x.Saga;
        foreach (var order in saga.Orders.Where(order => order.Standing != OrderStanding.Closed))
        {
            saga.Change(order.OrderId, known => known with { Standing = OrderStanding.Cancelling });
            await x.Publish(new CancelAirlineOrder(saga.CorrelationId, order.OrderId));
        }

        foreach (var payment in saga.Payments.Where(payment => payment.Standing != PaymentStanding.Closed))
        {
            if (payment.Captured is { } captured)
            {
                saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Refunding });
                await x.Publish(BookingSteps.Refund(saga, payment.PaymentId, captured));
                continue;
            }

            saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Voiding });
            await x.Publish(new VoidPayment(saga.CorrelationId, payment.PaymentId));
        }

        foreach (var hold in saga.Holds.Where(hold => hold.Standing != HoldStanding.Gone))
        {
            saga.Change(hold.HoldId, known => known with { Standing = HoldStanding.Releasing });
            await x.Publish(new ReleaseSeats(saga.CorrelationId, hold.HoldId, hold.Token));
        }
    }

    internal static async Task SayThatItIsConfirmed(BehaviorContext<BookingState> x)
    {
        var saga = x.Saga;
        await x.Publish(new BookingConfirmed(
            saga.CorrelationId, saga.Locator, saga.Locators, saga.Offer!, saga.Passengers, saga.Contact, saga.TicketNumbers, saga.Documents, Paid(saga),
            BookingSteps.Machine(x).Now));
        if (saga.CancelRequestedAt is not null)
        {
            await AskForACancellation(x);
        }
    }

    /// <summary>What the traveller wished before there was anything to cancel: a quote by mail, and nothing is cancelled by it.</summary>
    internal static Task AskForACancellation(BehaviorContext<BookingState> x)
    {
        x.Saga.OwnCancellations++;
        return x.Publish(Cancellation(x.Saga, BookingSteps.Machine(x).Now) with { TellByMail = true });
    }

    /// <summary>The tickets that nobody pays for are given back; the booking's lock is that cancellation's from the start.</summary>
    internal static Task AskToTakeTheTicketsBack(BehaviorContext<BookingState> x)
    {
        if (x.Saga.ServicedBy is null)
        {
            x.Saga.OwnCancellations++;
        }

        var cancellation = Cancellation(x.Saga, BookingSteps.Machine(x).Now) with { Unpaid = true };
        x.Saga.ServicedBy = cancellation.CancellationId;
        return x.Publish(cancellation);
    }

    private static CancellationRequested Cancellation(BookingState saga, DateTimeOffset now) => new(
        saga.CorrelationId, CancellationIds.From(saga.Id("cancellation", saga.OwnCancellations)), saga.Order!.OrderId, saga.Locator, null, CancellationCause.Voluntary, saga.Contact,
        saga.Offer!.Segments, null, saga.Servicings.Count, TellByMail: false, now);

    internal static Task SayThatItFailed(BehaviorContext<BookingState> x) => x.Publish(new BookingFailed(
        x.Saga.CorrelationId, x.Saga.Locator, x.Saga.CurrentState, x.Saga.FailedBecause!, x.Saga.FailureDetail,
        x.Saga.Payments.Any(payment => payment.Authorised is not null) ? MoneyState.AuthorisationVoided : MoneyState.NotCharged,
        x.Saga.Contact, BookingSteps.Machine(x).Now));

    private static Money Paid(BookingState saga) =>
        saga.Payment is { Standing: PaymentStanding.Captured, Captured: { } captured } ? captured : Money.Zero(saga.Offer!.Total.Currency);

    // A question that was not answered is asked again under its own number, so that only one is ever open.
    private static int NextLookUp(BookingState saga)
    {
        if (saga.LookUpAnswered)
        {
            saga.LookUp++;
            saga.LookUpAnswered = false;
        }

        return saga.LookUp;
    }
}
