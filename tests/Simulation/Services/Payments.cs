using Aerona.Contracts;
using Aerona.Contracts.Payments;

namespace Aerona.Simulation.Services;

/// <summary>In the order of the product's own; a payment only moves down.</summary>
internal enum PaymentState
{
    Opening,
    Opened,
    Approved,
    UnderReview,
    Authorized,
    CaptureRefused,
    CapturePending,
    NotPossible,
    Declined,
    Voided,
    Captured,
}

/// <summary>PayPal tells that something happened to a payment; a hint, of no more meaning than "look".</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">What it is about.</param>
/// <param name="Number">Which of its events: one that was looked at is not looked at again.</param>
internal sealed record PayPalEvent(Guid BookingId, Guid PaymentId, int Number);

/// <summary>An event that is looked at, or was.</summary>
internal sealed record EventRow(int Number, Intent Intent);

/// <summary>The ledger's sums of a payment: the first three 0 or 1 whole price, the last in minor units.</summary>
internal readonly record struct Ledger(int Authorised, int Voided, int Captured, long RefundedMinor);

/// <summary>How far a refund got here.</summary>
internal enum RefundState
{
    Open,
    Pending,
    Done,
    Refused,
}

/// <summary>Money to be given back.</summary>
internal sealed record RefundRow(Guid Id, Money Amount, RefundState State, string? Reason = null, bool TakenByPayPal = false, Intent Intent = default);

/// <summary>An attempt to pay: our row, our intents, our ledger, and PayPal's book.</summary>
/// <param name="Exists">Whether our row was written; intents can be closed before.</param>
/// <param name="Reserved">Whether our row knows the reserved amount.</param>
/// <param name="Renewed">Whether our row knows the renewal.</param>
/// <param name="Events">Intents of looks at events.</param>
internal sealed record PaymentRow(
    Guid Id, Guid BookingId, bool Exists = false, Money Price = default, PaymentState State = PaymentState.Opening, bool Closed = false, string? Reason = null,
    bool HasOrder = false, bool HasAuthorisation = false, bool Reserved = false, bool HasCapture = false, int VoidTries = 0, bool Renewed = false,
    DateTimeOffset HonouredUntil = default, Intent Open = default, Intent Authorize = default, Intent Capture = default, Intent Void = default,
    Intent LookUp = default, Intent Renew = default, Intent CaptureRenewed = default, Ledger Ledger = default, PayPalBook? Book = null,
    EventRow[]? Events = null, RefundRow[]? Refunds = null)
{
    public RefundRow? RefundOf(Guid id) => Array.Find(Refunds ?? [], refund => refund.Id == id);

    public PaymentRow WithRefund(RefundRow refund) => this with
    {
        Refunds = RefundOf(refund.Id) is null ? [.. Refunds ?? [], refund] : [.. Refunds!.Select(known => known.Id == refund.Id ? refund : known)],
    };

    /// <summary>Taken and not promised back, in minor units.</summary>
    public long RefundableMinor =>
        (State == PaymentState.Captured ? Price.MinorUnits : 0) - (Refunds ?? []).Where(refund => refund.State != RefundState.Refused).Sum(refund => refund.Amount.MinorUnits);

    /// <summary>A renewed reservation is another thing to take from: another call, with another key.</summary>
    public Intent Taking() => Renewed ? CaptureRenewed : Capture;

    public PaymentRow WithTaking(Intent intent) => Renewed ? this with { CaptureRenewed = intent } : this with { Capture = intent };

    public Intent EventOf(int number) => Array.Find(Events ?? [], row => row.Number == number)?.Intent ?? default;

    /// <summary>One that is open and that nobody looks at any more is as good as none.</summary>
    public PaymentRow WithEvent(int number, Intent intent, DateTimeOffset now)
    {
        var rest = (Events ?? []).Where(row => row.Number != number);
        return this with { Events = [.. intent.State == IntentState.Done || intent.IsBusy(now) ? rest.Append(new(number, intent)).OrderBy(row => row.Number) : rest] };
    }

    public PayPalBook PayPal => Book ?? Empty;

    public bool HoldsMoney => HasAuthorisation && State is PaymentState.UnderReview or PaymentState.Authorized or PaymentState.CaptureRefused or PaymentState.CapturePending;

    private static readonly PayPalBook Empty = new();
}

/// <summary>Payments and PayPal (services/Payments): only what the consumers say and keep; a test compares the two.</summary>
/// <param name="bug">What is wrong with this model.</param>
/// <param name="refundsMayFail">Whether PayPal may refuse a refund or let it wait; when not it makes every one that it is asked for.</param>
internal sealed class Payments(Bug bug, bool refundsMayFail = false) : IService
{
    /// <summary>PayPal:Timeout.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Looks after an authorisation that may still come.</summary>
    private const int MostLooks = 100;

    public PaymentRow[] Rows { get; private set; } = [];

    public Payments Clone() => (Payments)MemberwiseClone();

    public Taken Take(object message, DateTimeOffset now) => message switch
    {
        OpenPayment open => Take(open, now),
        AuthorizePayment authorize => Take(authorize, now),
        LookUpPayment look => Take(look, now),
        CapturePayment capture => Take(capture, now),
        VoidPayment undo => Take(undo, now),
        RefundPayment refund => Take(refund, now),
        ReauthorizePayment renew => Take(renew, now),
        PayPalEvent seen => Take(seen, now),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "is not for Payments"),
    };

    public IReadOnlyList<Outcome> Answers(object message, object plan)
    {
        var book = Row(Key(message)).PayPal;
        var decides = message switch
        {
            AuthorizePayment => ((Plan)plan).Key != book.AuthoriseKey && book.Order == PayPalOrder.Approved,
            LookUpPayment => ((Plan)plan).LostAuthorize is { } key && key != book.AuthoriseKey && book.Show().Standing == Standing.Approved,
            ReauthorizePayment => MayRenew(book),
            CapturePayment => ((Plan)plan).Key != book.CaptureKey && book.Authorisation == Authorisation.Created,
            _ => false,
        };
        return message switch
        {
            LookUpPayment when ((Plan)plan).LostRenewal && MayRenew(book) => [Outcome.Ok, Outcome.Denied, Outcome.LostAfter, Outcome.LostBefore],
            LookUpPayment when ((Plan)plan).LostCapture is { } key && key != book.CaptureKey && book is { Authorisation: Authorisation.Created, Capture: Capture.None } =>
                [Outcome.Ok, Outcome.Denied, Outcome.Pending, Outcome.LostAfter, Outcome.LostBefore],
            AuthorizePayment or CapturePayment or LookUpPayment when decides => [Outcome.Ok, Outcome.Denied, Outcome.Pending, Outcome.LostAfter, Outcome.LostBefore],
            ReauthorizePayment when decides => [Outcome.Ok, Outcome.Denied, Outcome.LostAfter, Outcome.LostBefore],
            RefundPayment refund when refundsMayFail && !((Plan)plan).Shows && !Array.Exists(book.Refunds ?? [], known => known.Id == refund.RefundId && known.Key == ((Plan)plan).Key) =>
                [Outcome.Ok, Outcome.Denied, Outcome.Pending, Outcome.LostAfter, Outcome.LostBefore],
            RefundPayment when ((Plan)plan).Shows => [Outcome.Ok, Outcome.LostBefore],
            OpenPayment when book.Order == PayPalOrder.None => [Outcome.Ok, Outcome.Denied, Outcome.LostAfter, Outcome.LostBefore],
            LookUpPayment or PayPalEvent => [Outcome.Ok, Outcome.LostBefore],
            _ => [Outcome.Ok, Outcome.LostAfter, Outcome.LostBefore],
        };
    }

    public IReadOnlyList<Sent> Finish(object message, object plan, Outcome outcome, DateTimeOffset now)
    {
        var how = (Plan)plan;
        return message switch
        {
            OpenPayment open => Record(open, Said(outcome, () => Make(open, how, outcome)), now, called: true),
            AuthorizePayment authorize => Record(authorize, Said(outcome, () => Reserve(authorize.PaymentId, how.Key, outcome, now)), now, called: true),
            LookUpPayment look => Record(look, Said(outcome, () => Look(look, how, outcome, now)), how, now, called: true),
            CapturePayment capture => Record(capture, Said(outcome, () => Collect(capture.PaymentId, how.Key, outcome)), now, called: true),
            VoidPayment undo => Record(undo, Said(outcome, () => GiveBack(undo, how.Key)), how, now, called: true),
            RefundPayment refund => Record(refund, outcome == Outcome.LostBefore ? new(null) : PayBack(refund, how, outcome) is var said && outcome == Outcome.LostAfter ? new(null) : said, now),
            ReauthorizePayment renew => Record(renew, Said(outcome, () => Renew(renew.PaymentId, outcome, now)), now, called: true),
            PayPalEvent seen => Record(seen, Said(outcome, () => Row(seen.PaymentId).PayPal.Show()), now),
            _ => throw new ArgumentOutOfRangeException(nameof(message), message, "calls nobody"),
        };
    }

    public void Die(object message, object plan, bool reached, DateTimeOffset now)
    {
        if (!reached)
        {
            return;
        }

        var how = (Plan)plan;
        switch (message)
        {
            case OpenPayment open:
                Make(open, how, Outcome.Ok);
                break;
            case AuthorizePayment authorize:
                Reserve(authorize.PaymentId, how.Key, Outcome.Ok, now);
                break;
            case LookUpPayment look:
                Look(look, how, Outcome.Ok, now);
                break;
            case CapturePayment capture:
                Collect(capture.PaymentId, how.Key, Outcome.Ok);
                break;
            case VoidPayment undo:
                GiveBack(undo, how.Key);
                break;
            case ReauthorizePayment renew:
                Renew(renew.PaymentId, Outcome.Ok, now);
                break;
            case RefundPayment refund:
                PayBack(refund, how, Outcome.Ok);
                break;
        }
    }

    /// <summary>The payer approves at PayPal.</summary>
    public void Approve(Guid paymentId) => Put(Row(paymentId) with { Book = Row(paymentId).PayPal with { Order = PayPalOrder.Approved } });

    /// <summary>PayPal ends its examination.</summary>
    public void DecideReview(Guid paymentId, bool accept) =>
        Put(Row(paymentId) with { Book = Row(paymentId).PayPal with { Authorisation = accept ? Authorisation.Created : Authorisation.Denied } });

    /// <summary>PayPal decides a pending capture.</summary>
    public void DecideCapture(Guid paymentId, bool accept) =>
        Put(Row(paymentId) with { Book = Row(paymentId).PayPal with { Capture = accept ? Capture.Completed : Capture.Declined } });

    /// <summary>PayPal makes a refund that it had taken, or gives it up.</summary>
    public void DecideRefund(Guid paymentId, Guid refundId, bool accept)
    {
        var book = Row(paymentId).PayPal;
        var refunds = book.Refunds!.Select(refund => refund.Id == refundId && refund.State == GivingBack.Pending
            ? refund with { State = accept ? GivingBack.Made : GivingBack.Failed } : refund);
        Put(Row(paymentId) with { Book = book with { Refunds = [.. refunds] } });
    }

    private static TimeSpan Limit(int calls) => (Timeout * (calls + 1)) + TimeSpan.FromSeconds(5);

    private static TimeSpan Lease(int calls) => Limit(calls) + TimeSpan.FromSeconds(10);

    private static Guid Key(object message) => message switch
    {
        OpenPayment open => open.PaymentId,
        AuthorizePayment authorize => authorize.PaymentId,
        LookUpPayment look => look.PaymentId,
        CapturePayment capture => capture.PaymentId,
        VoidPayment undo => undo.PaymentId,
        RefundPayment refund => refund.PaymentId,
        ReauthorizePayment renew => renew.PaymentId,
        PayPalEvent seen => seen.PaymentId,
        _ => default,
    };

    /// <summary>What is about to be called.</summary>
    /// <param name="Key">Idempotency key.</param>
    /// <param name="LostAuthorize">Key of an authorisation whose answer is lost, to be repeated.</param>
    /// <param name="LostRenewal">Whether a renewal's answer is lost, and it is to be repeated.</param>
    /// <param name="LostCapture">Key of a capture whose answer is lost.</param>
    /// <param name="Shows">Whether a refund that PayPal took is only looked at.</param>
    private sealed record Plan(
        string Call, int Key = 0, int? LostAuthorize = null, bool LostRenewal = false, int? LostCapture = null, bool MayStillCome = false, bool Shows = false);

    private static bool MayRenew(PayPalBook book) => book is { Authorisation: Authorisation.Created, Capture: Capture.None, Renewed: false, RenewRefused: false };

    // Of a renewed reservation's capture: keys of its own.
    private static int CaptureKey(PaymentRow row) => row.Taking().Requests + (row.Renewed ? 100 : 0);

    private static Facts Said(Outcome outcome, Func<Facts> call)
    {
        if (outcome == Outcome.LostBefore)
        {
            return new(Standing.Unknown);
        }

        var said = call();
        return outcome == Outcome.LostAfter ? new(Standing.Unknown) : said;
    }

    // --- taking: the first transaction

    private Taken Take(OpenPayment open, DateTimeOffset now)
    {
        var row = Row(open.PaymentId, open.BookingId);
        if (!row.Exists)
        {
            row = row with { Exists = true, Price = open.Price, BookingId = open.BookingId };
            Put(row);
        }

        if (row.Closed || row.Open.State == IntentState.Closed)
        {
            return Known(Record(open, new(Standing.Declined, "payment.closed"), now, called: false));
        }

        return row.Open switch
        {
            { State: IntentState.Done } done => Known(Record(open, (Facts)done.Answer!, now, called: false)),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(row with { Open = free.Note(now, Lease(1), bug == Bug.NewRequestId) }, after => new("open", after.Open.Requests), 1),
        };
    }

    private Taken Take(AuthorizePayment authorize, DateTimeOffset now)
    {
        var row = Row(authorize.PaymentId, authorize.BookingId);
        if (row.Exists && row.State >= PaymentState.UnderReview && row.State != PaymentState.NotPossible)
        {
            return Known(Record(authorize, new(Standing.Approved), now, called: false));
        }

        if (!row.Exists || row.Closed || row.State == PaymentState.NotPossible)
        {
            return Known(Record(authorize, new(Standing.Declined, "payment.closed"), now, called: false));
        }

        if (!row.HasOrder)
        {
            return Known(Record(authorize, new(Standing.Declined, "payment.not_approved"), now, called: false));
        }

        return row.Authorize switch
        {
            { State: IntentState.Closed } => Known(Record(authorize, new(Standing.Declined, "payment.closed"), now, called: false)),
            { State: IntentState.Done } done => Known(Record(authorize, (Facts)done.Answer!, now, called: false)),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(row with { Authorize = free.Note(now, Lease(2), bug == Bug.NewRequestId) }, after => new("authorize", after.Authorize.Requests), 2),
        };
    }

    private Taken Take(LookUpPayment look, DateTimeOffset now)
    {
        var row = Row(look.PaymentId, look.BookingId);
        if (!row.Exists)
        {
            if (!look.CloseIfAbsent)
            {
                return Known([]);
            }

            if (bug != Bug.LookUpDoesNotClose)
            {
                Put(row with { Open = row.Open.CloseIfAbsent(now) });
            }

            return Known(Record(look, new(Standing.Absent), new("look"), now, called: false));
        }

        var none = row.Authorize.State == IntentState.None;
        if (look.CloseIfAbsent && none && bug != Bug.LookUpDoesNotClose)
        {
            row = row with { Authorize = row.Authorize.CloseIfAbsent(now), Closed = row.Closed || !row.HasAuthorisation };
        }

        Put(row);
        var denied = look.CloseIfAbsent && none && bug == Bug.LookUpDoesNotClose;
        if ((row.Closed || denied) && !row.HasAuthorisation && row.State < PaymentState.UnderReview && row.Authorize.State is IntentState.None or IntentState.Closed)
        {
            return Known(Record(look, new(Standing.Absent), new("look"), now, called: false));
        }

        if (row is { HasOrder: false, State: PaymentState.Opening })
        {
            return Known([]);
        }

        if (!row.HasOrder || row.State is PaymentState.NotPossible or PaymentState.Declined or PaymentState.Voided or PaymentState.Captured)
        {
            return Known(Record(look, new(Standing.Approved), new("look"), now, called: false));
        }

        var busyUntil = new[] { row.Authorize, row.Renew, row.Taking() }.Where(intent => intent.IsOpen).Select(intent => intent.LeaseUntil).DefaultIfEmpty().Max();
        if (busyUntil > now)
        {
            return new Taken.Later(busyUntil);
        }

        var plan = new Plan("look");
        if (row.Authorize.IsOpen && row is { Closed: false, HasAuthorisation: false })
        {
            var intent = row.Authorize.Note(now, Lease(5), bug == Bug.NewRequestId);
            plan = plan with { LostAuthorize = intent.Requests };
            row = row with { Authorize = intent };
        }

        if (row is { Closed: false, State: PaymentState.Authorized, Renewed: false, Renew.IsOpen: true })
        {
            plan = plan with { LostRenewal = true };
            row = row with { Renew = row.Renew.Note(now, Lease(5)) };
        }
        else if (row is { Closed: false, State: PaymentState.Authorized } && row.Taking().IsOpen)
        {
            row = row.WithTaking(row.Taking().Note(now, Lease(5), bug == Bug.NewRequestId));
            plan = plan with { LostCapture = CaptureKey(row) };
        }

        if (row.LookUp.IsBusy(now))
        {
            // What was marked before stays marked: it is one transaction.
            Put(row);
            return new Taken.Later(row.LookUp.LeaseUntil);
        }

        return Calls(row with { LookUp = row.LookUp.Note(now, Lease(5)) }, _ => plan, 5);
    }

    private Taken Take(CapturePayment capture, DateTimeOffset now)
    {
        var row = Row(capture.PaymentId, capture.BookingId);
        switch (row)
        {
            case { Exists: true, State: PaymentState.Captured or PaymentState.CapturePending or PaymentState.CaptureRefused }:
                return Known(Record(capture, new(Standing.Approved), now, called: false));
            case { Exists: false } or { Closed: true }:
                return Known(Record(capture, new(Standing.CaptureRefused, "payment.closed"), now, called: false));
            case { State: not PaymentState.Authorized }:
                return Known(Record(capture, new(Standing.CaptureRefused, "payment.not_authorized"), now, called: false));
            case var other when other.Price != capture.Price:
                return Known(Record(capture, new(Standing.CaptureRefused, "payment.amount_mismatch"), now, called: false));
            case { Renewed: false } renewing when renewing.Renew.IsBusy(now):
                return new Taken.Later(renewing.Renew.LeaseUntil);
        }

        return row.Taking() switch
        {
            { State: IntentState.Closed } => Known(Record(capture, new(Standing.CaptureRefused, "payment.closed"), now, called: false)),
            { State: IntentState.Done } done => Known(Record(capture, (Facts)done.Answer!, now, called: false)),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(row.WithTaking(free.Note(now, Lease(2), bug == Bug.NewRequestId)), after => new("capture", CaptureKey(after)), 2),
        };
    }

    private Taken Take(VoidPayment undo, DateTimeOffset now)
    {
        var row = Row(undo.PaymentId, undo.BookingId);
        row = row with
        {
            Closed = row.Closed || row.Exists,
            Open = row.Open.CloseIfAbsent(now),
            Authorize = row.Authorize.CloseIfAbsent(now),
            Renew = row.Renew.CloseIfAbsent(now),
            Capture = row.Capture.CloseIfAbsent(now),
            CaptureRenewed = row.CaptureRenewed.CloseIfAbsent(now),
        };
        Put(row);
        var open = new[] { row.Open, row.Authorize, row.Renew, row.Capture, row.CaptureRenewed }.Where(intent => intent.IsOpen).ToList();
        var busy = open.Select(intent => intent.LeaseUntil).DefaultIfEmpty().Max();
        if (busy > now && bug != Bug.VoidDuringAuthorise)
        {
            return new Taken.Later(busy);
        }

        var mayStillCome = row.Authorize.IsOpen && row is { Exists: true, State: < PaymentState.UnderReview } && bug != Bug.VoidDuringAuthorise;
        if (!row.Exists || !row.HasOrder || (!row.HoldsMoney && !mayStillCome))
        {
            var known = !row.Exists ? Standing.Absent : row.State switch
            {
                PaymentState.Voided => Standing.Voided,
                PaymentState.Captured => Standing.Captured,
                _ => Standing.Absent,
            };
            return Known(Record(undo, new(known), new("void", MayStillCome: mayStillCome), now, called: false));
        }

        if (row.Void.IsBusy(now))
        {
            return new Taken.Later(row.Void.LeaseUntil);
        }

        var intent = row.Void.Note(now, Lease(3));
        return Calls(row with { Void = intent }, _ => new("void", intent.Requests, MayStillCome: mayStillCome), 3);
    }

    private Taken Take(RefundPayment refund, DateTimeOffset now)
    {
        var row = Row(refund.PaymentId, refund.BookingId);
        if (row.RefundOf(refund.RefundId) is not { } known)
        {
            var reason = row is not { Exists: true, HasCapture: true, State: PaymentState.Captured } ? "refund.not_captured"
                : refund.Amount.Currency != row.Price.Currency || refund.Amount.MinorUnits <= 0 ? "refund.refused"
                : refund.Amount.MinorUnits > row.RefundableMinor ? "refund.too_much"
                : null;
            known = new(refund.RefundId, refund.Amount, reason is null ? RefundState.Open : RefundState.Refused, reason);
            row = row.WithRefund(known);
            Put(row);
        }

        if (known.State is RefundState.Done or RefundState.Refused)
        {
            return Known(Told(refund, known, now));
        }

        return known.Intent switch
        {
            { State: IntentState.Done } => Known(Told(refund, known, now)),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(
                row.WithRefund(known with { Intent = free.Note(now, Lease(1), bug == Bug.NewRequestId) }),
                after => new("refund", after.RefundOf(refund.RefundId)!.Intent.Requests, Shows: known.TakenByPayPal), 1),
        };
    }

    private Taken Take(ReauthorizePayment renew, DateTimeOffset now)
    {
        var row = Row(renew.PaymentId, renew.BookingId);
        switch (row)
        {
            case { Exists: false } or { Closed: true, State: < PaymentState.CapturePending }:
                return Known(Record(renew, new(Standing.Declined, "payment.closed"), now, called: false));
            case { State: not PaymentState.Authorized }:
            case var honoured when honoured.HonouredUntil > now:
                return Known(Record(renew, new(Standing.Approved), now, called: false));
            case { Renewed: true }:
                return Known(Record(renew, new(Standing.Declined, "payment.declined"), now, called: false));
            case var taking when taking.Capture.IsBusy(now):
                return new Taken.Later(taking.Capture.LeaseUntil);
        }

        return row.Renew switch
        {
            { State: IntentState.Closed } => Known(Record(renew, new(Standing.Declined, "payment.closed"), now, called: false)),
            { State: IntentState.Done } done => Known(Record(renew, (Facts)done.Answer!, now, called: false)),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(row with { Renew = free.Note(now, Lease(3)) }, _ => new("renew"), 3),
        };
    }

    private Taken Take(PayPalEvent seen, DateTimeOffset now)
    {
        var row = Row(seen.PaymentId);
        return row.EventOf(seen.Number) switch
        {
            { State: IntentState.Done } => Known([]),
            var busy when busy.IsBusy(now) => new Taken.Later(busy.LeaseUntil),
            var free => Calls(row.WithEvent(seen.Number, free.Note(now, Lease(6)), now), _ => new("event"), 6),
        };
    }

    // --- calling: what PayPal does

    private Facts Renew(Guid paymentId, Outcome outcome, DateTimeOffset now)
    {
        var row = Row(paymentId);
        if (row.PayPal.Show() is { } shown && (shown.Standing != Standing.Authorized || shown.Renewed))
        {
            return shown;       // a capture whose answer was lost is found here
        }

        var (book, said) = row.PayPal.Renew(outcome, now);
        Put(row with { Book = book });
        return said;
    }

    private Facts Make(OpenPayment open, Plan plan, Outcome outcome)
    {
        var row = Row(open.PaymentId);
        if (outcome == Outcome.Denied)
        {
            return new(Standing.Declined, "payment.refused");
        }

        // Another key, another order; an order takes no money, so that one lapses.
        var book = row.PayPal;
        Put(row with { Book = book with { Order = book.Order == PayPalOrder.None ? PayPalOrder.Created : book.Order, Orders = Math.Max(book.Orders, plan.Key), PriceMinor = open.Price.MinorUnits } });
        return new(Standing.Opened);
    }

    private Facts Reserve(Guid paymentId, int key, Outcome outcome, DateTimeOffset now)
    {
        var row = Row(paymentId);
        var (book, said) = row.PayPal.Authorise(key, outcome, now);
        Put(row with { Book = book });
        return said;
    }

    private Facts Collect(Guid paymentId, int key, Outcome outcome)
    {
        var row = Row(paymentId);
        var (book, said) = row.PayPal.Take(key, outcome);
        Put(row with { Book = book });
        return said;
    }

    private Facts Look(LookUpPayment look, Plan plan, Outcome outcome, DateTimeOffset now)
    {
        var said = Row(look.PaymentId).PayPal.Show();
        if (said.Standing == Standing.Approved && plan.LostAuthorize is { } authorize)
        {
            said = Reserve(look.PaymentId, authorize, outcome, now);
        }

        if (said is { Standing: Standing.Authorized, Renewed: false } && plan.LostRenewal)
        {
            return Renew(look.PaymentId, outcome, now);
        }

        return said.Standing == Standing.Authorized && plan.LostCapture is { } capture ? Collect(look.PaymentId, capture, outcome) : said;
    }

    private Facts GiveBack(VoidPayment undo, int key)
    {
        var row = Row(undo.PaymentId);
        if (!row.HasAuthorisation && row.PayPal.Show() is { Standing: not (Standing.Authorized or Standing.UnderReview or Standing.CaptureRefused) } shown)
        {
            return shown;
        }

        var (book, said) = row.PayPal.Void(key);
        Put(row with { Book = book });
        return said;
    }

    private RefundFacts PayBack(RefundPayment refund, Plan plan, Outcome outcome)
    {
        if (plan.Shows)
        {
            return Row(refund.PaymentId).PayPal.ShowRefund(refund.RefundId);
        }

        var (book, said) = Row(refund.PaymentId).PayPal.Refund(refund.RefundId, plan.Key, refund.Amount.MinorUnits, outcome);
        Put(Row(refund.PaymentId) with { Book = book });
        return said;
    }

    // --- recording: the last transaction

    private IReadOnlyList<Sent> Record(OpenPayment open, Facts answer, DateTimeOffset now, bool called)
    {
        var row = Row(open.PaymentId);
        if (called)
        {
            row = row with { Open = answer.Standing == Standing.Unknown ? row.Open.Free(now) : row.Open.Free(now, answer.Kept()) };
        }

        var sent = new List<Sent>();
        switch (answer.Standing)
        {
            case Standing.Opened:
                row = Learn(row with { HasOrder = true }, answer, sent, now);
                break;
            case Standing.Declined:
                if (row.State == PaymentState.Opening)
                {
                    row = row with { State = PaymentState.NotPossible, Reason = answer.Reason, Closed = true };
                }

                break;
            default:
                Put(row);
                return [];
        }

        Put(row);
        if (row is { Closed: true, State: PaymentState.Opened })
        {
            return [.. sent, new(new PaymentNotPossible(row.BookingId, row.Id, "payment.closed"))];
        }

        Tell(row, sent, now);
        return sent;
    }

    private IReadOnlyList<Sent> Record(AuthorizePayment authorize, Facts answer, DateTimeOffset now, bool called)
    {
        var row = Row(authorize.PaymentId, authorize.BookingId);
        if (called)
        {
            row = row with { Authorize = answer.Standing is Standing.Unknown or Standing.UnderReview ? row.Authorize.Free(now) : row.Authorize.Free(now, answer.Kept()) };
            Put(row);
        }

        if (answer.Standing == Standing.Unknown)
        {
            return [];
        }

        if (!row.Exists || answer.Reason == "payment.closed")
        {
            return [new(new PaymentDeclined(authorize.BookingId, authorize.PaymentId, "payment.closed"))];
        }

        var sent = new List<Sent>();
        row = Learn(row, answer, sent, now);
        Put(row);
        Tell(row, sent, now);
        return sent;
    }

    private IReadOnlyList<Sent> Record(LookUpPayment look, Facts answer, Plan plan, DateTimeOffset now, bool called)
    {
        var row = Row(look.PaymentId, look.BookingId);
        if (called)
        {
            row = row with
            {
                LookUp = row.LookUp.Free(now),
                Authorize = plan.LostAuthorize is null ? row.Authorize : row.Authorize with { LeaseUntil = now },
                Renew = plan.LostRenewal ? row.Renew with { LeaseUntil = now } : row.Renew,
            };
            row = plan.LostCapture is null ? row : row.WithTaking(row.Taking() with { LeaseUntil = now });
            Put(row);
        }

        if (answer.Standing == Standing.Unknown)
        {
            return [];
        }

        if (answer.Standing == Standing.Absent && !(row.Exists && row.HoldsMoney))
        {
            if (row.Exists && bug != Bug.LookUpDoesNotClose)
            {
                Put(row with { Closed = true });
            }

            return [new(new PaymentAbsent(look.BookingId, look.PaymentId, look.LookUp))];
        }

        var sent = new List<Sent>();
        row = plan.LostRenewal ? LearnOfRenewal(row, answer, sent, now) : Learn(row, answer, sent, now);
        Put(row);
        Tell(row, sent, now);
        return sent;
    }

    private IReadOnlyList<Sent> Record(ReauthorizePayment renew, Facts answer, DateTimeOffset now, bool called)
    {
        var row = Row(renew.PaymentId, renew.BookingId);
        if (called)
        {
            row = row with { Renew = answer.Renewed || answer.Standing == Standing.Declined ? row.Renew.Free(now, answer.Kept()) : row.Renew.Free(now) };
            Put(row);
        }

        if (answer.Standing is Standing.Unknown or Standing.Absent)
        {
            return [];
        }

        if (!row.Exists || answer.Reason == "payment.closed")
        {
            return [new(new PaymentDeclined(renew.BookingId, renew.PaymentId, "payment.closed"))];
        }

        var sent = new List<Sent>();
        row = LearnOfRenewal(row, answer, sent, now);
        Put(row);
        Tell(row, sent, now);
        return sent;
    }

    private IReadOnlyList<Sent> Record(CapturePayment capture, Facts answer, DateTimeOffset now, bool called)
    {
        var row = Row(capture.PaymentId, capture.BookingId);
        if (called)
        {
            row = row.WithTaking(answer.Standing is Standing.Captured or Standing.CaptureRefused ? row.Taking().Free(now, answer.Kept()) : row.Taking().Free(now));
            Put(row);
        }

        if (answer.Standing == Standing.Unknown)
        {
            return [];
        }

        if (!row.Exists || answer is { Standing: Standing.CaptureRefused, Reason: not "payment.capture_refused" })
        {
            return [new(new CaptureRefused(capture.BookingId, capture.PaymentId, answer.Reason ?? "payment.closed"))];
        }

        var sent = new List<Sent>();
        row = Learn(row, answer, sent, now);
        Put(row);
        Tell(row, sent, now);
        return sent;
    }

    private IReadOnlyList<Sent> Record(VoidPayment undo, Facts answer, Plan plan, DateTimeOffset now, bool called)
    {
        var row = Row(undo.PaymentId, undo.BookingId);
        if (called)
        {
            row = row with { Void = answer.Standing is Standing.Voided or Standing.Captured ? row.Void.Free(now, answer.Kept()) : row.Void.Free(now) };
            Put(row);
        }

        if (!row.Exists)
        {
            return [new(new PaymentVoided(undo.BookingId, undo.PaymentId, null))];
        }

        var sent = new List<Sent>();
        row = Learn(row, answer, sent, now);
        if (answer.Standing is Standing.CapturePending or Standing.CaptureRefused or Standing.Authorized or Standing.UnderReview)
        {
            // Asked again it is another call; of keys only whether it is the last one matters.
            row = row with { Void = new(IntentState.None, Requests: row.Void.Requests % 2) };
        }

        switch (answer.Standing)
        {
            case Standing.Captured:
                Tell(row, sent, now);
                row = row with { VoidTries = 0 };
                break;
            case Standing.CapturePending:
                Tell(row, sent, now);
                row = Again(row, undo, sent, now);
                break;
            case Standing.Voided:
                sent.Add(new(new PaymentVoided(row.BookingId, row.Id, row.State == PaymentState.Voided && row.Reserved ? row.Price : null)));
                row = row with { VoidTries = 0 };
                break;
            case Standing.Unknown or Standing.UnderReview or Standing.Authorized or Standing.CaptureRefused:
                row = Again(row, undo, sent, now);
                break;
            default:
                sent.Add(new(new PaymentVoided(row.BookingId, row.Id, null)));
                if (plan.MayStillCome && row.VoidTries < MostLooks)
                {
                    row = Again(row, undo, sent, now);
                }

                break;
        }

        Put(row);
        return sent;
    }

    private IReadOnlyList<Sent> Record(RefundPayment refund, RefundFacts answer, DateTimeOffset now)
    {
        var row = Row(refund.PaymentId);
        var known = row.RefundOf(refund.RefundId)!;
        known = known with { Intent = known.Intent.Free(now, answer.Standing is GivingBack.Made or GivingBack.Refused ? answer : null) };
        row = Learn(row, known, answer);
        Put(row);
        return Told(refund, row.RefundOf(refund.RefundId)!, now);
    }

    /// <summary>Takes over what PayPal says of a refund; what is settled stays so.</summary>
    private static PaymentRow Learn(PaymentRow row, RefundRow known, RefundFacts answer)
    {
        if (known.State is RefundState.Done or RefundState.Refused)
        {
            return row.WithRefund(known);
        }

        return answer.Standing switch
        {
            GivingBack.Pending => row.WithRefund(known with { State = RefundState.Pending, TakenByPayPal = true }),
            GivingBack.Made => row.WithRefund(known with { State = RefundState.Done, TakenByPayPal = true })
                with
            { Ledger = row.Ledger with { RefundedMinor = row.Ledger.RefundedMinor + known.Amount.MinorUnits } },
            GivingBack.Refused => row.WithRefund(known with { State = RefundState.Refused, Reason = answer.Reason }),
            _ => row.WithRefund(known),
        };
    }

    /// <summary>Never silence, but where PayPal has not said; what is not settled is asked again.</summary>
    private static IReadOnlyList<Sent> Told(RefundPayment refund, RefundRow known, DateTimeOffset now) => known.State switch
    {
        RefundState.Done => [new(new PaymentRefunded(refund.BookingId, refund.PaymentId, known.Id, known.Amount))],
        RefundState.Refused => [new(new RefundRefused(refund.BookingId, refund.PaymentId, known.Id, known.Reason!))],
        RefundState.Pending => [new(new RefundPending(refund.BookingId, refund.PaymentId, known.Id)), new(refund, now + TimeSpan.FromMinutes(1))],
        _ => [new(refund, now + TimeSpan.FromSeconds(5))],
    };

    private IReadOnlyList<Sent> Record(PayPalEvent seen, Facts answer, DateTimeOffset now)
    {
        var row = Row(seen.PaymentId);
        if (answer.Standing == Standing.Unknown)
        {
            Put(row.WithEvent(seen.Number, row.EventOf(seen.Number).Free(now), now));
            return [new(seen, now + TimeSpan.FromSeconds(5))];
        }

        var (before, renewed) = (row.State, row.Renewed);
        var sent = new List<Sent>();
        row = Learn(row.WithEvent(seen.Number, row.EventOf(seen.Number).Free(now, "seen"), now), answer, sent, now);
        row = LearnOfRefunds(row, sent);
        Put(row);
        if ((row.State != before || row.Renewed != renewed) && (!row.Closed || row.State > PaymentState.Approved))
        {
            Tell(row, sent, now);
        }

        return sent;
    }

    /// <summary>An event shows the refunds too: what became of ours is learnt and told, whoever asks next.</summary>
    private PaymentRow LearnOfRefunds(PaymentRow row, List<Sent> sent)
    {
        foreach (var booked in row.State == PaymentState.Captured ? row.PayPal.Refunds ?? [] : [])
        {
            if (booked.State == GivingBack.Refused || row.RefundOf(booked.Id) is not { } known || known.State is RefundState.Done or RefundState.Refused
                || (booked.State == GivingBack.Pending && known.State == RefundState.Pending))
            {
                continue;
            }

            row = Learn(row, known, row.PayPal.ShowRefund(booked.Id));
            sent.Add(row.RefundOf(booked.Id) switch
            {
                { State: RefundState.Done } done => new(new PaymentRefunded(row.BookingId, row.Id, done.Id, done.Amount)),
                { State: RefundState.Pending } => new(new RefundPending(row.BookingId, row.Id, booked.Id)),
                { } refused => new(new RefundRefused(row.BookingId, row.Id, booked.Id, refused.Reason!)),
                null => throw new InvalidOperationException("a refund is gone"),
            });
        }

        return row;
    }

    private static PaymentRow Again(PaymentRow row, VoidPayment undo, List<Sent> sent, DateTimeOffset now)
    {
        sent.Add(new(undo, now.AddSeconds(Math.Min(5 * Math.Pow(2, row.VoidTries), 900))));
        return row with { VoidTries = row.VoidTries + 1 };
    }

    /// <summary>Takes over what PayPal says; what is known already or older is left.</summary>
    private PaymentRow Learn(PaymentRow row, Facts facts, List<Sent> sent, DateTimeOffset now)
    {
        if (facts is { Standing: Standing.Declined, Reserved: true } && row.State is PaymentState.Authorized or PaymentState.CaptureRefused)
        {
            facts = facts with { Standing = Standing.Voided };      // what had been reserved is not any more
        }

        if (facts.Renewed && !row.Renewed && row.HoldsMoney)
        {
            row = row with { Renewed = true, HonouredUntil = facts.HonouredUntil };
        }

        switch (facts.Standing)
        {
            case Standing.Opened when row.State < PaymentState.Opened:
                return row with { State = PaymentState.Opened };
            case Standing.Approved when row.State < PaymentState.Approved:
                return row with { State = PaymentState.Approved };
            case Standing.UnderReview when row.State < PaymentState.UnderReview:
                row = row with { HasAuthorisation = facts.Reserved, State = PaymentState.UnderReview };
                VoidIfUnwanted(row, sent);
                return row;
            case Standing.Authorized when row.State is < PaymentState.Authorized or PaymentState.Declined:
                row = Reserve(row, facts, now) with { State = PaymentState.Authorized, Reason = null };
                VoidIfUnwanted(row, sent);
                return row;
            case Standing.Declined when row.State < PaymentState.Authorized:
                return row with { Reason = facts.Reason, Closed = true, State = PaymentState.Declined };
            case Standing.Voided when row.State is not (PaymentState.Voided or PaymentState.Captured) && facts.Reserved:
                row = Reserve(row, facts, now);
                return row with
                {
                    Reason = row.Closed ? row.Reason : "payment.voided",
                    Closed = true,
                    State = PaymentState.Voided,
                    Ledger = bug == Bug.VoidWithoutLedger ? row.Ledger : row.Ledger with { Voided = 1 },
                };
            case Standing.CaptureRefused when row.State < PaymentState.NotPossible && row.State != PaymentState.CaptureRefused:
                row = row with { Reason = facts.Reason, State = PaymentState.CaptureRefused };
                VoidIfUnwanted(row, sent);
                return row;
            case Standing.CapturePending when row.State < PaymentState.CaptureRefused:
                return Reserve(row, facts, now) with { HasCapture = true, State = PaymentState.CapturePending };
            case Standing.Captured when row.State != PaymentState.Captured && facts.Taken:
                row = Reserve(row, facts, now);
                return row with { HasCapture = true, State = PaymentState.Captured, Ledger = row.Ledger with { Captured = 1 } };
            default:
                return row;
        }
    }

    /// <summary>A renewal declined: the reservation is good for nothing any more, and goes back.</summary>
    private PaymentRow LearnOfRenewal(PaymentRow row, Facts facts, List<Sent> sent, DateTimeOffset now)
    {
        if (facts is not { Standing: Standing.Declined, Reserved: false } || row.State != PaymentState.Authorized)
        {
            return Learn(row, facts, sent, now);
        }

        if (!row.Closed)
        {
            row = row with { Reason = "payment.declined", Closed = true };
            VoidIfUnwanted(row, sent);
        }

        return row;
    }

    private static PaymentRow Reserve(PaymentRow row, Facts facts, DateTimeOffset now) => row.Reserved || !facts.Reserved
        ? row with { HasAuthorisation = row.HasAuthorisation || facts.Reserved }
        : row with { HasAuthorisation = true, Reserved = true, HonouredUntil = facts.HonouredUntil, Ledger = row.Ledger with { Authorised = 1 } };

    private static void VoidIfUnwanted(PaymentRow row, List<Sent> sent)
    {
        if (row.Closed)
        {
            sent.Add(new(new VoidPayment(row.BookingId, row.Id)));
        }
    }

    private static void Tell(PaymentRow row, List<Sent> sent, DateTimeOffset now)
    {
        object? told = row.State switch
        {
            PaymentState.Opened when !row.Closed => new PaymentOpened(row.BookingId, row.Id, $"https://pay.example/{row.Id:N}", $"{row.Id:N}"),
            PaymentState.Approved when !row.Closed => new PaymentApproved(row.BookingId, row.Id),
            PaymentState.UnderReview when !row.Closed => new PaymentUnderReview(row.BookingId, row.Id),
            PaymentState.Authorized when row is { Closed: true, Reason: not null } => new PaymentDeclined(row.BookingId, row.Id, row.Reason),
            PaymentState.Authorized => new PaymentAuthorized(row.BookingId, row.Id, row.Price, "AUTH", row.HonouredUntil, row.HonouredUntil.AddDays(26)),
            PaymentState.CapturePending => new CapturePending(row.BookingId, row.Id),
            PaymentState.CaptureRefused => new CaptureRefused(row.BookingId, row.Id, row.Reason ?? "payment.capture_refused"),
            PaymentState.Captured => new PaymentCaptured(row.BookingId, row.Id, row.Price, "CAP"),
            PaymentState.NotPossible => new PaymentNotPossible(row.BookingId, row.Id, row.Reason ?? "payment.refused"),
            PaymentState.Declined => new PaymentDeclined(row.BookingId, row.Id, row.Reason ?? "payment.declined"),
            PaymentState.Voided => new PaymentDeclined(row.BookingId, row.Id, row.Reason ?? "payment.closed"),
            PaymentState.Opened or PaymentState.Approved => new PaymentDeclined(row.BookingId, row.Id, "payment.closed"),
            _ => null,
        };
        if (told is not null)
        {
            sent.Add(new(told));
        }

        if (row.State == PaymentState.Voided)
        {
            sent.Add(new(new PaymentVoided(row.BookingId, row.Id, row.Reserved ? row.Price : null)));
        }
    }

    private static Taken Known(IReadOnlyList<Sent> sent) => new Taken.Done(sent);

    private Taken Calls(PaymentRow row, Func<PaymentRow, Plan> plan, int calls)
    {
        Put(row);
        return new Taken.Calls(plan(row), Limit(calls));
    }

    private PaymentRow Row(Guid id, Guid bookingId = default) => Array.Find(Rows, row => row.Id == id) ?? new(id, bookingId);

    private void Put(PaymentRow row)
    {
        var at = Array.FindIndex(Rows, known => known.Id == row.Id);
        Rows = at < 0 ? Rows.Plus(row) : Rows.With(at, row);
    }
}
