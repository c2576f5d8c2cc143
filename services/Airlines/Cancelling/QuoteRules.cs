using Aerona.Airlines.Cancelling.Policies;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Suppliers;

namespace Aerona.Airlines.Cancelling;

/// <summary>How an order stands when a quote is asked for.</summary>
/// <param name="SoldAt">UTC.</param>
/// <param name="Ended">Coupons given up before.</param>
/// <param name="Kept">What was kept back of each passenger's fare before.</param>
internal sealed record Standing(DateTimeOffset SoldAt, IReadOnlySet<CouponKey> Ended, IReadOnlyDictionary<string, Money> Kept)
{
    public static Standing New(DateTimeOffset soldAt) => new(soldAt, new HashSet<CouponKey>(), new Dictionary<string, Money>());
}

/// <summary>
/// What a cancellation at the house airline gives back (docs/cancellations.md). Flights are priced one by one, so each flight's lines are judged by themselves; the fare's
/// penalty is kept once a passenger, however many cancellations it takes, and never out of the taxes.
/// </summary>
internal static class QuoteRules
{
    public const string Penalty = "PENALTY";

    private static readonly AppliedPolicy Involuntary =
        new("involuntary", "The airline cancelled or changed the flight: everything paid for it comes back, whatever the fare.");

    /// <summary>The quote, or why there is none.</summary>
    public static CancelQuoteAnswer Quote(CancelWish wish, Standing standing, CancellationPolicies policies)
    {
        var (offer, passengers, bySegment) = wish.Sold;
        var departs = offer.Segments.ToDictionary(segment => segment.Ordinal, segment => segment.DepartsAt);
        var all = (from passenger in offer.Passengers from segment in offer.Segments select new CouponKey(passenger.Id, segment.Ordinal)).ToList();
        var left = all.Where(coupon => !standing.Ended.Contains(coupon)).ToList();
        bool HasLeft(CouponKey coupon) => departs[coupon.SegmentOrdinal] <= wish.AskedAt;

        if (wish.Coupons?.Any(coupon => !all.Contains(coupon)) == true)
        {
            return CancelQuoteAnswer.Refused("cancellation.coupon_unknown");
        }

        // All that is left is what lies ahead.
        var wanted = (wish.Coupons ?? left.Where(coupon => !HasLeft(coupon))).Where(left.Contains).ToHashSet();
        if (wanted.Count == 0)
        {
            return CancelQuoteAnswer.Refused(wish.Coupons is null && left.Count > 0 ? "cancellation.flown" : "cancellation.nothing_left");
        }

        // Who was cancelled by the airline did not fly, whatever the clock says.
        var involuntary = wish.Cause == CancellationCause.Involuntary;
        var given = (involuntary ? wanted : wanted.Where(coupon => !HasLeft(coupon))).ToHashSet();
        if (given.Count == 0)
        {
            return CancelQuoteAnswer.Refused("cancellation.flown");
        }

        var stays = left.Where(coupon => !given.Contains(coupon) && !HasLeft(coupon)).ToList();
        if (WhyNot(given, stays, passengers, involuntary) is { } reason)
        {
            return CancelQuoteAnswer.Refused(reason);
        }

        var priced = bySegment ?? WholeJourney(offer, all, left, given, HasLeft);
        if (priced is null)
        {
            return CancelQuoteAnswer.Refused("cancellation.part_not_possible");
        }

        var rules = offer.Passengers.ToDictionary(passenger => passenger.Id, passenger => Rule(passenger.Id, wish, standing, given, all, departs.Values.Min(), policies));
        var (conditions, byRow) = policies.FareOf(offer, standing.SoldAt);
        var lines = new List<QuoteLine>();
        foreach (var passenger in offer.Passengers)
        {
            var rule = rules[passenger.Id].Rule;
            var own = priced.Where(one => one.Line.PassengerId == passenger.Id && wanted.Contains(new(passenger.Id, one.SegmentOrdinal)))
                .ToLookup(one => given.Contains(new(passenger.Id, one.SegmentOrdinal)));
            var back = own[true].Select(one => Back(one, rule, conditions, byRow is not null, isWholeJourney: bySegment is null)).ToList();
            lines.AddRange(back);
            lines.AddRange(own[false].Select(one => new QuoteLine(
                passenger.Id, one.SegmentOrdinal, one.Line.Kind, one.Line.Code, one.Line.Amount, Money.Zero(one.Line.Amount.Currency), RefundRule.Used)));
            if (rule == RefundRule.FareRule && KeptBack(passenger.Id, back, conditions, standing) is { } kept)
            {
                lines.Add(kept);
            }
        }

        var applied = rules.Where(one => given.Any(coupon => coupon.PassengerId == one.Key)).Select(one => one.Value).ToList();
        var ends = given.Where(coupon => !HasLeft(coupon)).Select(coupon => departs[coupon.SegmentOrdinal])
            .Concat(applied.Select(one => one.Until)).Append(wish.AskedAt + policies.QuoteFor).Min();
        return new(
            null, lines.Exists(line => line.Back is null) ? null : lines.Select(line => line.Back!.Value).Sum(offer.Total.Currency), ends,
            Breakdown: new(
                [.. given.OrderBy(coupon => coupon.PassengerId, StringComparer.Ordinal).ThenBy(coupon => coupon.SegmentOrdinal)], lines,
                Decided(lines), applied.Exists(one => one.Rule == RefundRule.VoidWindow), [.. applied.Select(one => one.Policy).Distinct()]));
    }

    /// <summary>The rule for one passenger, and until when it holds (UTC): the most generous one that is open.</summary>
    private static (RefundRule Rule, AppliedPolicy Policy, DateTimeOffset Until) Rule(
        string passengerId, CancelWish wish, Standing standing, HashSet<CouponKey> given, List<CouponKey> all, DateTimeOffset firstDeparture, CancellationPolicies policies)
    {
        if (wish.Cause == CancellationCause.Involuntary)
        {
            return (RefundRule.Involuntary, Involuntary, DateTimeOffset.MaxValue);
        }

        var (offer, market) = (wish.Sold.Offer, CancellationPolicies.MarketOf(wish.Sold.Offer));

        // A ticket is void as a whole or not at all.
        if (policies.VoidWindow(offer.Supplier, market, standing.SoldAt) is { } window && wish.AskedAt < Earlier(window.Until, firstDeparture)
            && all.Where(coupon => coupon.PassengerId == passengerId).All(given.Contains))
        {
            return (RefundRule.VoidWindow, window.Policy, Earlier(window.Until, firstDeparture));
        }

        return policies.Promise(offer.Supplier, market, standing.SoldAt, firstDeparture) is { } promise && wish.AskedAt < Earlier(promise.Until, firstDeparture)
            ? (RefundRule.OurPromise, promise.Policy, Earlier(promise.Until, firstDeparture))
            : (RefundRule.FareRule, policies.FareOf(offer, standing.SoldAt).Policy ?? Fare(offer), DateTimeOffset.MaxValue);
    }

    /// <summary>Why these coupons cannot be given up alone; null: they can.</summary>
    private static string? WhyNot(HashSet<CouponKey> given, List<CouponKey> stays, IReadOnlyList<Passenger> passengers, bool involuntary)
    {
        // A lap, and whoever answers for children, must fly along. That holds whoever cancelled.
        foreach (var infant in passengers.Where(passenger => passenger.Type == PassengerType.Infant))
        {
            if (stays.Exists(coupon => coupon.PassengerId == infant.Id && given.Contains(new(LapOf(infant, passengers), coupon.SegmentOrdinal))))
            {
                return "cancellation.lap_infant";
            }
        }

        var adults = passengers.Where(passenger => passenger.Type == PassengerType.Adult).Select(passenger => passenger.Id).ToHashSet();
        foreach (var segment in given.Where(coupon => adults.Contains(coupon.PassengerId)).Select(coupon => coupon.SegmentOrdinal).Distinct())
        {
            var aboard = stays.Where(coupon => coupon.SegmentOrdinal == segment).ToList();
            if (aboard.Count > 0 && !aboard.Exists(coupon => adults.Contains(coupon.PassengerId)))
            {
                return "cancellation.child_alone";
            }
        }

        // Coupons are flown in their order: a flight that is not taken ends those after it. Where the airline took it away, those after it stay good.
        return !involuntary && stays.Exists(coupon => given.Any(gone => gone.PassengerId == coupon.PassengerId && gone.SegmentOrdinal < coupon.SegmentOrdinal))
            ? "cancellation.out_of_order"
            : null;
    }

    private static string LapOf(Passenger infant, IReadOnlyList<Passenger> passengers) => infant.AccompaniedBy
        ?? passengers.Where(passenger => passenger.Type == PassengerType.Adult)
            .ElementAt(passengers.TakeWhile(passenger => passenger != infant).Count(passenger => passenger.Type == PassengerType.Infant)).Id;

    /// <summary>A fare for the whole journey is given back with the whole of it: nothing flown, nothing given up before, nothing kept. Null: it is not so.</summary>
    private static List<SegmentLine>? WholeJourney(OfferSnapshot offer, List<CouponKey> all, List<CouponKey> left, HashSet<CouponKey> given, Func<CouponKey, bool> hasLeft)
    {
        var whole = given.Select(coupon => coupon.PassengerId).Distinct()
            .All(passenger => all.Where(coupon => coupon.PassengerId == passenger).All(coupon => given.Contains(coupon) && left.Contains(coupon) && !hasLeft(coupon)));
        return whole ? [.. offer.Lines.Select(line => new SegmentLine(offer.Segments[0].Ordinal, line))] : null;
    }

    private static QuoteLine Back(SegmentLine one, RefundRule rule, FareConditions conditions, bool isByRow, bool isWholeJourney)
    {
        var line = one.Line;
        var nothing = Money.Zero(line.Amount.Currency);
        var isFare = line.Kind != PriceLineKind.Tax;
        var (back, why) = (rule, isFare) switch
        {
            (not RefundRule.FareRule, _) => (line.Amount, rule),
            (_, true) when conditions.Refundable is null || (conditions.Refundable == true && conditions.RefundPenalty is null) => ((Money?)null, RefundRule.Unknown),
            (_, true) => (conditions.Refundable == true && (line.Refundable || (isByRow && line.Kind != PriceLineKind.Seat)) ? line.Amount : nothing, RefundRule.FareRule),
            (_, false) => (line.Refundable ? line.Amount : nothing, line.Refundable ? RefundRule.RefundableTax : RefundRule.FareRule),
        };
        return new(line.PassengerId, isWholeJourney ? null : one.SegmentOrdinal, line.Kind, line.Code, line.Amount, back, why);
    }

    /// <summary>What the fare keeps of a passenger: once, out of the fare that comes back, and no more than that.</summary>
    private static QuoteLine? KeptBack(string passengerId, List<QuoteLine> back, FareConditions conditions, Standing standing)
    {
        if (conditions is not { Refundable: true, RefundPenalty: { } penalty })
        {
            return null;
        }

        var fare = back.Where(line => line.Kind != PriceLineKind.Tax && line.Back is not null).Select(line => line.Back!.Value).Sum(penalty.Currency);
        var due = standing.Kept.TryGetValue(passengerId, out var before) ? penalty - before : penalty;
        var kept = due < fare ? due : fare;
        return kept.MinorUnits <= 0 ? null : new(
            passengerId, null, PriceLineKind.BaseFare, Penalty, Money.Zero(penalty.Currency), Money.Zero(penalty.Currency) - kept, RefundRule.FareRule);
    }

    /// <summary>What gave most of it; the fare's rule before that of its taxes.</summary>
    private static RefundRule Decided(List<QuoteLine> lines)
    {
        if (lines.Exists(line => line.Back is null))
        {
            return RefundRule.Unknown;
        }

        var back = lines.Where(line => line.Back!.Value.MinorUnits > 0).ToList();
        var isFareBack = back.Exists(line => line is { Rule: RefundRule.FareRule });
        return back.GroupBy(line => line.Rule == RefundRule.RefundableTax && isFareBack ? RefundRule.FareRule : line.Rule)
            .OrderByDescending(same => same.Sum(line => line.Back!.Value.MinorUnits)).FirstOrDefault()?.Key ?? RefundRule.FareRule;
    }

    private static AppliedPolicy Fare(OfferSnapshot offer)
    {
        var bases = string.Join(", ", offer.Segments.Select(segment => segment.FareBasis).Distinct());
        return new($"fare.{offer.Segments[0].FareBasis}", offer.Conditions switch
        {
            { Refundable: null } => $"Fare {bases}: the airline does not say whether it comes back; refundable taxes do.",
            { Refundable: false } => $"Fare {bases}: not refundable; refundable taxes come back.",
            { RefundPenalty: null } => $"Fare {bases}: refundable; the airline does not say what it keeps.",
            { RefundPenalty: { } penalty } => $"Fare {bases}: refundable; {penalty} are kept of each passenger's fare.",
        });
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
