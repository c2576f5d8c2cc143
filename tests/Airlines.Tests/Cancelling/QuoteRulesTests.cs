using Aerona.Airlines.Cancelling;
using Aerona.Airlines.Cancelling.Policies;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Suppliers;
using CsCheck;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Tests.Cancelling;

/// <summary>What comes back, case by case, and what holds in every case.</summary>
public sealed class QuoteRulesTests
{
    private static readonly DateTimeOffset Sold = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CancellationPolicies Policies = With(_ => { });

    // Two flights, ten and seventeen days after the sale; fare 100, carrier's charge 20, a refundable tax of 30, one of 5 that stays, on each flight.
    [Theory]
    [InlineData("within the void window, everybody whole", 1, "all", "voluntary", "nonRefundable", "310.00", RefundRule.VoidWindow)]
    [InlineData("within our promise, a part", 1, "p1.2", "voluntary", "nonRefundable", "155.00", RefundRule.OurPromise)]
    [InlineData("after both, not refundable: its taxes", 25, "all", "voluntary", "nonRefundable", "60.00", RefundRule.RefundableTax)]
    [InlineData("refundable with 50 kept", 25, "all", "voluntary", "refundable", "250.00", RefundRule.FareRule)]
    [InlineData("the second flight alone, 50 kept of it", 25, "p1.2", "voluntary", "refundable", "100.00", RefundRule.FareRule)]
    [InlineData("a penalty above the fare keeps no taxes", 25, "all", "voluntary", "dear", "60.00", RefundRule.FareRule)]
    [InlineData("the fare says nothing", 25, "all", "voluntary", "unknown", null, RefundRule.Unknown)]
    [InlineData("refundable, but what is kept is not said", 25, "all", "voluntary", "penaltyUnknown", null, RefundRule.Unknown)]
    [InlineData("cancelled by the airline, any fare", 25, "all", "involuntary", "nonRefundable", "310.00", RefundRule.Involuntary)]
    [InlineData("cancelled by the airline: the first flight alone", 25, "p1.1", "involuntary", "nonRefundable", "155.00", RefundRule.Involuntary)]
    [InlineData("the first was flown: the rest", 24 * 11, "all", "voluntary", "refundable", "100.00", RefundRule.FareRule)]
    [InlineData("the first was flown and is asked for: nothing for it", 24 * 11, "p1.1 p1.2", "voluntary", "nonRefundable", "30.00", RefundRule.RefundableTax)]
    public void What_comes_back(string why, int hoursAfter, string coupons, string cause, string fare, string? refund, object rule)
    {
        var quote = Ask(Order(fare), hoursAfter, Coupons(coupons), cause);

        Assert.True(quote.Problem is null, why);
        Assert.Equal((refund, (RefundRule)rule), (quote.Refund?.ToAmountString(), quote.Breakdown!.Rule));
        Assert.Equal((RefundRule)rule == RefundRule.VoidWindow, quote.Breakdown.IsVoid);
        Assert.NotEmpty(quote.Breakdown.Policies);
    }

    [Theory]
    [InlineData("p1.1", 25, "voluntary", "cancellation.out_of_order")]
    [InlineData("p1.1 p1.2", 24 * 20, "voluntary", "cancellation.flown")]
    [InlineData("all", 24 * 20, "voluntary", "cancellation.flown")]
    [InlineData("all", 24 * 20, "involuntary", "cancellation.flown")]
    [InlineData("p7.1", 25, "voluntary", "cancellation.coupon_unknown")]
    [InlineData("p1.3", 25, "involuntary", "cancellation.coupon_unknown")]
    [InlineData("", 25, "voluntary", "cancellation.nothing_left")]
    public void What_cannot_be_given_up_so_is_refused_with_its_reason(string coupons, int hoursAfter, string cause, string reason) =>
        Assert.Equal(reason, Ask(Order("refundable"), hoursAfter, Coupons(coupons), cause).Problem?.Code);

    [Theory]
    [InlineData("p1.1 p1.2", "cancellation.lap_infant")]
    [InlineData("p1.2", "cancellation.lap_infant")]
    [InlineData("p1.2 p4.2", null)]
    [InlineData("p4.1 p4.2", null)]
    [InlineData("p2.1 p2.2", null)]
    [InlineData("p3.1 p3.2", null)]
    [InlineData("p1.1 p1.2 p4.1 p4.2 p2.1 p2.2", "cancellation.child_alone")]
    [InlineData("p1.2 p4.2 p2.2", "cancellation.child_alone")]
    [InlineData("all", null)]
    public void No_lap_infant_and_no_child_is_left_alone(string coupons, string? reason) =>
        Assert.Equal(reason, Ask(Order("refundable", PassengerType.Adult, PassengerType.Adult, PassengerType.Child, PassengerType.Infant), 25, Coupons(coupons)).Problem?.Code);

    [Fact]
    public void A_quote_ends_after_a_quarter_of_an_hour_or_with_the_window_or_the_departure_that_comes_before()
    {
        Assert.Equal(Sold.AddHours(25).AddMinutes(15), Ask(Order("refundable"), 25).ExpiresAt);
        Assert.Equal(Sold.AddHours(24), Ask(Order("refundable"), Sold.AddHours(23.9), null, "voluntary").ExpiresAt);
        Assert.Equal(Sold.AddDays(10), Ask(Order("refundable"), Sold.AddDays(10).AddMinutes(-5), null, "voluntary").ExpiresAt);
    }

    [Fact]
    public void A_fare_for_the_whole_journey_is_given_up_whole_or_not_at_all()
    {
        var order = Order("refundable") with { BySegment = null };

        Assert.Equal("250.00", Ask(order, 25).Refund!.Value.ToAmountString());
        Assert.Equal("cancellation.part_not_possible", Ask(order, 25, Coupons("p1.2")).Problem!.Code);
        Assert.Equal("cancellation.part_not_possible", Ask(order, 24 * 11).Problem!.Code);
    }

    [Fact]
    public void Whatever_is_given_up_lines_add_up_and_nobody_gets_more_than_was_paid_or_pays_to_leave() =>
        Cases.Sample(one =>
        {
            var (order, hours, coupons, cause) = one;
            var quote = Ask(order, hours, coupons, cause);
            if (quote.Breakdown is not { } said)
            {
                Assert.NotNull(quote.Problem);
                return;
            }

            Assert.Equal(said.Lines.Any(line => line.Back is null), quote.Refund is null);
            if (quote.Refund is { } refund)
            {
                Assert.Equal(said.Lines.Select(line => line.Back!.Value).Sum("EUR"), refund);
                Assert.InRange(refund.MinorUnits, 0, said.Lines.Sum(line => line.Paid.MinorUnits));
            }

            Assert.All(said.Lines.Where(line => line.Code != QuoteRules.Penalty && line.Back is not null), line => Assert.InRange(line.Back!.Value.MinorUnits, 0, line.Paid.MinorUnits));
            Assert.All(said.Lines.GroupBy(line => line.PassengerId).Where(own => own.All(line => line.Back is not null)), own => Assert.InRange(own.Sum(line => line.Back!.Value.MinorUnits), 0, long.MaxValue));
            Assert.All(said.Coupons, coupon => Assert.Contains(order.Offer.Passengers, passenger => passenger.Id == coupon.PassengerId));
            Assert.True(quote.ExpiresAt > Sold.AddHours(hours));
        });

    [Fact]
    public void The_whole_is_the_sum_of_its_passengers_where_each_can_go_alone() =>
        Gen.Select(Fares, Gen.Int[1, 4], Gen.Int[0, 24 * 16]).Sample((fare, adults, hours) =>
        {
            var order = Order(fare, [.. Enumerable.Repeat(PassengerType.Adult, adults)]);

            var whole = Ask(order, hours).Refund;
            var each = order.Offer.Passengers.Select(passenger => Ask(order, hours, Ahead(order, passenger.Id, hours)).Refund).ToList();

            Assert.Equal(whole, each.Contains(null) ? null : each.Select(one => one!.Value).Sum("EUR"));
        });

    [Fact]
    public void Given_up_flight_by_flight_as_much_comes_back_as_at_once_for_the_penalty_is_kept_once() =>
        Gen.Select(OneOf("nonRefundable", "refundable", "dear"), Gen.Int[25, 24 * 9]).Sample((fare, hours) =>
        {
            var order = Order(fare);
            var at = Sold.AddHours(hours);
            var last = Ask(order, at, Coupons("p1.2"), "voluntary");
            var kept = last.Breakdown!.Lines.Where(line => line.Code == QuoteRules.Penalty).Select(line => Money.Zero("EUR") - line.Back!.Value).Sum("EUR");
            var standing = new Standing(Sold, new HashSet<CouponKey> { new("p1", 2) }, new Dictionary<string, Money> { ["p1"] = kept });

            var first = QuoteRules.Quote(Wish(order, at, null, "voluntary"), standing, Policies);

            Assert.Equal([new CouponKey("p1", 1)], first.Breakdown!.Coupons);
            Assert.Equal(Ask(order, hours).Refund, last.Refund!.Value + first.Refund!.Value);
        });

    [Fact]
    public void The_most_specific_rule_that_was_in_force_on_the_day_of_sale_decides_and_is_named()
    {
        var policies = With(options => options.VoidWindows =
        [
            new() { Id = "any", Ends = "none", Text = "never" },
            new() { Id = "house", Supplier = "house", Ends = "hours", Hours = 2, Text = "two hours" },
            new() { Id = "french", Supplier = "house", Market = "FR", Ends = "midnight", Zone = "Europe/Paris", Text = "midnight in Paris" },
            new() { Id = "french.new", Supplier = "house", Market = "FR", Ends = "hours", Hours = 48, Text = "two days", From = new(2026, 12, 5) },
            new() { Id = "old", Supplier = "zz", Ends = "hours", Hours = 1, Text = "one hour", Until = new(2026, 11, 30) },
        ]);

        Assert.Equal((Sold.AddHours(2), "house"), Void("house", "US", Sold));
        Assert.Equal((new(2026, 12, 1, 23, 0, 0, TimeSpan.Zero), "french"), Void("house", "FR", Sold));     // Paris is an hour ahead of UTC
        Assert.Equal((Sold.AddDays(4).AddHours(48), "french.new"), Void("house", "FR", Sold.AddDays(4)));
        Assert.Equal((Sold.AddDays(-1).AddHours(1), "old"), Void("zz", null, Sold.AddDays(-1)));
        Assert.Null(policies.VoidWindow("zz", null, Sold));

        (DateTimeOffset, string) Void(string supplier, string? market, DateTimeOffset at) => policies.VoidWindow(supplier, market, at) is { } window ? (window.Until, window.Policy.Id) : default;
    }

    [Theory]
    [InlineData("nonRefundable", "210.00", "waiver")]       // 310 - 10 of taxes that stay - 90 kept
    [InlineData("unknown", "210.00", "waiver")]
    [InlineData("penaltyUnknown", "210.00", "waiver")]
    [InlineData("dear", "210.00", "waiver")]
    [InlineData("refundable", "250.00", "fare.YOW")]        // 50 kept: the offer is kinder
    public void A_row_of_ours_holds_where_it_is_kinder_than_the_offer_or_knows_more(string fare, string refund, string id)
    {
        var policies = With(options => options.FareConditions =
        [
            new() { Id = "waiver", Supplier = "house", FareBasis = "Y", Currency = "EUR", Refundable = true, Penalty = 90m, Text = "90 kept this year", Until = new(2026, 12, 31) },
            new() { Id = "dollars", Supplier = "house", FareBasis = "YOW", Currency = "USD", Refundable = true, Text = "nothing kept in dollars" },
            new() { Id = "never", Refundable = false, Text = "nothing comes back" },
        ]);

        var quote = QuoteRules.Quote(Wish(Order(fare), Sold.AddHours(25), null, "voluntary"), Standing.New(Sold), policies);

        Assert.Equal((refund, id), (quote.Refund!.Value.ToAmountString(), Assert.Single(quote.Breakdown!.Policies).Id));
        Assert.Null(QuoteRules.Quote(Wish(Order("unknown"), Sold.AddHours(25), null, "voluntary"), Standing.New(Sold), Policies).Refund);
    }

    [Theory]
    [InlineData("2026-12-01T12:00:00Z", "US", "card", "2026-12-10", "refund.us.card")]
    [InlineData("2026-12-04T23:00:00Z", "US", "card", "2026-12-15", "refund.us.card")]
    [InlineData("2026-12-05T12:00:00Z", "FR", "card", "2026-12-15", "refund.card")]
    [InlineData("2026-12-01T12:00:00Z", "US", "other", "2026-12-21", "refund.us.other")]
    [InlineData("2024-10-01T12:00:00Z", "US", "card", "2024-10-10", "refund.card")]
    public void Money_is_due_by_the_clock_of_its_market_and_instrument_and_weekends_are_no_business_days(string owedAt, string market, string instrument, string dueOn, string id)
    {
        var clock = With(_ => { }, instrument).RefundClock("house", market, DateTimeOffset.Parse(owedAt, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal((DateOnly.Parse(dueOn, System.Globalization.CultureInfo.InvariantCulture), id), (clock!.Value.DueOn, clock.Value.Policy.Id));
    }

    [Fact]
    public void The_promise_holds_for_what_was_bought_long_enough_before_departure()
    {
        Assert.NotNull(Policies.Promise("house", "US", Sold, Sold.AddDays(7)));
        Assert.Null(Policies.Promise("house", "US", Sold, Sold.AddDays(7).AddSeconds(-1)));
        Assert.Null(Policies.Promise("zz", "US", Sold, Sold.AddDays(30)));
    }

    [Fact]
    public void A_wrong_row_is_named_with_its_key_and_the_rule_it_breaks()
    {
        var options = new CancellationOptions
        {
            AgencyZone = "Europe/Lodon",
            VoidWindows =
            [
                new() { Id = "a", Ends = "noon", Text = "x" }, new() { Id = "a", Ends = "hours", Text = "x", Market = "usa" },
                new() { Id = "c", Ends = "hours", Hours = 3, Zone = "UTC", From = new(2027, 1, 2), Until = new(2027, 1, 1), Text = "" },
            ],
            Promises = [new() { Id = "p", Supplier = "zz", Text = "x", Within = TimeSpan.Zero }],
            FareConditions =
            [
                new() { Id = "f", Text = "x", Refundable = false, Penalty = 5m }, new() { Id = "g", Text = "x", Refundable = true, Penalty = 0.5m, Currency = "JPY" },
                new() { Id = "h", Text = "x", Currency = "XXQ" },
            ],
            RefundClocks =
            [
                new() { Id = "r", Instrument = "cash", Days = 0, Text = "x" }, new() { Id = "s", Instrument = "card", Days = 7, Text = "x" },
                new() { Id = "t", Instrument = "card", Days = 8, Text = "x" },
            ],
        };

        var problems = new CancellationRules().Validate(null, options).Failures!.ToList();

        foreach (var start in new[]
        {
            "Cancellations:AgencyZone: 'Europe/Lodon'", "Cancellations:VoidWindows:0:Ends: 'noon'", "Cancellations:VoidWindows:1:Id: 'a'", "Cancellations:VoidWindows:1:Hours: ",
            "Cancellations:VoidWindows:1:Market: ", "Cancellations:VoidWindows:2:Zone: ", "Cancellations:VoidWindows:2:Until: ", "Cancellations:VoidWindows:2:Text: ",
            "Cancellations:Promises:0:Supplier: must be house", "Cancellations:Promises:0:Within: ", "Cancellations:RefundClocks:0:Instrument: 'cash'",
            "Cancellations:FareConditions:0:Currency: must be set", "Cancellations:FareConditions:0:Penalty: ", "Cancellations:FareConditions:1:Penalty: has more decimals",
            "Cancellations:FareConditions:2:Currency: 'XXQ'", "Cancellations:RefundClocks:0:Days: ", "Cancellations:RefundClocks:2: is in force for the same as row 1 ('s')",
        })
        {
            Assert.Contains(problems, problem => problem.StartsWith(start, StringComparison.Ordinal));
        }

        var usual = new CancellationOptions();
        CancellationOptions.Defaults(usual);
        Assert.True(new CancellationRules().Validate(null, usual).Succeeded);
    }

    private static readonly Gen<string> Fares = OneOf("nonRefundable", "refundable", "dear", "unknown", "penaltyUnknown");

    private static readonly Gen<(SoldOrder, int, IReadOnlyList<CouponKey>?, string)> Cases =
        from fare in Fares
        from party in OneOf(PassengerType.Adult, PassengerType.Child, PassengerType.Infant).Array[0, 3]
        from whole in Gen.Bool
        from hours in Gen.Int[0, 24 * 18]
        from some in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 2]).Array[1, 8]
        from all in Gen.Bool
        from cause in OneOf("voluntary", "involuntary")
        let order = Order(fare, [PassengerType.Adult, .. party.Where((type, at) => type != PassengerType.Infant || party.Take(at).All(other => other != PassengerType.Infant))])
        select (
            whole ? order with { BySegment = null } : order, hours,
            all ? null : (IReadOnlyList<CouponKey>)[.. some.Select(one => new CouponKey($"p{Math.Min(one.Item1, order.Passengers.Count)}", one.Item2))], cause);

    private static Gen<T> OneOf<T>(params T[] some) => Gen.Int[0, some.Length - 1].Select(at => some[at]);

    private static CancelQuoteAnswer Ask(SoldOrder order, int hoursAfter, IReadOnlyList<CouponKey>? coupons = null, string cause = "voluntary") =>
        Ask(order, Sold.AddHours(hoursAfter), coupons, cause);

    private static CancelQuoteAnswer Ask(SoldOrder order, DateTimeOffset at, IReadOnlyList<CouponKey>? coupons, string cause) =>
        QuoteRules.Quote(Wish(order, at, coupons, cause), Standing.New(Sold), Policies);

    private static CancelWish Wish(SoldOrder order, DateTimeOffset at, IReadOnlyList<CouponKey>? coupons, string cause) => new(
        Guid.NewGuid(), new(Guid.NewGuid(), Sold, null), order, coupons, cause == "voluntary" ? CancellationCause.Voluntary : CancellationCause.Involuntary, at);

    private static IReadOnlyList<CouponKey>? Coupons(string text) => text == "all"
        ? null
        : [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => new CouponKey(one.Split('.')[0], int.Parse(one.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)))];

    private static IReadOnlyList<CouponKey> Ahead(SoldOrder order, string passengerId, int hours) =>
        [.. order.Offer.Segments.Where(segment => segment.DepartsAt > Sold.AddHours(hours)).Select(segment => new CouponKey(passengerId, segment.Ordinal))];

    private static SoldOrder Order(string fare, params PassengerType[] party)
    {
        var conditions = fare switch
        {
            "nonRefundable" => new FareConditions(false, null, true, Eur(75)),
            "refundable" => new(true, Eur(50), true, Eur(50)),
            "dear" => new(true, Eur(500), true, Eur(50)),
            "penaltyUnknown" => new(true, null, null, null),
            _ => new FareConditions(null, null, null, null),
        };
        var types = party.Length == 0 ? [PassengerType.Adult] : party;
        var passengers = types.Select((type, at) => new OfferPassenger($"p{at + 1}", type)).ToList();
        var lines = passengers.SelectMany(passenger => new[] { 1, 2 }.SelectMany(segment => new SegmentLine[]
        {
            new(segment, new(passenger.Id, PriceLineKind.BaseFare, "FARE", null, conditions.Refundable == true, Eur(100))),
            new(segment, new(passenger.Id, PriceLineKind.CarrierCharge, "YQ", null, conditions.Refundable == true, Eur(20))),
            new(segment, new(passenger.Id, PriceLineKind.Tax, "FR", "FR", true, Eur(30))),
            new(segment, new(passenger.Id, PriceLineKind.Tax, "XX", "FR", false, Eur(5))),
        })).ToList();
        var offer = new OfferSnapshot(
            Guid.NewGuid(), "house", "AF", [Segment(1, "CDG", "JFK", 10), Segment(2, "JFK", "CDG", 17)], passengers, [.. lines.Select(line => line.Line)],
            lines.Select(line => line.Line.Amount).Sum("EUR"), conditions, Sold);
        return new(
            offer,
            [.. passengers.Select(passenger => new Passenger(passenger.Id, passenger.Type, "Jo", "Doe", "JO", "DOE", new(1990, 1, 31), passenger.Type == PassengerType.Infant ? "p1" : null))],
            lines);
    }

    private static Segment Segment(int ordinal, string origin, string destination, int days) => new(
        ordinal, $"AF{ordinal}", new("AF", ordinal), "AF", origin, destination, Sold.AddDays(days).DateTime, "UTC", Sold.AddDays(days), Sold.AddDays(days).AddHours(8).DateTime, "UTC",
        Sold.AddDays(days).AddHours(8), "359", Cabin.Economy, "Y", "YOW", "1PC");

    private static Money Eur(decimal amount) => Money.Of(amount, "EUR");

    private static CancellationPolicies With(Action<CancellationOptions> change, string instrument = "card")
    {
        var options = new CancellationOptions { Instrument = instrument };
        change(options);
        CancellationOptions.Defaults(options);
        return new(Options.Create(options));
    }
}
