using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Aerona.Bookings.Data;
using Aerona.Bookings.Figures;
using Aerona.Contracts.Airlines;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Bookings.Tests.Figures;

public sealed class FiguresTests
{
    [Fact]
    public async Task A_booking_counts_once_in_every_state_and_its_steps_last_as_long_as_it_stayed()
    {
        await using var desk = await BookingDesk.StartAsync();
        using var figures = new Figures(desk);
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        desk.Service.Clock.Advance(TimeSpan.FromSeconds(90));
        await desk.UntilCommitAsync(id);

        await desk.UntilConfirmedAsync(id);

        string[] way = ["pricing", "holding_seats", "opening_payment", "awaiting_payment", "pinning", "authorising", "committing", "ticketing", "capturing", "documenting", "confirmed"];
        Assert.Equal(way, figures.Of("aerona.booking.transitions").Select(one => one.Tags[BookingMetrics.StateTag]));
        Assert.All(figures.Of("aerona.booking.transitions"), one => Assert.Equal(1, one.Value));
        Assert.Equal(way[..^1], figures.Of("aerona.booking.step.duration").Select(one => one.Tags[BookingMetrics.StateTag]));
        Assert.Equal(90, figures.Of("aerona.booking.step.duration").Single(one => one.Tags[BookingMetrics.StateTag] == "awaiting_payment").Value);
        Assert.All(figures.Of("aerona.booking.step.duration").Where(one => one.Tags[BookingMetrics.StateTag] != "awaiting_payment"), one => Assert.Equal(0, one.Value));
        var end = Assert.Single(figures.Of("aerona.booking.ended"));
        Assert.Equal(("confirmed", "none"), (end.Tags[BookingMetrics.OutcomeTag], end.Tags[BookingMetrics.ReasonTag]));
        Assert.Equal(90, Assert.Single(figures.Of("aerona.booking.duration")).Value);
    }

    [Fact]
    public async Task A_booking_that_failed_says_why()
    {
        await using var desk = await BookingDesk.StartAsync();
        using var figures = new Figures(desk);
        var (id, _) = await desk.BookAsync();

        await desk.Service.ConsumeAsync(new OfferGone(id, desk.Offers.Default.OfferId, "offer.expired"));

        var end = Assert.Single(figures.Of("aerona.booking.ended"));
        Assert.Equal(("rejected", Because.OfferGone), (end.Tags[BookingMetrics.OutcomeTag], end.Tags[BookingMetrics.ReasonTag]));
    }

    [Fact]
    public async Task A_message_that_comes_twice_counts_once()
    {
        await using var desk = await BookingDesk.StartAsync();
        using var figures = new Figures(desk);
        var (id, _) = await desk.BookAsync();
        var priced = new OfferPriced(id, desk.Offers.Default.OfferId, desk.Offers.Default);

        await desk.Service.ConsumeAsync(priced);
        await desk.Service.ConsumeAsync(priced);

        Assert.Single(figures.Of("aerona.booking.transitions"), one => one.Tags[BookingMetrics.StateTag] == "holding_seats");
    }

    [Fact]
    public async Task A_cancellation_counts_in_every_state_and_says_how_it_ended_and_by_which_rule()
    {
        await using var desk = await BookingDesk.StartAsync();
        using var figures = new Figures(desk);
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        var cancelling = new Cancellation.CancellationDesk(desk, id, (await desk.SagaAsync(id)).Locator);
        var cancellation = await cancelling.AskAsync(by: desk.TokenFor("sue", "support"));

        await cancelling.QuoteAsync(cancellation, BookingDesk.Price);
        desk.Service.Clock.SetUtcNow(desk.Now.AddMinutes(31));
        await desk.Service.ConsumeAsync(new Sagas.Cancellation.CancellationDeadline(cancellation));

        Assert.Equal(["quoting", "quoted", "lapsed"], figures.Of("aerona.cancellation.transitions").Select(one => one.Tags[BookingMetrics.CancellationStateTag]));
        var end = Assert.Single(figures.Of("aerona.cancellation.ended"));
        Assert.Equal(("lapsed", "cancellation.quote_expired"), (end.Tags[BookingMetrics.CancellationOutcomeTag], end.Tags[BookingMetrics.CancellationReasonTag]));
        Assert.Empty(figures.Of("aerona.cancellation.duration"));   // nobody confirmed it
    }

    [Fact]
    public async Task What_is_rolled_back_is_not_counted()
    {
        await using var desk = await BookingDesk.StartAsync();
        var counted = 0;

        await using (var scope = desk.Service.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<BookingsDbContext>();
            await using (await db.BeginAsync(TestContext.Current.CancellationToken))
            {
                db.AfterCommit(() => counted++);
            }

            Assert.Equal(0, counted);
            Assert.Throws<InvalidOperationException>(() => db.AfterCommit(() => counted++));
            await using var transaction = await db.BeginAsync(TestContext.Current.CancellationToken);
            db.AfterCommit(() => counted++);
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, counted);
    }

    [Fact]
    public async Task Bookings_on_their_way_are_counted_in_the_table_by_state_and_states_without_any_are_zero()
    {
        await using var desk = await BookingDesk.StartAsync();
        using var figures = new Figures(desk);
        await desk.BookAsync();
        var (paying, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(paying);
        var (gone, _) = await desk.BookAsync();
        await desk.Service.ConsumeAsync(new OfferGone(gone, desk.Offers.Default.OfferId, "offer.expired"));

        await desk.Service.Services.GetRequiredService<CountOpenBookings>().CountAsync(TestContext.Current.CancellationToken);

        var open = figures.Observed("aerona.booking.open").ToDictionary(one => one.Tags[BookingMetrics.StateTag], one => one.Value);
        Assert.Equal((1, 1, 0), (open["pricing"], open["awaiting_payment"], open["commit_unknown"]));
        Assert.DoesNotContain("rejected", open.Keys);
        Assert.Equal(2, open.Values.Sum());
    }

    /// <summary>What the desk's own meter said since.</summary>
    private sealed class Figures : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, string> Tags)> all = [];

        public Figures(BookingDesk desk)
        {
            var meters = desk.Service.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == "Aerona.Bookings")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
            listener.Start();
        }

        public IReadOnlyList<(string Name, double Value, Dictionary<string, string> Tags)> Of(string name) => [.. all.Where(one => one.Name == name)];

        public IReadOnlyList<(string Name, double Value, Dictionary<string, string> Tags)> Observed(string name)
        {
            listener.RecordObservableInstruments();
            return Of(name);
        }

        public void Dispose() => listener.Dispose();

        private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            all.Enqueue((instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "")));
    }
}
