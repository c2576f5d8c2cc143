using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Sandbox.HouseAirline;
using Aerona.Suppliers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Aerona.Sandbox.Tests.HouseAirline;

public sealed class HouseAirlineScenariosTests
{
    /// <summary>Books that remember what was bought and held, and what was told unasked.</summary>
    private sealed class Books : ISupplier, IHouseDesk, ISupplierNews
    {
        public HashSet<Guid> Bought { get; } = [];

        public HashSet<Guid> Held { get; } = [];

        public List<(Guid OrderId, SupplierAnswer Answer)> Told { get; } = [];

        public string Name => "house";

        public Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
        {
            Bought.Add(order.OrderId);
            return Answer(SupplierAnswerKind.Confirmed);
        }

        public Money FareFor(Guid bookingId, Money published) => published;

        public Task<HoldAnswer?> HoldAsync(HoldSeats wish, CancellationToken cancellationToken)
        {
            Held.Add(wish.HoldId);
            return Task.FromResult<HoldAnswer?>(new(new(wish.BookingId, wish.HoldId, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), null));
        }

        public Task<bool> PinAsync(PinSeats wish, CancellationToken cancellationToken) => Task.FromResult(Held.Contains(wish.HoldId));

        public Task ReleaseAsync(ReleaseSeats wish, CancellationToken cancellationToken)
        {
            Held.Remove(wish.HoldId);
            return Task.CompletedTask;
        }

        public Task<bool> TakeAsync(Guid orderId, SupplierAnswer answer, CancellationToken cancellationToken)
        {
            Told.Add((orderId, answer));
            return Task.FromResult(true);
        }

        public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) =>
            Answer(Bought.Contains(orderId) ? SupplierAnswerKind.Confirmed : SupplierAnswerKind.Absent);

        public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken)
        {
            Bought.Remove(orderId);
            return Answer(SupplierAnswerKind.Cancelled);
        }

        public HashSet<Guid> GivenUp { get; } = [];

        public Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) =>
            Task.FromResult(new CancelQuoteAnswer("0", Money.Of(100m, "USD"), DateTimeOffset.MaxValue));

        public Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken)
        {
            GivenUp.Add(cancel.CancellationId);
            return Task.FromResult(new CancelAnswer(CancelAnswerKind.Cancelled, cancel.Refund));
        }

        public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) =>
            Task.FromResult(GivenUp.Contains(cancel.CancellationId) ? new CancelAnswer(CancelAnswerKind.Cancelled, cancel.Refund) : new(CancelAnswerKind.Absent));

        private static Task<SupplierAnswer> Answer(SupplierAnswerKind kind) =>
            Task.FromResult(new SupplierAnswer(kind, TicketNumbers: kind == SupplierAnswerKind.Confirmed ? [new("p1", "0012200000001")] : null));
    }

    private static WebApplicationBuilder In(string environment) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });

    private static (ServiceProvider Services, Books Books) WireAll()
    {
        var books = new Books();
        var builder = In("Sandbox");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sandbox:HouseAirline:PendingLookUps"] = "2",
            ["Sandbox:HouseAirline:SilentLookUps"] = "5",
            ["Sandbox:HouseAirline:LateConfirmationAfter"] = "00:01:00",
        });
        builder.Services.AddSingleton<ISupplier>(books).AddScoped<IHouseDesk>(_ => books).AddSingleton<ISupplierNews>(books)
            .AddSingleton<FakeTimeProvider>().AddSingleton<TimeProvider>(services => services.GetRequiredService<FakeTimeProvider>());
        builder.AddHouseAirlineScenarios();
        return (builder.Services.BuildServiceProvider(), books);
    }

    private static (ISupplier Supplier, Books Books) Wire()
    {
        var (services, books) = WireAll();
        return (services.GetRequiredService<ISupplier>(), books);
    }

    private static IReadOnlyList<Passenger> People(params string[] surnames) =>
        [.. surnames.Select((surname, index) => new Passenger($"p{index + 1}", PassengerType.Adult, "Jo", surname, "JO", surname, new(1990, 1, 31), null))];

    private static SupplierOrder Order(params string[] surnames) => new(
        Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1,
        new(Guid.NewGuid(), "house", "AA", [], [], [], Money.Zero("USD"), new(null, null, null, null), DateTimeOffset.UnixEpoch), "BCDFGH",
        People(surnames), new("jo@example.org", null, "en"));

    [Theory]
    [InlineData("SOLDOUT", SupplierAnswerKind.Refused, SupplierAnswerKind.Absent)]
    [InlineData("TIMEOUTBEFORE", SupplierAnswerKind.Unknown, SupplierAnswerKind.Absent)]
    [InlineData("TIMEOUTAFTER", SupplierAnswerKind.Unknown, SupplierAnswerKind.Confirmed)]
    [InlineData("DOE", SupplierAnswerKind.Confirmed, SupplierAnswerKind.Confirmed)]
    public async Task The_surname_of_any_passenger_picks_what_the_commit_says_and_a_look_up_tells_the_truth(
        string surname, SupplierAnswerKind commit, SupplierAnswerKind lookUp)
    {
        var (supplier, books) = Wire();
        var order = Order("MILLER", surname);

        var answer = await supplier.CommitAsync(order, CancellationToken.None);
        var later = await supplier.LookUpAsync(order.OrderId, CancellationToken.None);

        Assert.Equal((commit, lookUp), (answer.Kind, later.Kind));
        Assert.Equal(lookUp == SupplierAnswerKind.Confirmed, books.Bought.Contains(order.OrderId));
        Assert.Equal(surname == "SOLDOUT" ? "order.sold_out" : null, answer.Reason);
    }

    [Fact]
    public async Task A_repeated_commit_plays_the_same_scenario_again()
    {
        var (supplier, books) = Wire();
        var order = Order("TIMEOUTAFTER");

        await supplier.CommitAsync(order, CancellationToken.None);

        Assert.Equal(SupplierAnswerKind.Unknown, (await supplier.CommitAsync(order, CancellationToken.None)).Kind);
        Assert.Single(books.Bought);
    }

    [Theory]
    [InlineData("PENDING", 2, SupplierAnswerKind.Confirmed)]
    [InlineData("PENDINGREFUSED", 2, SupplierAnswerKind.Refused)]
    [InlineData("SILENT", 5, SupplierAnswerKind.Confirmed)]
    public async Task An_order_that_is_not_decided_stays_so_for_the_set_number_of_look_ups_and_then_for_good(string surname, int questions, SupplierAnswerKind end)
    {
        var (supplier, books) = Wire();
        var order = Order(surname);
        var answers = new List<SupplierAnswerKind> { (await supplier.CommitAsync(order, CancellationToken.None)).Kind };

        for (var question = 0; question < questions + 2; question++)
        {
            answers.Add((await supplier.LookUpAsync(order.OrderId, CancellationToken.None)).Kind);
        }

        Assert.Equal([.. Enumerable.Repeat(SupplierAnswerKind.Unknown, questions + 1), end, end], answers);
        Assert.Equal(end == SupplierAnswerKind.Confirmed, books.Bought.Contains(order.OrderId));
    }

    [Fact]
    public async Task An_order_can_be_cancelled_while_it_is_not_decided()
    {
        var (supplier, books) = Wire();
        var order = Order("SILENT");
        await supplier.CommitAsync(order, CancellationToken.None);

        var cancelled = await supplier.CancelAsync(order.OrderId, CancellationToken.None);

        Assert.Equal((SupplierAnswerKind.Cancelled, SupplierAnswerKind.Absent), (cancelled.Kind, (await supplier.LookUpAsync(order.OrderId, CancellationToken.None)).Kind));
        Assert.Empty(books.Bought);
    }

    [Fact]
    public async Task Ticket_numbers_come_some_look_ups_later()
    {
        var (supplier, _) = Wire();
        var order = Order("NUMBERSLATER");
        var answers = new List<SupplierAnswer> { await supplier.CommitAsync(order, CancellationToken.None) };

        for (var question = 0; question < 3; question++)
        {
            answers.Add(await supplier.LookUpAsync(order.OrderId, CancellationToken.None));
        }

        Assert.All(answers, answer => Assert.Equal(SupplierAnswerKind.Confirmed, answer.Kind));
        Assert.Equal([true, true, true, false], answers.Select(answer => answer.TicketNumbers is null));
    }

    [Fact]
    public async Task An_order_that_was_denied_is_confirmed_a_while_later_once()
    {
        var (services, books) = WireAll();
        var (supplier, late, clock) = (
            services.GetRequiredService<ISupplier>(), services.GetRequiredService<LateConfirmations>(), services.GetRequiredService<FakeTimeProvider>());
        var order = Order("CONFIRMSLATE");

        var commit = await supplier.CommitAsync(order, CancellationToken.None);
        await late.ConfirmAsync(CancellationToken.None);
        var denial = await supplier.LookUpAsync(order.OrderId, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(59));
        await late.ConfirmAsync(CancellationToken.None);
        Assert.Empty(books.Told);
        clock.Advance(TimeSpan.FromSeconds(1));
        await late.ConfirmAsync(CancellationToken.None);
        await late.ConfirmAsync(CancellationToken.None);

        Assert.Equal((SupplierAnswerKind.Unknown, SupplierAnswerKind.Absent), (commit.Kind, denial.Kind));
        var (orderId, told) = Assert.Single(books.Told);
        Assert.Equal((order.OrderId, SupplierAnswerKind.Confirmed), (orderId, told.Kind));
        Assert.Equal(SupplierAnswerKind.Confirmed, (await supplier.LookUpAsync(order.OrderId, CancellationToken.None)).Kind);
    }

    [Theory]
    [InlineData("HOLDTIMEOUTBEFORE", false, false)]
    [InlineData("HOLDTIMEOUTAFTER", true, false)]
    [InlineData("DOE", true, true)]
    public async Task A_wish_for_seats_may_stay_without_an_answer_held_or_not(string surname, bool held, bool answered)
    {
        var (services, books) = WireAll();
        var desk = services.CreateScope().ServiceProvider.GetRequiredService<IHouseDesk>();
        var wish = new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), People("MILLER", surname));

        var answer = await desk.HoldAsync(wish, CancellationToken.None);

        Assert.Equal((held, answered), (books.Held.Contains(wish.HoldId), answer?.Held is not null));
    }

    [Fact]
    public async Task The_first_seats_of_a_booking_may_be_given_away_before_they_are_pinned_and_the_next_ones_stay()
    {
        var (services, books) = WireAll();
        var desk = services.CreateScope().ServiceProvider.GetRequiredService<IHouseDesk>();
        var first = new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), People("HOLDLAPSES"));
        var second = first with { HoldId = Guid.NewGuid() };

        await desk.HoldAsync(first, CancellationToken.None);
        var pins = new List<bool> { await desk.PinAsync(new(first.BookingId, first.HoldId, 1), CancellationToken.None) };
        await desk.HoldAsync(second, CancellationToken.None);
        pins.Add(await desk.PinAsync(new(first.BookingId, first.HoldId, 1), CancellationToken.None));
        pins.Add(await desk.PinAsync(new(first.BookingId, second.HoldId, 1), CancellationToken.None));

        Assert.Equal([false, false, true], pins);
        Assert.Equal([second.HoldId], books.Held);
    }

    [Fact]
    public async Task Fares_rise_for_a_booking_from_its_first_hold_on_and_for_nobody_else()
    {
        var (services, _) = WireAll();
        var desk = services.CreateScope().ServiceProvider.GetRequiredService<IHouseDesk>();
        var (wish, published) = (new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), People("FARERISES")), Money.Of(99.99m, "USD"));

        var before = desk.FareFor(wish.BookingId, published);
        await desk.HoldAsync(wish, CancellationToken.None);

        Assert.Equal((published, Money.Of(109.99m, "USD")), (before, desk.FareFor(wish.BookingId, published)));
        Assert.Equal(published, desk.FareFor(Guid.NewGuid(), published));
    }

    private static QuotedCancel Cancel(string surname) => new(
        Guid.NewGuid(), Guid.NewGuid(), new(Guid.NewGuid(), DateTimeOffset.UnixEpoch, null), new(Order(surname).Offer, People("MILLER", surname)), "0", [], [],
        Money.Of(100m, "USD"), IsVoid: false, CancellationCause.Voluntary, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("DOE", CancelAnswerKind.Cancelled, CancelAnswerKind.Cancelled)]
    [InlineData("CANCELREFUSED", CancelAnswerKind.Refused, CancelAnswerKind.Absent)]
    [InlineData("CANCELTIMEOUTBEFORE", CancelAnswerKind.Unknown, CancelAnswerKind.Absent)]
    [InlineData("CANCELTIMEOUTAFTER", CancelAnswerKind.Unknown, CancelAnswerKind.Cancelled)]
    public async Task The_surname_of_any_passenger_picks_what_a_cancellation_says_and_a_look_up_tells_the_truth(string surname, CancelAnswerKind cancel, CancelAnswerKind lookUp)
    {
        var (supplier, books) = Wire();
        var wish = Cancel(surname);

        var answer = await supplier.CancelQuotedAsync(wish, CancellationToken.None);
        var later = await supplier.LookUpCancellationAsync(wish, CancellationToken.None);

        Assert.Equal((cancel, lookUp), (answer.Kind, later.Kind));
        Assert.Equal(lookUp == CancelAnswerKind.Cancelled, books.GivenUp.Contains(wish.CancellationId));
    }

    [Theory]
    [InlineData("DOE", "100.00")]
    [InlineData("REFUNDLESS", "90.00")]
    [InlineData("REFUNDUNKNOWN", null)]
    public void The_surname_picks_what_comes_back_of_what_was_quoted(string surname, string? refund)
    {
        var desk = WireAll().Services.CreateScope().ServiceProvider.GetRequiredService<IHouseDesk>();

        Assert.Equal(refund, desk.RefundFor(People("MILLER", surname), Money.Of(100m, "USD"))?.ToAmountString());
        Assert.Null(desk.RefundFor(People("MILLER", surname), null));
    }

    [Fact]
    public async Task A_quote_expires_at_once_or_takes_its_time_where_the_surname_says_so()
    {
        var (services, _) = WireAll();
        var (supplier, clock) = (services.GetRequiredService<ISupplier>(), services.GetRequiredService<FakeTimeProvider>());
        CancelWish Wish(string surname) => new(
            Guid.NewGuid(), new(Guid.NewGuid(), DateTimeOffset.UnixEpoch, null), new(Order(surname).Offer, People(surname)), null, CancellationCause.Voluntary, DateTimeOffset.UnixEpoch);

        var expired = await supplier.QuoteCancellationAsync(Wish("QUOTEEXPIRES"), CancellationToken.None);
        var slow = supplier.QuoteCancellationAsync(Wish("QUOTESLOW"), CancellationToken.None);

        Assert.Equal(clock.GetUtcNow(), expired.ExpiresAt);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(slow.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DateTimeOffset.MaxValue, (await slow).ExpiresAt);
    }

    [Fact]
    public void The_scenarios_stand_before_the_house_airline_that_was_added_and_there_is_one_supplier()
    {
        var builder = In("Sandbox");
        builder.Services.AddSingleton<ISupplier, Books>().AddScoped<IHouseDesk, Books>();

        builder.AddHouseAirlineScenarios();

        using var app = builder.Services.BuildServiceProvider();
        var supplier = Assert.Single(app.GetServices<ISupplier>());
        Assert.Equal(("house", typeof(ScenarioSupplier)), (supplier.Name, supplier.GetType()));
    }

    [Fact]
    public void Production_refuses_the_scenarios_at_start_and_so_does_a_host_without_an_airline()
    {
        var production = In("Production");
        production.Services.AddSingleton<ISupplier, Books>();

        Assert.Contains("Production", Assert.Throws<SettingException>(production.AddHouseAirlineScenarios).Message);
        Assert.Throws<InvalidOperationException>(In("Sandbox").AddHouseAirlineScenarios);
    }
}
