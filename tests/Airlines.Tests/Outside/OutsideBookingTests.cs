using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>Booking on ZZ through the Duffel adapter: what Airlines says to the saga, and what stands in ZZ's own books.</summary>
public sealed class OutsideBookingTests(ZzWorld zz) : IClassFixture<ZzWorld>
{
    [Fact]
    public async Task A_family_is_held_paid_and_ticketed_and_the_airlines_books_say_the_same()
    {
        var offer = await zz.OfferAsync("EDI", "CDG", PassengerType.Adult, PassengerType.Adult, PassengerType.Child, PassengerType.Infant);
        Assert.Equal(offer.Total, offer.Passengers.Select(passenger => passenger.Total).Sum(offer.Total.Currency));
        var bookingId = Guid.NewGuid();

        await zz.SendAsync(new PriceOffer(bookingId, offer.Id));
        Assert.Equal(offer.Total, Assert.Single(await zz.SaidAsync<OfferPriced>(bookingId)).Offer.Total);
        var (order, reference) = await zz.BoughtAsync(offer);

        var confirmed = Assert.Single(await zz.SaidAsync<AirlineOrderConfirmed>(order.BookingId));
        Assert.Equal(["p1", "p2", "p3", "p4"], confirmed.TicketNumbers!.Select(number => number.PassengerId));
        Assert.All(confirmed.TicketNumbers!, number => Assert.Matches("^999[0-9]{10}$", number.Number));
        var books = await zz.BooksAsync(reference);
        Assert.Equal(confirmed.Locators.First(locator => locator.System == "zz").Code, books.GetProperty("bookingReference").GetString());
        Assert.Equal(
            confirmed.TicketNumbers!.Select(number => number.Number).Order(StringComparer.Ordinal),
            books.GetProperty("tickets").EnumerateArray().Select(number => number.GetString()!).Order(StringComparer.Ordinal));
        Assert.False(books.GetProperty("awaitingPayment").GetBoolean());
        Assert.EndsWith("/economy=3", books.GetProperty("seats").GetString(), StringComparison.Ordinal);

        // A repeat is the same answer and no second order; a cancellation gives the seats back.
        await zz.SendAsync(order);
        Assert.Equal(2, (await zz.SaidAsync<AirlineOrderConfirmed>(order.BookingId)).Count);
        await zz.SendAsync(new CancelAirlineOrder(order.BookingId, order.OrderId));
        Assert.Single(await zz.SaidAsync<AirlineOrderCancelled>(order.BookingId));
        Assert.Equal(JsonValueKind.String, (await zz.BooksAsync(reference)).GetProperty("cancelledAt").ValueKind);
        await zz.SendAsync(new LookUpAirlineOrder(order.BookingId, order.OrderId, 1));
        Assert.Single(await zz.SaidAsync<AirlineOrderAbsent>(order.BookingId));
    }

    [Fact]
    public async Task An_instant_supplier_holds_nothing_until_it_is_bought()
    {
        var offer = await zz.OfferAsync("LHR", "AMS");
        Assert.Null(offer.PayLaterUntil);

        var order = await zz.PinnedAsync(offer);
        var held = Assert.Single(await zz.SaidAsync<SeatsHeld>(order.BookingId));
        Assert.Equal((offer.ExpiresAt, offer.ExpiresAt), (held.SpaceUntil, held.PriceUntil));
        Assert.Null((await HoldAsync(order.HoldId)).Reference);
        await zz.SendAsync(order);

        Assert.NotNull(Assert.Single(await zz.SaidAsync<AirlineOrderConfirmed>(order.BookingId)).TicketNumbers);
        Assert.Equal("InstantOnly", (await zz.BooksAsync(order.OrderId)).GetProperty("scenario").GetString());
    }

    [Fact]
    public async Task A_lost_answer_to_the_payment_is_pending_and_then_found()
    {
        var order = await zz.PinnedAsync(await zz.OfferAsync("LHR", "STN"));

        await zz.SendAsync(order);
        Assert.Single(await zz.SaidAsync<AirlineOrderPending>(order.BookingId));
        Assert.Empty(await zz.SaidAsync<AirlineOrderConfirmed>(order.BookingId));
        await zz.SendAsync(new LookUpAirlineOrder(order.BookingId, order.OrderId, 1));

        Assert.NotNull(Assert.Single(await zz.SaidAsync<AirlineOrderConfirmed>(order.BookingId)).TicketNumbers);
    }

    [Fact]
    public async Task An_order_that_never_came_about_is_absent_only_when_enough_time_has_passed()
    {
        var offer = await zz.OfferAsync("LHR", "LTN");
        var (bookingId, holdId) = await zz.HoldAsync(offer);
        Assert.Empty(await zz.SaidAsync<SeatsHeld>(bookingId));
        Assert.Empty(await zz.SaidAsync<SeatsRefused>(bookingId));

        await zz.SendAsync(new LookUpHold(bookingId, holdId, 1));
        Assert.Empty(await zz.SaidAsync<HoldAbsent>(bookingId));
        zz.Pass(TimeSpan.FromMinutes(3));
        await zz.SendAsync(new LookUpHold(bookingId, holdId, 2));
        Assert.Equal(2, Assert.Single(await zz.SaidAsync<HoldAbsent>(bookingId)).LookUp);

        // What was denied stays closed, however late the wish comes.
        await zz.Airlines.ConsumeAsync(new HoldAtSupplier(bookingId, holdId, offer.Id, ZzWorld.People(offer), ZzWorld.Contact));
        Assert.Equal("hold.closed", Assert.Single(await zz.SaidAsync<SeatsRefused>(bookingId)).Reason);
    }

    [Fact]
    public async Task A_dearer_offer_is_an_offer_of_its_own_and_can_be_bought()
    {
        var offer = await zz.OfferAsync("LGW", "LHR");
        var bookingId = Guid.NewGuid();

        await zz.SendAsync(new PriceOffer(bookingId, offer.Id));

        var changed = Assert.Single(await zz.SaidAsync<OfferPriceChanged>(bookingId));
        Assert.Equal(offer.Total, changed.OldTotal);
        Assert.True(changed.NewOffer.Total > offer.Total);
        Assert.Equal(changed.NewOffer.Total, changed.NewOffer.Lines.Select(line => line.Amount).Sum(offer.Total.Currency));
        await zz.SendAsync(new PriceOffer(bookingId, changed.NewOffer.OfferId));
        Assert.Equal(changed.NewOffer.Total, Assert.Single(await zz.SaidAsync<OfferPriced>(bookingId)).Offer.Total);
    }

    [Fact]
    public async Task Sold_seats_are_refused_with_the_reason_and_released_ones_are_free_at_the_airline()
    {
        var (lost, lostHold) = await zz.HoldAsync(await zz.OfferAsync("FRA", "MUC"));
        Assert.Equal(("seats.sold_out", lostHold), (await zz.SaidAsync<SeatsRefused>(lost)).Select(refused => (refused.Reason, refused.HoldId)).Single());

        var (given, givenHold) = await zz.HoldAsync(await zz.OfferAsync("JFK", "EWR"));
        await zz.SendAsync(new ReleaseSeats(given, givenHold, OutsideHold.OnlyToken));
        Assert.Single(await zz.SaidAsync<SeatsReleased>(given));
        Assert.Equal(JsonValueKind.String, (await zz.BooksAsync((await HoldAsync(givenHold)).Reference!)).GetProperty("cancelledAt").ValueKind);
        await zz.SendAsync(new PinSeats(given, givenHold, OutsideHold.OnlyToken));
        Assert.Single(await zz.SaidAsync<HoldLapsed>(given));
    }

    [Fact]
    public async Task Nothing_is_bought_that_is_not_pinned()
    {
        var offer = await zz.OfferAsync("EDI", "DUB");
        var (bookingId, holdId) = await zz.HoldAsync(offer);

        await zz.SendAsync(new CommitAirlineOrder(bookingId, Guid.NewGuid(), holdId, OutsideHold.OnlyToken, offer.Id, "BCDFGH", ZzWorld.People(offer), ZzWorld.Contact));

        Assert.Equal("order.hold_lost", Assert.Single(await zz.SaidAsync<AirlineOrderRefused>(bookingId)).Reason);
        Assert.True((await zz.BooksAsync((await HoldAsync(holdId)).Reference!)).GetProperty("awaitingPayment").GetBoolean());
    }

    [Fact]
    public async Task Who_lacks_what_the_airline_demands_is_told_before_anything_is_asked()
    {
        var offer = await zz.OfferAsync("EDI", "DUB");
        Assert.Equal([OfferNeeds.Gender, OfferNeeds.Phone], offer.Needs!);
        var bookingId = Guid.NewGuid();
        var asked = zz.Wire.Calls.Count;

        await zz.SendAsync(new HoldSeats(bookingId, Guid.NewGuid(), offer.Id, [.. ZzWorld.People(offer).Select(one => one with { Gender = null })], false, ZzWorld.Contact));

        Assert.Equal("passenger.incomplete", Assert.Single(await zz.SaidAsync<SeatsRefused>(bookingId)).Reason);
        Assert.Equal(asked, zz.Wire.Calls.Count);
    }

    [Fact]
    public async Task Live_offers_say_who_answered_what()
    {
        Assert.Equal("complete", Assert.Single((await zz.FindAsync("PVD", "KRK")).Suppliers).State);
        var connecting = await zz.FindAsync("EDI", "DXB");
        Assert.All(connecting.Offers, offer =>
        {
            Assert.Equal(2, offer.Segments.Count);
            Assert.NotEqual(offer.Segments[0].Destination, offer.Segments[1].Origin);   // across London
            Assert.True(offer.Segments[1].DepartsAt > offer.Segments[0].ArrivesAt);
        });
        Assert.Contains(connecting.Offers, offer => offer.Segments[1].ArrivesLocal.Date > offer.Segments[0].DepartsLocal.Date);

        var broken = await zz.FindAsync("FRA", "HAM");
        Assert.Equal(("failed", true), (broken.Suppliers[0].State, broken.IsPartial));

        var busy = await zz.FindAsync("FRA", "BER");
        Assert.Equal(("busy", true), (busy.Suppliers[0].State, busy.IsPartial));
        var asked = zz.Wire.Calls.Count;
        Assert.Equal("busy", (await zz.FindAsync("EDI", "CDG")).Suppliers[0].State);   // not even asked: it said when to come again
        Assert.Equal(asked, zz.Wire.Calls.Count);
        zz.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal("complete", (await zz.FindAsync("EDI", "CDG")).Suppliers[0].State);

        using var wrong = await zz.Airlines.Http.PostAsJsonAsync("/v1/offers/live", new
        {
            legs = new[] { new { origin = "XXX", destination = "CDG" } },
            passengers = new[] { new { type = "child" } },
            suppliers = new[] { "nobody" },
            budgetSeconds = 0,
        });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(
            ["place.unknown", "day.required", "supplier.unknown", "budget.out_of_range"],
            (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()!));
    }

    [Fact]
    public async Task Support_reads_every_call_about_a_booking_without_names_or_secrets()
    {
        var (order, _) = await zz.BoughtAsync(await zz.OfferAsync("EDI", "AMS"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/support/supplier-calls?reference={order.BookingId}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await zz.Airlines.Http.SendAsync(new(HttpMethod.Get, request.RequestUri))).StatusCode);
        request.Headers.Authorization = new("Bearer", zz.Airlines.Services.TokenFor("sue", ["support"], TimeSpan.FromDays(30)));

        using var answer = await zz.Airlines.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        var calls = JsonDocument.Parse(text).RootElement.GetProperty("calls").EnumerateArray().Select(call => call.GetProperty("operation").GetString()!).ToList();
        Assert.Equal(["create_order", "get_order", "create_payment", "get_order"], calls);
        Assert.All(
            ["LOVELACE", "ADA", "ada@example.org", "4930901820", "1990-01-31", "duffel_test"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains(order.HoldId.ToString(), text, StringComparison.Ordinal);
        Assert.Contains("total_amount", text, StringComparison.Ordinal);
    }

    private Task<OutsideHold> HoldAsync(Guid holdId) => zz.QueryAsync(db => db.OutsideHolds.SingleAsync(hold => hold.HoldId == holdId));
}
