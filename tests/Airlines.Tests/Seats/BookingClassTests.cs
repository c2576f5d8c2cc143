using Aerona.Airlines.Flights;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using CsCheck;
using Xunit;

namespace Aerona.Airlines.Tests.Seats;

public sealed class BookingClassTests
{
    private static readonly string[] Letters = ["Y", "M", "Q"];

    /// <summary>Authorisations falling from the cabin's, and attempts: a class, and seats taken or, where negative, given back.</summary>
    private static readonly Gen<(int[] Authorised, List<(int Class, int Seats)> Attempts)> AnyHistory =
        Gen.Select(
            Gen.Int[0, 12].Array[3].Select(numbers => (int[])[.. numbers.OrderDescending()]),
            Gen.Select(Gen.Int[0, 2], Gen.Int[-3, 4]).List[1, 60]);

    [Fact]
    public void Whatever_is_taken_and_given_back_no_class_takes_what_is_kept_for_a_dearer_one_and_nothing_is_oversold() => AnyHistory.Sample(history =>
    {
        var count = SeatCount.Open(OnSale(history.Authorised), Cabin.Economy);
        var taken = new int[Letters.Length];
        foreach (var (of, seats) in history.Attempts)
        {
            // What the rule says, told without buckets: of every authorisation at or above the class, less what this and all cheaper ones took.
            var left = Math.Max(0, Enumerable.Range(0, of + 1).Min(place => history.Authorised[place] - taken[place..].Sum()));
            Assert.Equal(left, count.LeftIn(Letters[of]));
            if (seats > 0 && seats <= left)
            {
                count.Take(new(count.Key, seats, Letters[of]));
                taken[of] += seats;
            }
            else if (seats < 0 && taken[of] >= -seats)
            {
                count.GiveBack(new(count.Key, -seats, Letters[of]));
                taken[of] += seats;
            }

            Assert.Equal(taken.Sum(), count.Occupied);
            Assert.All(Enumerable.Range(0, Letters.Length), place => Assert.True(taken[place..].Sum() <= history.Authorised[place]));
            Assert.Equal(Math.Max(0, history.Authorised[0] - taken.Sum()), count.Left);
            Assert.Equal(
                Enumerable.Range(0, Letters.Length).Where(place => count.LeftIn(Letters[place]) >= 2).Select(place => Letters[place]).LastOrDefault(), count.LowestOpen(2));
        }
    }, iter: 2_000);

    [Fact]
    public void Classes_published_anew_keep_what_is_taken_and_a_class_that_is_gone_counts_for_the_cabin_until_it_is_given_back()
    {
        var count = SeatCount.Open(OnSale([10, 6, 3]), Cabin.Economy);
        count.Take(new(count.Key, 3, "Q"));
        count.Take(new(count.Key, 2, "M"));

        Assert.True(count.Follow(OnSale([8, 5], "Y", "M")));
        Assert.False(count.Follow(OnSale([8, 5], "Y", "M")));
        Assert.Equal((3, 3, 3, 0), (count.Left, count.LeftIn("Y"), count.LeftIn("M"), count.LeftIn("Q")));
        count.GiveBack(new(count.Key, 3, "Q"));

        Assert.Equal((6, 6, 3), (count.Left, count.LeftIn("Y"), count.LeftIn("M")));
    }

    [Fact]
    public async Task Offers_are_made_in_the_cheapest_class_that_has_the_seats_and_holds_take_from_it()
    {
        await using var house = await House.OpenAsync();
        var flight = WithClasses(House.Flight(1), (10, 300), (4, 200), (2, 100));
        await house.PublishAsync(flight);

        var sold = new List<(string Class, decimal Fare)>();
        foreach (var adults in (int[])[1, 2, 1, 1, 3, 2])
        {
            var offer = await house.OfferAsync(adults, 0, flight);
            sold.Add((offer.Segments[0].BookingClass, offer.Passengers[0].Lines[0].Amount.Amount));
            Assert.Equal(HoldState.Held, (await house.HoldAsync(offer)).State);
        }

        // Two are wanted when one is left in Q; then the last one of Q goes after all, for M and Q together have taken three of four.
        Assert.Equal([("Q", 100m), ("M", 200m), ("Q", 100m), ("Y", 300m), ("Y", 300m), ("Y", 300m)], sold);
        Assert.Equal([9, 7, 6, 5, 2, 0], (await house.Service.Published<SeatAvailabilityChanged>()).Select(change => change.Left));     // of the cabin, whatever class
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_class_that_closed_since_the_offer_is_priced_in_the_next_and_a_hold_in_it_is_refused_for_that_reason()
    {
        await using var house = await House.OpenAsync();
        var flight = WithClasses(House.Flight(1), (10, 300), (4, 200), (1, 100));
        await house.PublishAsync(flight);
        var (late, first) = (await house.OfferAsync(flight), await house.OfferAsync(flight));
        var held = await house.HoldAsync(first);

        var refused = await house.HoldAsync(late);
        await house.Service.ConsumeAsync(new PriceOffer(Guid.NewGuid(), late.Id));
        await house.Service.ConsumeAsync(new PriceOffer(held.BookingId, first.Id));

        Assert.Equal("seats.class_closed", refused.Refusal!.Reason);
        var changed = await house.LastAsync<OfferPriceChanged>();
        Assert.Equal(("M", late.Total), (changed.NewOffer.Segments[0].BookingClass, changed.OldTotal));
        Assert.Equal(first.Id, (await house.LastAsync<OfferPriced>()).OfferId);     // whoever holds the last seat of a class keeps its price
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hundred_at_once_for_the_cheapest_class_are_so_many_as_it_has_and_the_dearer_ones_keep_theirs()
    {
        await using var house = await House.OpenAsync();
        var flight = WithClasses(House.Flight(1), (30, 300), (20, 200), (10, 100));
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        Assert.Equal("Q", offer.Segments[0].BookingClass);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => house.Service.ConsumeAsync(new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), offer.Id, House.People(offer))))));

        Assert.Equal(10, (await house.Service.Published<SeatsHeld>()).Count);
        Assert.Equal(50, (await house.Service.Published<SeatsRefused>()).Count(refused => refused.Reason == "seats.class_closed"));
        Assert.Equal(20, (await house.CountAsync(flight))!.Left);
        await house.AssertBooksAgreeAsync();
    }

    private static PublishedFlight WithClasses(PublishedFlight flight, params (int Authorised, decimal Fare)[] classes) => flight with
    {
        Cabins = [new(Cabin.Economy, classes[0].Authorised, "Q", Money.Of(classes[^1].Fare, "USD"), [.. classes.Select((one, index) => new PublishedClass(Letters[index], one.Authorised, Money.Of(one.Fare, "USD")))])],
    };

    private static FlightOnSale OnSale(int[] authorised, params string[] letters) => FlightOnSale.Of(House.Flight(1) with
    {
        Cabins =
        [
            new(Cabin.Economy, authorised[0], "Y", Money.Of(100, "USD"),
                [.. authorised.Select((seats, index) => new PublishedClass((letters.Length == 0 ? Letters : letters)[index], seats, Money.Of(100 - index, "USD")))]),
        ],
    });
}
