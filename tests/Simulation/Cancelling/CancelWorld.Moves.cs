using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Cancellation;

namespace Aerona.Simulation.Cancelling;

/// <content>What may happen next, what must hold, and what makes two worlds one.</content>
internal sealed partial class CancelWorld
{
    /// <summary>All that may happen next within the bounds.</summary>
    public List<Move> Moves()
    {
        var (faults, turns) = (Faults < Scenario.Faults, Turns < Scenario.Turns);
        var moves = new List<Move>();
        var idle = true;
        for (var at = 0; at < notes.Length; at++)
        {
            var note = notes[at];
            if (!CanBeDelivered(note))
            {
                continue;
            }

            idle &= note.Slow;
            foreach (var (reply, cost, turn) in RepliesTo(note.Body))
            {
                if ((cost == 0 || faults) && (turn == 0 || turns))
                {
                    moves.Add(new(MoveKind.Deliver, at, reply, Cost: cost, Turn: turn));
                }
            }

            if (faults && note.Token is null && !note.Slow)
            {
                moves.Add(new(MoveKind.Twice, at, Cost: 1));
                moves.Add(new(MoveKind.Slow, at, Cost: 1));
            }
            else if (faults && note.Token is not null)
            {
                moves.Add(new(MoveKind.Lose, at, Cost: 1));
            }
        }

        for (var at = 0; at < refunds.Refunds.Length; at++)
        {
            if (refunds.Refunds[at].Made is null)
            {
                moves.Add(new(MoveKind.DecideRefund, at));
                Turn(new(MoveKind.DecideRefund, at, Reply.Refused));
            }
        }

        machines.Clock.Now = Now;
        for (var at = 0; at < sagas.Length; at++)
        {
            if (airline.Cancels.TryGetValue(IdOf(at), out var row) && row.State == AtAirline.Undecided)
            {
                moves.Add(new(MoveKind.DecideCancel, at));
                Turn(new(MoveKind.DecideCancel, at, Reply.Refused));
            }

            var wish = wishes[at];
            if (sagas[at] is not { } saga)
            {
                if (!wish.Asked && machines.Booking is not null && booking.CurrentState == "Confirmed")
                {
                    moves.Add(new(MoveKind.Ask, at));
                }

                continue;
            }

            if (machines.Machine.MayConfirm(saga) && wish.Confirms == 0)
            {
                moves.Add(new(MoveKind.Confirm, at, Which: saga.Quotes.Count - 1));
            }
            else if (wish.Confirms == 1)
            {
                Turn(new(MoveKind.Confirm, at, Which: saga.Quotes.Count - 1));       // pressed twice, or from another tab
            }

            if (saga.Quotes.Count > 1 && wish.Confirms == 0)
            {
                Turn(new(MoveKind.Confirm, at, Which: 0));                              // an old page
            }

            if (machines.Machine.MayRequote(saga) && wish.Requotes == 0)
            {
                Turn(new(MoveKind.Requote, at));
            }

            if (machines.Machine.MayWithdraw(saga) && !wish.Withdrawn)
            {
                Turn(new(MoveKind.Withdraw, at));
            }

            foreach (var decision in Enum.GetValues<CancellationDecision>())
            {
                var amount = decision == CancellationDecision.SetAmount ? new Money(EachCoupon, "EUR") : (Money?)null;
                if (machines.Machine.MayDecide(saga, decision, "staff", amount) && !Array.Exists(notes, note => note.Body is CancellationDecided && CancellationOf(note.Body) == saga.CorrelationId))
                {
                    var isNo = decision is CancellationDecision.Refuse or CancellationDecision.RefundAgain or CancellationDecision.TryAgain;
                    if (!isNo || (turns && wish.Staff < 3))
                    {
                        moves.Add(new(MoveKind.Staff, at, Which: (int)decision, Turn: isNo ? 1 : 0));
                    }
                }
            }
        }

        if (Lost().Any())
        {
            moves.Add(new(MoveKind.Sweep));
        }
        else if (idle && NextTime() is not null)
        {
            moves.Add(new(MoveKind.Advance));
        }

        return moves;

        void Turn(Move move)
        {
            if (turns)
            {
                moves.Add(move with { Turn = 1 });
            }
        }
    }

    /// <summary>The next step where everybody does his work and nobody does more; null at rest.</summary>
    public Move? Duty(List<Move> moves) => moves.Where(move => move is { Cost: 0, Turn: 0 }).OrderBy(move => move.Kind switch
    {
        MoveKind.DecideCancel or MoveKind.DecideRefund => 0,
        MoveKind.Deliver => 1,
        MoveKind.Staff => 2,
        MoveKind.Confirm => 3,
        MoveKind.Ask => 4,
        MoveKind.Sweep => 5,
        _ => 6,
    }).Cast<Move?>().FirstOrDefault();

    /// <summary>For a trace.</summary>
    public string Describe(Move move) => move.Kind switch
    {
        MoveKind.Deliver => $"deliver {notes[move.At].Body.GetType().Name}{(move.Reply == Reply.Ok ? "" : $", answered {move.Reply}")}",
        MoveKind.Twice or MoveKind.Slow or MoveKind.Lose => $"{move.Kind} {notes[move.At].Body.GetType().Name}",
        MoveKind.Staff => $"staff {(CancellationDecision)move.Which} {move.At}",
        MoveKind.DecideCancel or MoveKind.DecideRefund => $"{move.Kind} {move.At} {move.Reply}",
        MoveKind.Advance => "time passes",
        _ => $"{move.Kind} {move.At} {move.Which}",
    };

    private static IEnumerable<(Reply Reply, int Cost, int Turn)> RepliesTo(object body)
    {
        yield return (Reply.Ok, 0, 0);
        if (body is QuoteCancellation or CancelQuotedOrder or RefundPayment)
        {
            yield return (Reply.Refused, 0, 1);
        }

        if (body is QuoteCancellation or CancelQuotedOrder)
        {
            yield return (Reply.Unknown, 0, 1);
        }

        if (body is CancelQuotedOrder or RefundPayment)
        {
            yield return (Reply.Undecided, 0, 1);
        }

        if (body is CancelQuotedOrder)
        {
            yield return (Reply.LostAfter, 1, 0);
            yield return (Reply.LostBefore, 1, 0);
        }
    }

    // What came before its saga began comes again later; what nobody knows is dropped.
    private bool CanBeDelivered(Note note) =>
        !(note.Due > Now) && (note.To != Role.Cancellation || note.Body is CancellationRequested || sagas[IndexOf(note.Token is null ? CancellationOf(note.Body) : CancellationOf(note.Body))] is not null);

    private IEnumerable<(CancellationState Saga, bool IsDeadline)> Lost()
    {
        var late = Now - TimeSpan.FromMinutes(1);
        foreach (var saga in sagas.OfType<CancellationState>())
        {
            if (saga.DeadlineAt < late && !Array.Exists(notes, note => note.Token == saga.DeadlineToken))
            {
                yield return (saga, true);
            }

            if (saga.TickAt < late && !Array.Exists(notes, note => note.Token == saga.TickToken))
            {
                yield return (saga, false);
            }
        }
    }

    private DateTimeOffset? NextTime() => Times().Where(at => at > Now).Cast<DateTimeOffset?>().Min();

    /// <summary>Moments at which something may go differently.</summary>
    private IEnumerable<DateTimeOffset> Times()
    {
        foreach (var note in notes)
        {
            if (note.Due is { } due)
            {
                yield return due;
            }
        }

        foreach (var saga in sagas.OfType<CancellationState>())
        {
            if (saga.DeadlineAt is { } deadline && !Array.Exists(notes, note => note.Token == saga.DeadlineToken))
            {
                yield return deadline.AddSeconds(61);
            }

            if (saga.TickAt is { } tick && !Array.Exists(notes, note => note.Token == saga.TickToken))
            {
                yield return tick.AddSeconds(61);
            }

            // While its quote may still be used.
            if (saga is { CurrentState: "AwaitingApproval" or "Locking" or "SupplierCancelling" or "CancelUnknown" or "ParkedForStaff" } && saga.Quotes[^1].Answer is { } answer)
            {
                yield return answer.ExpiresAt;
            }
        }
    }

    private void Check()
    {
        Demand(refunds.Total <= Paid.MinorUnits, "I6", $"{refunds.Total} went back of {Paid.MinorUnits}");
        foreach (var saga in sagas.OfType<CancellationState>())
        {
            var id = saga.CorrelationId;
            var own = refunds.Refunds.Where(refund => CancellationIds.OfRefund(refund.RefundId) == id).ToList();
            Demand(own.Count(refund => refund.Made != false) <= 1, "I6", "one cancellation is refunded twice");
            if (saga.Quotes is [.., { Answer.Refund: { } promised }] && own.Any(refund => refund.Made == true))
            {
                Demand(own.All(refund => refund.Amount <= promised), "I6", "more goes back than was quoted");
            }
        }

        // Never a coupon ended that the airline did not cancel.
        var cancelled = airline.Cancels.Values.Where(row => row.State == AtAirline.Cancelled).SelectMany(row => row.Coupons).ToHashSet();
        Demand(ended.All(cancelled.Contains), "I4", "a coupon was ended that the airline did not cancel");
        Demand(sagas.OfType<CancellationState>().Count(saga => saga.CurrentState is "SupplierCancelling" or "CancelUnknown" or "ParkedForStaff" or "EndingCoupons" or "AwaitingAmount") <= 1, "I11",
            "two cancellations change one booking at once");
    }

    /// <summary>What must hold when nothing more happens by itself.</summary>
    public void CheckAtRest()
    {
        var cancelled = airline.Cancels.Values.Where(row => row.State == AtAirline.Cancelled).SelectMany(row => row.Coupons).ToHashSet();
        Demand(ended.SetEquals(cancelled), "I4", "the airline and the ticket office differ about what is cancelled");
        Demand((booking.CurrentState == "Cancelled") == (cancelled.Count == Coupons.Length), "I2", $"the booking is {booking.CurrentState} with {cancelled.Count} of {Coupons.Length} coupons cancelled");
        Demand(booking.ServicedBy is null, "I3", "the booking is locked by nobody who is at work");
        foreach (var saga in sagas.OfType<CancellationState>())
        {
            var own = refunds.Refunds.Where(refund => CancellationIds.OfRefund(refund.RefundId) == saga.CorrelationId && refund.Made == true).ToList();
            var isDone = airline.Cancels.TryGetValue(saga.CorrelationId, out var row) && row.State == AtAirline.Cancelled;
            Demand(IsFinal(saga.CurrentState), "I3", $"at rest in {saga.CurrentState}");
            Demand((saga.CurrentState == "Cancelled") == isDone, "I2", $"{saga.CurrentState}, and at the airline it is {(isDone ? "" : "not ")}cancelled");
            if (saga.CurrentState == "Cancelled")
            {
                var byHand = saga.Refunds.Where(refund => refund.Standing == RefundStanding.ByHand).Select(refund => refund.Amount.MinorUnits).Sum();
                Demand(own.Sum(refund => refund.Amount.MinorUnits) + byHand == saga.Money!.Due!.Value.MinorUnits, "I2", "what was due did not go back, or more than that");
                Demand(booking.Servicings.Any(servicing => servicing.ServicingId == saga.CorrelationId && servicing.RefundDue == saga.Money.Due), "I2", "the booking does not know what was given back");
            }
            else
            {
                Demand(own.Count == 0, "I2", $"{saga.CurrentState}, and money went back");
            }
        }
    }

    /// <summary>A number for this world: of times only the order of those to come counts, and counters that pace repeats saturate.</summary>
    public UInt128 Number()
    {
        var times = Times().Concat(sagas.OfType<CancellationState>().SelectMany(saga => saga.Quotes).Select(quote => quote.Answer?.ExpiresAt ?? default))
            .Where(at => at > Now).Distinct().Order().ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{booking.CurrentState}/{booking.ServicedBy}/{string.Join(',', booking.Servicings.Select(servicing => $"{servicing.ServicingId}{servicing.RefundDue}"))}/{booking.Cases.Count}\n");
        for (var at = 0; at < sagas.Length; at++)
        {
            var wish = wishes[at];
            text.Append(CultureInfo.InvariantCulture, $"{wish.Asked}{wish.Confirms}{wish.Requotes}{wish.Withdrawn}{wish.Staff}{string.Join(',', wish.Confirmed)}/{told.GetValueOrDefault(IdOf(at))}\n");
            if (sagas[at] is { } saga)
            {
                text.Append(CultureInfo.InvariantCulture, $"{saga.CurrentState}/{Rank(saga.EnteredAt + new CancellationTimes().Case)}/{Rank(saga.DeadlineAt)}/{Rank(saga.TickAt)}/{Math.Min(saga.Ticks, 4)}/{saga.LookUpAnswered}/{saga.Seen}");
                text.Append(CultureInfo.InvariantCulture, $"/{string.Join(',', saga.Quotes.Select(quote => $"{quote.Answer?.Refund}{quote.Answer?.Coupons.Count}{Rank(quote.Answer?.ExpiresAt)}"))}/{saga.ConfirmedAt is null}/{saga.Money}/{saga.AtTheAirline?.Refund}/{saga.AtTheAirline?.IsWhole}");
                text.Append(CultureInfo.InvariantCulture, $"/{saga.Proposed}/{string.Join(',', saga.Refunds.Select(refund => refund.Standing))}/{saga.EndedBecause}/{string.Join(',', saga.Cases.Select(opened => $"{opened.Kind}{opened.OpenedAt <= saga.EnteredAt}"))}/{saga.StaffActions.Count}\n");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"{airline.Version}/{string.Join(',', airline.Open.Select(coupon => coupon.SegmentOrdinal).Order())}/{string.Join(',', ended.Select(coupon => coupon.SegmentOrdinal).Order())}\n");
        text.AppendJoin('\n', airline.Quotes.Select(row => $"{row.Key}{row.Value.Refund}{row.Value.Version}{Rank(row.Value.ExpiresAt)}{row.Value.Coupons.Length}").Order(StringComparer.Ordinal)).Append('\n');
        text.AppendJoin('\n', airline.Cancels.Select(row => $"{row.Key}{row.Value.State}{row.Value.Refund}{row.Value.Reason}").Order(StringComparer.Ordinal)).Append('\n');
        text.AppendJoin(',', refunds.Refunds.Select(refund => $"{refund.RefundId}{refund.Made}{refund.Amount}")).Append('\n');
        text.AppendJoin('\n', notes.Select(Text).Order(StringComparer.Ordinal));
        return new UInt128(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(..8)), BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(8..16)));

        int Rank(DateTimeOffset? at) => at is { } known && known > Now ? times.IndexOf(known) + 1 : at is null ? -1 : 0;

        string Text(Note note)
        {
            var about = note.Body switch
            {
                CancellationQuoted said => $"{said.QuoteId}",
                CancellationNotQuoted said => $"{said.QuoteId}",
                QuoteCancellation said => $"{said.QuoteId}",
                CancellationConfirmed said => $"{said.QuoteId}",
                LookUpCancellation said => $"{LookUp(said.CancellationId) - said.LookUp}",
                CancellationAbsent said => $"{Math.Min(2, LookUp(said.CancellationId) - said.LookUp)}",
                CancellationPending said => $"{Math.Min(2, LookUp(said.CancellationId) - said.LookUp)}",
                RefundPayment said => $"{said.RefundId}",
                PaymentRefunded said => $"{said.RefundId}",
                RefundRefused said => $"{said.RefundId}",
                RefundPending said => $"{said.RefundId}",
                CancellationDecided said => $"{said.Decision}",
                ServicingRequested said => $"{said.ServicingId}{said.Seen}",
                ServicingReleased said => $"{said.ServicingId}",
                ServicingEnded said => $"{said.ServicingId}",
                CancellationDeadline or CancellationTick => $"{sagas.OfType<CancellationState>().Any(saga => saga.DeadlineToken == note.Token || saga.TickToken == note.Token)}",
                _ => "",
            };
            var whose = note.To is Role.Cancellation ? IndexOf(CancellationOf(note.Body)).ToString(CultureInfo.InvariantCulture) : note.Body.GetType().GetProperty("CancellationId")?.GetValue(note.Body)?.ToString();
            return $"{note.Body.GetType().Name}/{note.To}/{whose}/{about}/{Rank(note.Due)}/{note.Slow}";
        }

        int LookUp(Guid cancellationId) => sagas[IndexOf(cancellationId)]?.LookUp ?? 0;
    }

    /// <summary>How a planted bug twists what a saga hears.</summary>
    private object Heard(object message, CancellationState saga)
    {
        switch (Scenario.Bug)
        {
            case CancelBug.SecondConfirmRefunds when message is CancellationConfirmed && saga.CurrentState is "Refunding" or "Cancelled" && saga.Refunds.Count > 0:
                saga.CurrentState = "RefundDelayed";
                return new CancellationDecided(saga.BookingId, saga.CorrelationId, new(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), CancellationDecision.RefundAgain, null, null, "nobody", "", Now);
            case CancelBug.OlderQuoteTaken when message is CancellationConfirmed confirmed:
                return confirmed with { QuoteId = saga.Quotes[^1].QuoteId };
            default:
                return message;
        }
    }

    /// <summary>And what it says.</summary>
    private IEnumerable<object> Said(object said, CancellationState saga)
    {
        switch (Scenario.Bug)
        {
            case CancelBug.RefundBeforeTheAirline when said is CancelQuotedOrder && saga.Quotes[^1].Answer!.Refund is { } refund:
                return [said, new RefundPayment(saga.BookingId, PaymentId, CancellationIds.Refund(saga.CorrelationId, 1), refund, "cancellation")];
            case CancelBug.LockNotReleased when said is ServicingReleased:
                return [];
            case CancelBug.ToldAgain when said is LookUpCancellation look:
                return [new CancelQuotedOrder(look.BookingId, look.CancellationId, saga.Quotes[^1].QuoteId, saga.OrderId)];
            case CancelBug.NewRefundId when said is RefundPayment repeat && saga.Ticks > 0:
                return [repeat with { RefundId = CancellationIds.Refund(saga.CorrelationId, 100 + (saga.Ticks % 100)) }];
            case CancelBug.RefundEndsTickets when said is CancelQuotedOrder && saga.Quotes[^1].Answer is { } answer:
                return [said, new EndCoupons(saga.BookingId, saga.CorrelationId, saga.OrderId, answer.Coupons, CouponEnd.Refunded)];
            default:
                return [said];
        }
    }
}
