using System.Net;
using Aerona.Bookings.Support;
using CsCheck;

namespace Aerona.Bookings.Tests.Support;

public sealed class FindTests
{
    [Fact]
    public async Task Whatever_a_caller_reads_out_finds_the_booking()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        desk.Service.Clock.Advance(TimeSpan.FromSeconds(1));
        var (other, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        var view = await desk.ViewAsync(id, token);
        var saga = await desk.SagaAsync(id);
        var segment = saga.Offer!.Segments[0];

        Assert.Equal([(id, "locator")], await FindAsync(desk, saga.Locator.ToLowerInvariant()));
        Assert.Equal([(id, "id")], await FindAsync(desk, id.ToString()));
        Assert.Equal([(id, "ticket")], await FindAsync(desk, saga.TicketNumbers[0].Number.Insert(3, "-")));
        Assert.Equal([(id, "locator")], await FindAsync(desk, saga.Locators[0].Code));
        Assert.Equal(Both("email"), await FindAsync(desk, saga.Contact.Email.ToUpperInvariant()));
        Assert.Equal(Both("flight"), await FindAsync(desk, $"{segment.Flight} {segment.DepartsLocal:yyyy-MM-dd}"));
        Assert.Equal(Both("name"), await FindAsync(desk, "nguyễn"));
        Assert.Equal(Both("name"), await FindAsync(desk, "DANG/BINH"));
        Assert.Equal(Both("likeName"), await FindAsync(desk, "nguyne"));
        Assert.Empty(await FindAsync(desk, "Quackenbush"));
        Assert.Equal(view.GetProperty("locator").GetString(), saga.Locator);

        (Guid, string)[] Both(string by) => [(other, by), (id, by)];   // the newest first
    }

    [Fact]
    public async Task An_id_of_PayPals_or_of_a_document_that_stands_on_the_timeline_finds_it()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.Service.ConsumeAsync(new Contracts.Bookings.BookingNoted(id, "payment.captured", desk.Now, "8F148933LY8412345"));

        Assert.Equal([(id, "reference")], await FindAsync(desk, "8F148933LY8412345"));
    }

    [Fact]
    public async Task Names_are_shown_by_their_first_letter()
    {
        await using var desk = await BookingDesk.StartAsync();
        await desk.BookAsync();

        var found = await BookingDesk.JsonAsync(await desk.GetAsync("/v1/support/booking-search?q=nguyen", desk.TokenFor("sue", "support")));

        Assert.DoesNotContain("BINH", found.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("NGUYEN DANG B", found.GetProperty("found")[0].GetProperty("names").EnumerateArray().Select(name => name.GetString()));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("%20%20x")]
    public async Task Too_little_is_not_looked_for(string text)
    {
        await using var desk = await BookingDesk.StartAsync();

        var answer = await desk.GetAsync($"/v1/support/booking-search?q={text}", desk.TokenFor("sue", "support"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("q.length", (await BookingDesk.JsonAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Travellers_may_not_search_and_may_not_see_the_work()
    {
        await using var desk = await BookingDesk.StartAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await desk.GetAsync("/v1/support/booking-search?q=nguyen", desk.TokenFor("an", "traveller"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await desk.GetAsync("/v1/support/work", desk.TokenFor("an", "traveller"))).StatusCode);
    }

    /// <summary>In names of five letters and more.</summary>
    [Fact]
    public void A_name_is_like_itself_and_like_one_with_a_letter_too_many()
    {
        Gen.Select(Gen.Char['A', 'Z'].Array[5, 12], Gen.Int[2, 4], Gen.Char['A', 'Z']).Sample((letters, at, letter) =>
        {
            var name = new string(letters);
            Assert.Equal(1, Trigrams.WordLikeness(name, $"OTHER {name}"));
            Assert.True(Trigrams.WordLikeness(name.Insert(at, letter.ToString()), $"{name} OTHER") >= Trigrams.Alike);
        });
    }

    private static async Task<List<(Guid Id, string By)>> FindAsync(BookingDesk desk, string text)
    {
        var answer = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/booking-search?q={Uri.EscapeDataString(text)}", desk.TokenFor("sue", "support")));
        return [.. answer.GetProperty("found").EnumerateArray().Select(found => (found.GetProperty("id").GetGuid(), found.GetProperty("by").GetString()!))];
    }
}

public sealed class WorkTests
{
    [Fact]
    public async Task What_is_parked_or_past_its_time_stands_in_the_queue_the_most_harmful_first()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (parked, _) = await desk.BookAsync();
        var (late, _) = await desk.BookAsync();
        var (waits, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(late);
        await desk.UntilParkedAsync(parked);
        desk.Service.Clock.Advance(TimeSpan.FromHours(30));

        var work = await BookingDesk.JsonAsync(await desk.GetAsync("/v1/support/work", desk.TokenFor("sue", "support")));

        var queue = work.GetProperty("queue").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetGuid());
        Assert.Equal(parked, queue.Keys.First());
        Assert.Equal(new[] { late, waits }.Order(), queue.Keys.Skip(1).Order());
        Assert.Equal(3, work.GetProperty("waiting").GetInt32());
        Assert.StartsWith("parked: somebody has to decide; open: commit-unknown", queue[parked].GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal($"{(desk.Now - (await desk.SagaAsync(late)).DeadlineAt!.Value).TotalMinutes:0} min past its time", queue[late].GetProperty("why").GetString());
        Assert.Equal((2, 25), (queue[parked].GetProperty("factors").GetProperty("money").GetInt32(), queue[parked].GetProperty("factors").GetProperty("age").GetInt32()));
        Assert.Equal((1, 25), (queue[late].GetProperty("factors").GetProperty("money").GetInt32(), queue[late].GetProperty("factors").GetProperty("age").GetInt32()));
        var states = work.GetProperty("states").EnumerateArray().ToDictionary(state => state.GetProperty("state").GetString()!, state => state.GetProperty("count").GetInt32());
        Assert.Equal((1, 1), (states["parkedForStaff"], states["awaitingPayment"]));
        var atRisk = work.GetProperty("moneyAtRisk")[0];
        Assert.Equal(("0.00", "518.00"), (atRisk.GetProperty("chargedWithoutTicket").GetProperty("amount").GetString(), atRisk.GetProperty("held").GetProperty("amount").GetString()));
    }

    [Fact]
    public void Nearness_money_and_age_multiply()
    {
        var offer = FakeOffers.Make(new DateTime(2027, 2, 1, 10, 0, 0), Contracts.PassengerType.Adult);
        var departs = offer.Segments[0].DepartsAt;
        var saga = new Sagas.Booking.BookingState
        {
            Passengers = [new("p1", Contracts.PassengerType.Adult, "An", "Le", "AN", "LE", new(1990, 1, 31), null)],
            DeadlineAt = departs.AddHours(-3),
        };
        var zero = Contracts.Money.Zero(offer.Total.Currency);

        Assert.Equal(1 * 13 * 10 * 2, HarmFactors.Of(saga, offer, new(offer.Total, zero, offer.Total, zero), departs.AddHours(-2)).Product);
        Assert.Equal(1 * 2 * 2 * 1, HarmFactors.Of(saga, offer, new(offer.Total, offer.Total, zero, zero), departs.AddHours(-24)).Product);
        Assert.Equal(1 * 2 * 1 * 1, HarmFactors.Of(saga, offer, new(offer.Total, zero, offer.Total, offer.Total), departs.AddHours(-24)).Product);
    }
}
