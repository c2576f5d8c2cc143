using System.Net;
using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.Offers;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Submission;

public sealed class SubmitBookingTests
{
    [Fact]
    public async Task A_guest_submits_and_gets_a_token_that_shows_this_booking()
    {
        await using var desk = await BookingDesk.StartAsync();

        var response = await desk.PostAsync("/v1/bookings", desk.Request(clientReference: "shop-17"));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var view = await BookingDesk.JsonAsync(response);
        var id = view.GetProperty("id").GetGuid();
        Assert.EndsWith($"/v1/bookings/{id}", response.Headers.Location!.ToString());
        Assert.Equal("submitted", view.GetProperty("state").GetString());
        Assert.Equal("shop-17", view.GetProperty("clientReference").GetString());
        var seen = await desk.GetAsync($"/v1/bookings/{id}", view.GetProperty("guestToken").GetString());
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
    }

    [Theory]
    [InlineData("VND", 13_000_000)]
    [InlineData("KWD", 129_500)]
    [InlineData("KRW", 700_000)]
    public async Task A_currency_that_PayPal_does_not_take_is_refused_before_any_seat_is_held(string currency, long minor)
    {
        await using var desk = await BookingDesk.StartAsync();
        var offer = desk.Offers.Add(desk.Offers.Default with { OfferId = Guid.NewGuid(), Total = new(minor, currency) });

        var response = await desk.PostAsync("/v1/bookings", desk.Request(offer.OfferId));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await BookingDesk.JsonAsync(response);
        Assert.Equal("offer.currency_not_taken", problem.GetProperty("code").GetString());
        Assert.Contains(currency, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(await desk.Service.Published<BookingSubmitted>());
    }

    [Fact]
    public async Task The_names_that_go_to_the_airline_are_shown_for_confirmation_and_submitted()
    {
        await using var desk = await BookingDesk.StartAsync();

        var view = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request()));

        var names = view.GetProperty("passengers").EnumerateArray().Select(x => x.GetProperty("nameOnTicket").GetString());
        Assert.Equal(["LE/AN", "NGUYEN DANG/BINH", "LE/CUC"], names);
        var submitted = Assert.Single(await desk.Service.Published<BookingSubmitted>());
        Assert.Equal((view.GetProperty("id").GetGuid(), view.GetProperty("locator").GetString()), (submitted.BookingId, submitted.Locator));
        Assert.Equal(new Passenger("p3", PassengerType.Infant, "Cúc", "Lê", "CUC", "LE", new(2026, 3, 1), "p1"), submitted.Passengers[2]);
        Assert.Null(submitted.Owner);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_same_booking_and_starts_nothing_twice()
    {
        await using var desk = await BookingDesk.StartAsync();
        var request = desk.Request();

        var first = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", request, key: "k-1"));
        var second = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", request, key: "k-1"));

        Assert.Equal(first.GetProperty("id").GetGuid(), second.GetProperty("id").GetGuid());
        Assert.Single(await desk.Service.Published<BookingSubmitted>());
    }

    [Fact]
    public async Task Somebody_signed_in_owns_the_booking_and_nobody_else_finds_it()
    {
        await using var desk = await BookingDesk.StartAsync();
        var an = desk.TokenFor("an", "traveller");

        var view = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request(), an));

        Assert.False(view.TryGetProperty("guestToken", out _));
        Assert.Equal($"Bearer {an}", desk.Offers.LastAuthorization);
        var path = $"/v1/bookings/{view.GetProperty("id").GetGuid()}";
        Assert.Equal(HttpStatusCode.OK, (await desk.GetAsync(path, an)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await desk.GetAsync(path, desk.TokenFor("sue", "support"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync(path, desk.TokenFor("eve", "traveller"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync(path + "/timeline", desk.TokenFor("eve", "traveller"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.PostAsync(path + "/cancellations", null, desk.TokenFor("eve", "traveller"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.PostAsync(path + "/payments", null)).StatusCode);
    }

    [Fact]
    public async Task A_locator_that_is_taken_is_not_given_twice()
    {
        await using var desk = await BookingDesk.StartAsync(new NewLocators("BCDFGH", "BCDFGH", "JKMNPQ"));

        var first = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request()));
        var second = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request()));

        Assert.Equal(("BCDFGH", "JKMNPQ"), (first.GetProperty("locator").GetString(), second.GetProperty("locator").GetString()));
    }

    public static TheoryData<string, string, object> BadPassengers => new()
    {
        { "passenger.count_mismatch", "/passengers", new[] { BookingDesk.An } },
        { "passenger.unknown", "/passengers/1/id", new[] { BookingDesk.An, BookingDesk.Adult("p9", "Bình", "Nguyễn"), BookingDesk.Infant } },
        { "passenger.duplicate", "/passengers/1/id", new[] { BookingDesk.An, BookingDesk.An, BookingDesk.Infant } },
        { "passenger.type_mismatch", "/passengers/0/birthDate", new[] { Person("p1", "2020-01-01"), BookingDesk.Binh, BookingDesk.Infant } },
        { "passenger.type_mismatch", "/passengers/2/birthDate", new[] { BookingDesk.An, BookingDesk.Binh, Person("p3", "2025-02-01", "p1") } },
        { "passenger.birth_date_invalid", "/passengers/0/birthDate", new[] { Person("p1", "2026-12-02"), BookingDesk.Binh, BookingDesk.Infant } },
        { "passenger.birth_date_invalid", "/passengers/0/birthDate", new[] { Person("p1", "1890-01-01"), BookingDesk.Binh, BookingDesk.Infant } },
        { "passenger.infant_without_adult", "/passengers/2/accompaniedBy", new[] { BookingDesk.An, BookingDesk.Binh, Person("p3", "2026-03-01") } },
        { "passenger.infant_without_adult", "/passengers/2/accompaniedBy", new[] { BookingDesk.An, BookingDesk.Binh, Person("p3", "2026-03-01", "p3") } },
        { "passenger.not_an_infant", "/passengers/1/accompaniedBy", new[] { BookingDesk.An, Person("p2", "1990-01-31", "p1"), BookingDesk.Infant } },
        { "name.missing", "/passengers/0/surname", new[] { BookingDesk.Adult("p1", "An", "  "), BookingDesk.Binh, BookingDesk.Infant } },
        { "name.not_transliterable", "/passengers/0/givenName", new[] { BookingDesk.Adult("p1", "安", "Lê"), BookingDesk.Binh, BookingDesk.Infant } },
        { "name.not_transliterable", "/passengers/0/surname", new[] { BookingDesk.Adult("p1", "An", "L3"), BookingDesk.Binh, BookingDesk.Infant } },
        { "name.too_long", "/passengers/0/surname", new[] { BookingDesk.Adult("p1", "An", new('L', 31)), BookingDesk.Binh, BookingDesk.Infant } },
        { "name.too_long", "/passengers/0/givenName", new[] { BookingDesk.Adult("p1", new('A', 23), new('L', 22)), BookingDesk.Binh, BookingDesk.Infant } },
    };

    public static TheoryData<string, string, object> BadContacts => new()
    {
        { "contact.email_invalid", "/contact/email", new { email = "an@" } },
        { "contact.email_invalid", "/contact/email", new { email = "an@example.org\r\nBcc: eve@example.org" } },
        { "contact.email_invalid", "/contact/email", new { email = "An <an@example.org>" } },
        { "contact.phone_invalid", "/contact/phone", new { email = "an@example.org", phone = "0901" } },
        { "contact.locale_invalid", "/contact/locale", new { email = "an@example.org", locale = "zzz-zz" } },
    };

    [Theory]
    [MemberData(nameof(BadPassengers))]
    public async Task Wrong_passengers_are_refused_with_their_own_code_and_field(string code, string pointer, object passengers) =>
        await RefusesAsync(desk => desk.Request(passengers: passengers), HttpStatusCode.BadRequest, code, pointer);

    [Theory]
    [MemberData(nameof(BadContacts))]
    public async Task Wrong_contacts_are_refused_with_their_own_code_and_field(string code, string pointer, object contact) =>
        await RefusesAsync(desk => desk.Request(contact: contact), HttpStatusCode.BadRequest, code, pointer);

    [Theory]
    [InlineData("https://evil.example/back")]
    [InlineData("https://shop.example.evil.example/")]
    [InlineData("https://an@shop.example/")]
    [InlineData("http://shop.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/relative")]
    public async Task A_return_address_of_a_stranger_is_refused(string returnUrl) =>
        await RefusesAsync(desk => desk.Request(returnUrl: returnUrl), HttpStatusCode.BadRequest, "return_url.not_allowed", "/returnUrl");

    [Fact]
    public async Task A_return_address_of_a_registered_shop_is_passed_on()
    {
        await using var desk = await BookingDesk.StartAsync();

        await desk.PostAsync("/v1/bookings", desk.Request(returnUrl: "https://shop.example/paid?cart=1"));

        Assert.Equal("https://shop.example/paid?cart=1", Assert.Single(await desk.Service.Published<BookingSubmitted>()).ReturnUrl);
    }

    [Fact]
    public async Task A_client_reference_with_a_line_break_is_refused() =>
        await RefusesAsync(desk => desk.Request(clientReference: "a\nb"), HttpStatusCode.BadRequest, "client_reference.invalid", "/clientReference");

    [Fact]
    public async Task An_offer_that_is_nobodys_or_somebody_elses_is_not_found() =>
        await RefusesAsync(desk => desk.Request(offerId: Guid.NewGuid()), HttpStatusCode.NotFound, "offer.not_found", "/offerId");

    [Fact]
    public async Task An_offer_that_airlines_calls_expired_is_refused() => await RefusesAsync(
        desk => desk.Request(offerId: desk.Offers.Add(desk.Offers.Default with { OfferId = Guid.NewGuid() }, expired: true).OfferId),
        HttpStatusCode.Conflict, "offer.expired", "/offerId");

    [Fact]
    public async Task An_offer_whose_time_has_come_is_refused() => await RefusesAsync(
        desk => desk.Request(offerId: desk.Offers.Add(desk.Offers.Default with { OfferId = Guid.NewGuid(), ExpiresAt = desk.Now }).OfferId),
        HttpStatusCode.Conflict, "offer.expired", "/offerId");

    [Fact]
    public async Task Two_infants_on_one_adult_are_refused() => await RefusesAsync(
        desk => desk.Request(
            offerId: desk.Offers.Add(FakeOffers.Make(new(2027, 2, 1, 10, 0, 0), PassengerType.Adult, PassengerType.Infant, PassengerType.Infant)).OfferId,
            passengers: new[] { BookingDesk.An, Person("p2", "2026-03-01", "p1"), Person("p3", "2026-03-01", "p1") }),
        HttpStatusCode.BadRequest, "passenger.adult_has_two_infants", "/passengers/2/accompaniedBy");

    [Fact]
    public async Task Age_counts_at_the_local_day_of_every_departure()
    {
        await using var desk = await BookingDesk.StartAsync();
        var out1 = FakeOffers.Make(new(2027, 2, 1, 0, 30, 0), PassengerType.Adult, PassengerType.Infant);
        var back = FakeOffers.Make(new(2027, 2, 14, 23, 0, 0), PassengerType.Adult, PassengerType.Infant);
        var both = desk.Offers.Add(out1 with { OfferId = Guid.NewGuid(), Segments = [.. out1.Segments, back.Segments[0] with { Ordinal = 2 }] });

        // Two years old on the 15th: an infant on both flights. On the 14th: no infant any more on the way back.
        var fits = await desk.PostAsync("/v1/bookings", desk.Request(both.OfferId, new[] { BookingDesk.An, Person("p2", "2025-02-15", "p1") }));
        var grown = await desk.PostAsync("/v1/bookings", desk.Request(both.OfferId, new[] { BookingDesk.An, Person("p2", "2025-02-14", "p1") }));

        Assert.Equal(HttpStatusCode.Accepted, fits.StatusCode);
        Assert.Equal("passenger.type_mismatch", (await BookingDesk.JsonAsync(grown)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Airlines_not_answering_is_said_to_pass_and_changes_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        desk.Offers.Others[desk.Offers.Default.OfferId] = new OfferAnswer.Unavailable();

        var response = await desk.PostAsync("/v1/bookings", desk.Request(), key: "again");
        var problem = await BookingDesk.JsonAsync(response);
        desk.Offers.Others.Clear();
        var repeated = await desk.PostAsync("/v1/bookings", desk.Request(), key: "again");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "offer.unavailable"), (response.StatusCode, problem.GetProperty("code").GetString()));
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal(HttpStatusCode.Accepted, repeated.StatusCode);
    }

    [Fact]
    public async Task Who_pays_later_says_so_where_the_offer_gives_time()
    {
        await using var desk = await BookingDesk.StartAsync();
        var offer = desk.Offers.Add(desk.Offers.Default with { OfferId = Guid.NewGuid(), PayLaterUntil = desk.Now.AddDays(1) });

        var later = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request(offer.OfferId, payment: "later")));
        var now = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request(offer.OfferId)));

        Assert.Equal(("later", "now"), (later.GetProperty("payment").GetString(), now.GetProperty("payment").GetString()));
        Assert.Equal([true, false], (await desk.Service.Published<BookingSubmitted>()).Select(submitted => submitted.PayLater));
    }

    [Fact]
    public async Task An_offer_that_gives_no_time_to_pay_cannot_be_paid_later() => await RefusesAsync(
        desk => desk.Request(payment: "later"), HttpStatusCode.BadRequest, "payment.later_not_possible", "/payment");

    [Fact]
    public async Task Too_close_to_departure_the_time_to_pay_later_is_over() => await RefusesAsync(
        desk => desk.Request(desk.Offers.Add(desk.Offers.Default with { OfferId = Guid.NewGuid(), PayLaterUntil = desk.Now }).OfferId, payment: "later"),
        HttpStatusCode.BadRequest, "payment.later_not_possible", "/payment");

    [Theory]
    [InlineData("never", "request.unknown_value")]
    [InlineData("Later", "request.unknown_value")]
    public async Task Another_time_to_pay_is_refused_by_field(string payment, string code) =>
        await RefusesAsync(desk => desk.Request(payment: payment), HttpStatusCode.BadRequest, code, "/payment");

    [Fact]
    public async Task Everything_wrong_is_named_at_once()
    {
        await using var desk = await BookingDesk.StartAsync();

        var problem = await BookingDesk.JsonAsync(await desk.PostAsync(
            "/v1/bookings", desk.Request(passengers: new[] { BookingDesk.Adult("p1", "An", "李"), BookingDesk.Binh, Person("p3", "2026-03-01") }, contact: new { email = "x" })));

        Assert.Equal(
            ["name.not_transliterable", "passenger.infant_without_adult", "contact.email_invalid"],
            problem.GetProperty("errors").EnumerateArray().Select(x => x.GetProperty("code").GetString()));
    }

    private static object Person(string id, string birthDate, string? accompaniedBy = null) => new { id, givenName = "Cúc", surname = "Lê", birthDate, accompaniedBy };

    private static async Task RefusesAsync(Func<BookingDesk, object> request, HttpStatusCode status, string code, string pointer)
    {
        await using var desk = await BookingDesk.StartAsync();

        var response = await desk.PostAsync("/v1/bookings", request(desk));

        var problem = await BookingDesk.JsonAsync(response);
        Assert.Equal((status, code), (response.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Empty(await desk.Service.Published<BookingSubmitted>());
        Assert.Equal(0, await desk.Service.Query<BookingsDbContext, int>(db => db.Bookings.CountAsync()));
    }
}
