using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Sandbox.HouseAirline;
using Aerona.Suppliers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Sandbox.Tests.HouseAirline;

public sealed class HouseAirlineScenariosTests
{
    /// <summary>Books that remember what was bought.</summary>
    private sealed class Books : ISupplier
    {
        public HashSet<Guid> Bought { get; } = [];

        public string Name => "house";

        public Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
        {
            Bought.Add(order.OrderId);
            return Answer(SupplierAnswerKind.Confirmed);
        }

        public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) =>
            Answer(Bought.Contains(orderId) ? SupplierAnswerKind.Confirmed : SupplierAnswerKind.Absent);

        public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken)
        {
            Bought.Remove(orderId);
            return Answer(SupplierAnswerKind.Cancelled);
        }

        private static Task<SupplierAnswer> Answer(SupplierAnswerKind kind) => Task.FromResult(new SupplierAnswer(kind));
    }

    private static WebApplicationBuilder In(string environment) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });

    private static (ISupplier Supplier, Books Books) Wire()
    {
        var books = new Books();
        var builder = In("Sandbox");
        builder.Services.AddSingleton<ISupplier>(books);
        builder.AddHouseAirlineScenarios();
        return (builder.Services.BuildServiceProvider().GetRequiredService<ISupplier>(), books);
    }

    private static SupplierOrder Order(params string[] surnames) => new(
        Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1,
        new(Guid.NewGuid(), "house", "AA", [], [], [], Money.Zero("USD"), new(null, null, null, null), DateTimeOffset.UnixEpoch), "BCDFGH",
        [.. surnames.Select((surname, index) => new Passenger($"p{index + 1}", PassengerType.Adult, "Jo", surname, "JO", surname, new(1990, 1, 31), null))],
        new("jo@example.org", null, "en"));

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

    [Fact]
    public void The_scenarios_stand_before_the_house_airline_that_was_added_and_there_is_one_supplier()
    {
        var builder = In("Sandbox");
        builder.Services.AddSingleton<ISupplier, Books>();

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
