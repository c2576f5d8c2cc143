using System.Net;
using System.Text;
using Aerona.Bookings.Offers;
using Aerona.Contracts;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Bookings.Tests.Offers;

public sealed class CachedOffersTests
{
    private static readonly Guid OfferId = Guid.Parse("0193a000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_offer_is_asked_for_once_and_is_the_same_from_the_cache()
    {
        var desk = new Desk();

        var first = Assert.IsType<OfferAnswer.Found>(await desk.FindAsync("Bearer ann"));
        var again = Assert.IsType<OfferAnswer.Found>(await desk.FindAsync("Bearer ann"));

        Assert.Equal(1, desk.Asked);
        Assert.False(again.Expired);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(first.Offer), System.Text.Json.JsonSerializer.Serialize(again.Offer));
        Assert.Equal((new Money(21550, "USD"), "AA1"), (again.Offer.Total, again.Offer.Segments[0].Flight.ToString()));
    }

    [Fact]
    public async Task What_one_caller_may_see_is_not_shown_to_another()
    {
        var desk = new Desk();
        await desk.FindAsync("Bearer ann");
        desk.Status = HttpStatusCode.NotFound;

        Assert.IsType<OfferAnswer.Unknown>(await desk.FindAsync("Bearer bob"));
        Assert.IsType<OfferAnswer.Unknown>(await desk.FindAsync(null));
        Assert.IsType<OfferAnswer.Found>(await desk.FindAsync("Bearer ann"));
    }

    [Fact]
    public async Task After_it_expired_airlines_has_the_word_again()
    {
        var desk = new Desk();
        await desk.FindAsync(null);

        desk.Clock.Advance(TimeSpan.FromMinutes(30));
        await desk.FindAsync(null);

        Assert.Equal(2, desk.Asked);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task What_is_not_known_is_not_remembered(HttpStatusCode status)
    {
        var desk = new Desk { Status = status };
        Assert.IsNotType<OfferAnswer.Found>(await desk.FindAsync(null));

        desk.Status = HttpStatusCode.OK;

        Assert.IsType<OfferAnswer.Found>(await desk.FindAsync(null));
    }

    [Fact]
    public async Task An_expired_offer_is_not_remembered()
    {
        var desk = new Desk { Expired = true };

        Assert.True(Assert.IsType<OfferAnswer.Found>(await desk.FindAsync(null)).Expired);
        await desk.FindAsync(null);

        Assert.Equal(2, desk.Asked);
    }

    private sealed class Desk : HttpMessageHandler
    {
        private readonly CachedOffers offers;

        public Desk()
        {
            var services = new ServiceCollection();
            services.AddHybridCache();
            offers = new(new HttpOffers(new HttpClient(this) { BaseAddress = new("http://airlines.test/") }), services.BuildServiceProvider().GetRequiredService<HybridCache>(), Clock);
        }

        public FakeTimeProvider Clock { get; } = new(Now);

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public bool Expired { get; set; }

        public int Asked { get; private set; }

        public Task<OfferAnswer> FindAsync(string? authorization) => offers.FindAsync(OfferId, authorization, TestContext.Current.CancellationToken);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            var body = HttpOffersTests.Offer.Replace("\"expired\":true", $"\"expired\":{(Expired ? "true" : "false")}", StringComparison.Ordinal);
            return Task.FromResult(new HttpResponseMessage(Status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        }
    }
}
