namespace Aerona.Sagas.Cancellation;

/// <summary>A state of a cancellation in words, for staff; English.</summary>
/// <param name="Ends">How long it may last, or why no end is set.</param>
/// <param name="Next">What happens next and when.</param>
public sealed record CancellationSentence(string Ends, string Next);

/// <summary>What each state waits for and what it does about it, with the times that are set.</summary>
internal static class CancellationSentences
{
    internal static CancellationSentence Of(string state, CancellationTimes t) => state switch
    {
        nameof(CancellationStateMachine.Quoting) => new(
            $"After {Spans.Say(t.Quote)}",
            $"The airline says what would come back; it is asked every {Spans.Say(t.Repeat)}, and after {Spans.Say(t.Quote)} the wish is given up. Nothing is cancelled by asking."),
        nameof(CancellationStateMachine.Quoted) => new(
            "When the quote expires",
            "The traveller confirms the newest quote, asks for another one, or leaves it; unconfirmed, it lapses and the booking stays as it is."),
        nameof(CancellationStateMachine.AwaitingApproval) => new(
            "When the quote expires",
            "A second person agrees to the refund or does not; undecided, it lapses and the booking stays as it is."),
        nameof(CancellationStateMachine.Locking) => new(
            $"After {Spans.Say(t.Lock)}",
            $"The booking lets nobody else change it; it is asked every {Spans.Say(t.Repeat)}, and after {Spans.Say(t.Lock)} the cancellation is given up."),
        nameof(CancellationStateMachine.SupplierCancelling) => new(
            $"After {Spans.Say(t.Supplier)}",
            $"The airline cancels or refuses; after {Spans.Say(t.Supplier)} it is asked whether it did, and never told again."),
        nameof(CancellationStateMachine.CancelUnknown) => new(
            $"After {Spans.Say(t.Unknown)}",
            $"The airline is asked again and again, first after {Spans.Say(t.LookUp)}, whether it cancelled; after {Spans.Say(t.Case)} people and the traveller are told, and at the end staff decide."),
        nameof(CancellationStateMachine.ParkedForStaff) => new(
            $"After {Spans.Say(t.StaffDecision)}, and every {Spans.Say(t.StaffDecision)} again, for only people can find out",
            $"Staff find out whether the airline cancelled; it is asked every {Spans.Say(t.SlowLookUp)} meanwhile, and after {Spans.Say(t.StaffDecision)} staff are called again."),
        nameof(CancellationStateMachine.EndingCoupons) => new(
            $"After {Spans.Say(t.Case)}, and every {Spans.Say(t.Case)} again, for the airline has cancelled",
            $"The coupons are ended; it is asked again and again, first after {Spans.Say(t.PatientRepeat)}, and after {Spans.Say(t.Case)} people are called. No money moves before."),
        nameof(CancellationStateMachine.AwaitingAmount) => new(
            $"After {Spans.Say(t.StaffDecision)}, and every {Spans.Say(t.StaffDecision)} again, for only people know how much comes back",
            $"Staff say how much comes back, a second person where it is much; after {Spans.Say(t.StaffDecision)} they are called again."),
        nameof(CancellationStateMachine.Refunding) => new(
            $"After {Spans.Say(t.Refund)}, and every {Spans.Say(t.Refund)} again, for the money is owed",
            $"PayPal gives the money back; the same refund is asked for again and again, first after {Spans.Say(t.PatientRepeat)}, and after {Spans.Say(t.Refund)} people are called and the traveller is told."),
        nameof(CancellationStateMachine.RefundDelayed) => new(
            $"After {Spans.Say(t.StaffDecision)}, and every {Spans.Say(t.StaffDecision)} again, for the money is owed",
            $"Finance staff have PayPal asked again or give the money back another way; after {Spans.Say(t.StaffDecision)} they are called again."),
        nameof(CancellationStateMachine.Cancelled) => new("None: it is final", "Nothing more; it is cancelled and what was due went back."),
        nameof(CancellationStateMachine.Lapsed) => new("None: it is final", "Nothing more; nobody confirmed or agreed in time, and the booking stays as it is."),
        nameof(CancellationStateMachine.Refused) => new("None: it is final", "Nothing more; it cannot be cancelled so, and the booking stays as it is."),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "has no sentence"),
    };
}
