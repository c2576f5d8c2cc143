using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>The two clocks of a booking that is paid later, and what payers are told before their time ends.</summary>
public sealed class PayLaterTests
{
    private static readonly SeatsHeld HeldForDays = Held with { SpaceUntil = Start.AddDays(3), PriceUntil = Start.AddDays(1) };

    [Fact]
    public async Task Who_pays_later_has_until_shortly_before_the_airlines_limit_and_is_told_so()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(SubmittedToPayLater);

        await saga.WhenAsync(Priced);
        Assert.True(saga.ThenPublished<HoldSeats>().PayLater);
        await saga.WhenAsync(HeldForDays);

        var news = saga.ThenPublished<BookingNews>();
        Assert.Equal((BookingNewsKind.PayLater, Price, Start.AddDays(3).AddMinutes(-2)), (news.Kind, news.Total, news.Until));
        saga.ThenPublished<OpenPayment>();
        await saga.GivenAsync(Opened);
        Assert.Equal(Start.AddDays(3).AddMinutes(-2), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task Who_pays_now_holds_for_now_and_is_not_told_about_later()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted);

        await saga.WhenAsync(Priced);
        Assert.False(saga.ThenPublished<HoldSeats>().PayLater);
        await saga.WhenAsync(Held);

        saga.ThenNotPublished<BookingNews>();
    }

    [Fact]
    public async Task An_approval_before_the_price_ends_buys()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(SubmittedToPayLater, Priced, HeldForDays, Opened);
        saga.Clock.SetUtcNow(Start.AddHours(23));

        await saga.WhenAsync(Approved);

        await saga.ThenStateIsAsync(machine => machine.Pinning);
    }

    [Fact]
    public async Task After_the_price_ended_an_approval_asks_for_it_again_and_keeps_the_seats()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(SubmittedToPayLater, Priced, HeldForDays, Opened);
        saga.Clock.SetUtcNow(Start.AddHours(25));

        await saga.WhenAsync(Approved);
        await saga.ThenStateIsAsync(machine => machine.Pricing);
        saga.ThenPublished<VoidPayment>();

        await saga.GivenAsync(Dearer with { NewOffer = DearerOffer with { ExpiresAt = Start.AddHours(26) } });
        await saga.WhenAsync(Accepted);
        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
        saga.ThenNotPublished<HoldSeats>();
        Assert.Equal(Start.AddHours(26), (await saga.SagaAsync()).PriceUntil);
    }

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, ((3 * 24) - 3) * 60 - 2)]
    public async Task Payers_are_reminded_once_before_their_time_ends(bool later, int minutes)
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(later ? SubmittedToPayLater : Submitted, Priced, later ? HeldForDays : Held, Opened);
        List<(DateTimeOffset At, DateTimeOffset? Until)> told = [];

        while (saga.Due<BookingTick>() is { } due)
        {
            await saga.WhenTickAsync();
            if (saga.WasPublished<BookingNews>())
            {
                Assert.Equal(BookingNewsKind.PaymentDue, saga.ThenPublished<BookingNews>().Kind);
                told.Add((due, saga.ThenPublished<BookingNews>().Until));
            }
        }

        Assert.Equal((Start.AddMinutes(minutes), saga.Due<BookingDeadline>()), Assert.Single(told));
    }

    [Fact]
    public async Task Who_has_less_time_to_pay_later_than_the_reminder_needs_is_told_once()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(SubmittedToPayLater, Priced);

        await saga.WhenAsync(Held with { SpaceUntil = Start.AddHours(1) });
        Assert.Equal(BookingNewsKind.PayLater, saga.ThenPublished<BookingNews>().Kind);
        await saga.GivenAsync(Opened);

        while (saga.Due<BookingTick>() is not null)
        {
            await saga.WhenTickAsync();
            saga.ThenNotPublished<BookingNews>();
        }
    }

    [Fact]
    public async Task A_payer_whose_payment_was_declined_is_reminded_as_well()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Pinned), Declined]);

        await saga.WhenTickAsync();

        Assert.Equal(BookingNewsKind.PaymentDue, saga.ThenPublished<BookingNews>().Kind);
        saga.ThenNotPublished<LookUpPayment>();
        await saga.GivenAsync(Retried, OpenedAs(Payment(2)));
        while (saga.Due<BookingTick>() is not null)
        {
            await saga.WhenTickAsync();
            saga.ThenNotPublished<BookingNews>();
        }
    }
}
