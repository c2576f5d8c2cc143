using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Cancellation;
using Aerona.Simulation.Saga;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Cancellation;

/// <summary>The cancellation saga without a bus. Its clock stands still; timers come when the test says so.</summary>
internal sealed class CancellationScenario
{
    private readonly HandClock clock = new() { Now = Start };
    private readonly SagaDriver<CancellationState> driver;
    private List<object> published = [];

    public CancellationScenario(CancellationTimes? times = null)
    {
        Machine = new(clock, times ?? new());
        driver = new(Machine);
        Saga = new() { CorrelationId = CancellationFacts.Id };
    }

    public CancellationStateMachine Machine { get; }

    public CancellationState Saga { get; }

    public DateTimeOffset Now => clock.Now;

    public CancellationScenario Given(params object[] events)
    {
        foreach (var @event in events)
        {
            When(@event);
        }

        return this;
    }

    /// <summary>Lets the event happen; what was published before is forgotten.</summary>
    public void When(object @event) => published = [.. driver.Raise(Saga, @event).Where(effect => effect.IsPublished).Select(effect => effect.Message!)];

    /// <summary>Moves the clock to the end of the current state and lets its timer come.</summary>
    public CancellationScenario WhenDeadline()
    {
        clock.Now = Saga.DeadlineAt!.Value;
        published = [.. driver.Raise(Saga, new CancellationDeadline(Saga.CorrelationId), Saga.DeadlineToken).Where(effect => effect.IsPublished).Select(effect => effect.Message!)];
        return this;
    }

    /// <summary>Moves the clock to the next tick of the current state and lets it come.</summary>
    public CancellationScenario WhenTick()
    {
        clock.Now = Saga.TickAt!.Value;
        published = [.. driver.Raise(Saga, new CancellationTick(Saga.CorrelationId), Saga.TickToken).Where(effect => effect.IsPublished).Select(effect => effect.Message!)];
        return this;
    }

    public T ThenPublished<T>() => Assert.Single(published.OfType<T>());

    public void ThenNotPublished<T>() => Assert.Empty(published.OfType<T>());

    public void ThenCase(string kind) => Assert.Contains(kind, published.OfType<BookingCaseOpened>().Select(opened => opened.Kind));

    public void ThenTold(CancellationNewsKind kind) => Assert.Contains(kind, published.OfType<CancellationNews>().Select(news => news.Kind));

    public void ThenStateIs(string state) => Assert.Equal(state, Saga.CurrentState);
}
