using System.Net;
using System.Text;
using Aerona.Bookings.Offers;
using Aerona.Contracts;

namespace Aerona.Bookings.Tests.Offers;

public sealed class HttpOffersTests
{
    private static readonly Guid OfferId = Guid.Parse("0193a000-0000-7000-8000-000000000001");

    internal const string Offer = """
        {"id":"0193a000-0000-7000-8000-000000000001","supplier":"house","validatingCarrier":"AA",
         "segments":[{"ordinal":1,"flightId":"AA1-20261205","flight":"AA1","operatingCarrier":"AA","origin":"JFK","destination":"LAX",
           "departsLocal":"2026-12-05T08:00:00","departureZone":"America/New_York","departsAt":"2026-12-05T13:00:00+00:00",
           "arrivesLocal":"2026-12-05T11:20:00","arrivalZone":"America/Los_Angeles","arrivesAt":"2026-12-05T19:20:00+00:00",
           "aircraft":"32B","cabin":"premiumEconomy","bookingClass":"W","fareBasis":"WOW","baggageAllowance":"1PC"}],
         "seats":[{"passengerId":"p1","segmentOrdinal":1,"seat":"12A","price":{"amount":"0.00","currency":"USD"},"characteristics":["window"]}],
         "passengers":[{"id":"p1","type":"adult","lines":[
             {"passengerId":"p1","kind":"baseFare","code":"FARE","country":null,"refundable":false,"amount":{"amount":"200.00","currency":"USD"}},
             {"passengerId":"p1","kind":"tax","code":"US","country":"US","refundable":true,"amount":{"amount":"15.50","currency":"USD"}}],
           "total":{"amount":"215.50","currency":"USD"}}],
         "total":{"amount":"215.50","currency":"USD"},
         "conditions":{"refundable":null,"refundPenalty":null,"changeable":true,"changePenalty":{"amount":"75.00","currency":"USD"}},
         "expiresAt":"2026-12-01T00:30:00+00:00","expired":true}
        """;

    [Fact]
    public async Task An_offer_is_read_with_all_its_lines_and_the_callers_token_is_passed_on()
    {
        var airlines = new Airlines(HttpStatusCode.OK, Offer);

        var answer = Assert.IsType<OfferAnswer.Found>(await airlines.Offers.FindAsync(OfferId, "Bearer abc", CancellationToken.None));

        Assert.Equal(("GET", $"http://airlines.test/base/v1/offers/{OfferId}", "Bearer abc"), airlines.Asked);
        Assert.True(answer.Expired);
        Assert.Equal((OfferId, new Money(21550, "USD"), Cabin.PremiumEconomy), (answer.Offer.OfferId, answer.Offer.Total, answer.Offer.Segments[0].Cabin));
        Assert.Equal([new("p1", PassengerType.Adult)], answer.Offer.Passengers);
        Assert.Equal(("p1", 1, "12A", SeatCharacteristic.Window), answer.Offer.Seats!.Select(seat => (seat.PassengerId, seat.SegmentOrdinal, seat.Seat, seat.Characteristics[0])).Single());
        Assert.Equal(answer.Offer.Total, answer.Offer.Lines.Select(line => line.Amount).Sum("USD"));
        Assert.Equal(new DateTime(2026, 12, 5, 8, 0, 0), answer.Offer.Segments[0].DepartsLocal);
        Assert.Null(answer.Offer.Conditions.Refundable);
    }

    [Fact]
    public async Task An_offer_that_airlines_does_not_find_is_unknown() =>
        Assert.IsType<OfferAnswer.Unknown>(await new Airlines(HttpStatusCode.NotFound, "{}").Offers.FindAsync(OfferId, null, CancellationToken.None));

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task A_failure_of_airlines_says_nothing_about_the_offer(HttpStatusCode status) =>
        Assert.IsType<OfferAnswer.Unavailable>(await new Airlines(status, "{}").Offers.FindAsync(OfferId, null, CancellationToken.None));

    [Fact]
    public async Task Airlines_not_being_there_or_silent_says_nothing_about_the_offer()
    {
        Assert.IsType<OfferAnswer.Unavailable>(await new Airlines(new HttpRequestException("refused")).Offers.FindAsync(OfferId, null, CancellationToken.None));
        Assert.IsType<OfferAnswer.Unavailable>(await new Airlines(new TaskCanceledException("time limit")).Offers.FindAsync(OfferId, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_is_not_taken_for_a_silent_airlines()
    {
        using var hungUp = new CancellationTokenSource();
        await hungUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Airlines(HttpStatusCode.OK, Offer).Offers.FindAsync(OfferId, null, hungUp.Token));
    }

    private sealed class Airlines : HttpMessageHandler
    {
        private readonly Func<HttpResponseMessage> answer;

        public Airlines(HttpStatusCode status, string body)
            : this(() => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") })
        {
        }

        public Airlines(Exception problem)
            : this(() => throw problem)
        {
        }

        private Airlines(Func<HttpResponseMessage> answer)
        {
            this.answer = answer;
            Offers = new(new HttpClient(this) { BaseAddress = new("http://airlines.test/base/") });
        }

        public HttpOffers Offers { get; }

        public (string, string, string?) Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = (request.Method.Method, request.RequestUri!.ToString(), request.Headers.Authorization?.ToString());
            return Task.FromResult(answer());
        }
    }
}
