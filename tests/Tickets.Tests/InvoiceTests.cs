using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.Files;
using Aerona.LocalServers;
using Aerona.Persistence;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Aerona.Tickets.Invoicing;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class InvoiceTests
{
    private const int Bookings = 50;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_invoices_at_once_of_which_some_roll_back_have_numbers_without_gaps()
    {
        await using var service = await TicketsService.StartAsync();

        await FiftyAtOnceAsync(service);
        await AppendOnlyAsync(service);
    }

    [Fact]
    public async Task On_PostgreSQL_fifty_invoices_at_once_have_numbers_without_gaps_notes_never_credit_too_much_and_nothing_is_changed()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-tickets-postgres-");
        try
        {
            await using var server = await PostgreSql.StartAsync(folder.FullName, Stop);
            var database = await server.AddDatabaseAsync("tickets", "tickets", "p4ssw0rd", Stop);
            await using var service = await TicketsService.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:tickets"] = database, ["Documents:SweepEvery"] = "365.00:00:00" });
            await service.Services.GetRequiredService<DatabaseReadiness>().WaitAsync<TicketsDbContext>(Stop);
            Assert.False(await service.Query<TicketsDbContext, bool>(db => Task.FromResult(db.Database.HasPendingModelChanges())), "the model has changed: add a migration");

            await FiftyAtOnceAsync(service);
            await AppendOnlyAsync(service);
            await CreditAtOnceAsync(service);

            // The sweep's order of keys is the database's too.
            var order = await service.WithDocumentsAsync(Orders.Family().Another(900));
            service.Clock.Advance(TimeSpan.FromDays(3));
            await service.Services.GetRequiredService<IFileStore>().PutAsync("receipts/0000.pdf", new byte[1], "application/pdf", Stop);
            service.Clock.Advance(TimeSpan.FromDays(3));
            Assert.Equal(new(1, 0, 0), await service.Services.GetRequiredService<Storing.OrphanSweep>().RunAsync(Stop));
            Assert.Equal(6, await service.Query<TicketsDbContext, int>(db => db.Documents.CountAsync(document => document.OrderId == order.OrderId)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_order_is_invoiced_once_however_often_it_is_asked_for()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await IssuedAsync(service, 1);

        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Retried(() => InvoiceAsync(service, order, commits: true))));

        Assert.Equal(["AERONA-2026-000001"], numbers.Distinct());
        Assert.Equal(1, await service.Query<TicketsDbContext, int>(db => db.InvoiceSeries.Select(series => series.LastNumber).SingleAsync()));
    }

    [Fact]
    public async Task A_year_by_the_sellers_own_clock_and_another_legal_entity_begin_series_of_their_own()
    {
        await using var service = await TicketsService.StartAsync(new Dictionary<string, string?> { ["Invoices:TimeZone"] = "Asia/Ho_Chi_Minh" });
        Assert.Equal("AERONA-2026-000001", await InvoiceAsync(service, await IssuedAsync(service, 1), commits: true));

        service.Clock.SetUtcNow(new(2026, 12, 31, 16, 59, 0, TimeSpan.Zero));
        Assert.Equal("AERONA-2026-000002", await InvoiceAsync(service, await IssuedAsync(service, 2), commits: true));
        service.Clock.SetUtcNow(new(2026, 12, 31, 17, 0, 0, TimeSpan.Zero));
        Assert.Equal("AERONA-2027-000001", await InvoiceAsync(service, await IssuedAsync(service, 3), commits: true));

        var other = new InvoiceBook(Options.Create(new InvoiceOptions { LegalEntity = "VIETNAM" }), service.Clock);
        Assert.Equal("VIETNAM-2026-000001", await InvoiceAsync(service, await IssuedAsync(service, 4), commits: true, other));
        var days = await service.Query<TicketsDbContext, List<DateOnly>>(db => db.Invoices.OrderBy(invoice => invoice.IssuedAt).ThenBy(invoice => invoice.Number).Select(invoice => invoice.IssuedOn).ToListAsync());
        Assert.Equal([new(2026, 12, 1), new(2026, 12, 31), new(2027, 1, 1), new(2026, 12, 31)], days);
    }

    [Fact]
    public void An_agents_lines_are_all_passed_on_and_a_principals_carriage_is_taxed_by_where_it_goes()
    {
        var rates = new Dictionary<string, decimal> { ["US"] = 7.5m };
        var principal = new InvoiceOptions { Role = SellerRole.Principal, DomesticRates = rates };
        var (domestic, international, elsewhere) = (OrderOf("JFK", "LAX", "JFK"), OrderOf("JFK", "LAX", "NRT"), OrderOf("SGN", "HAN"));

        Assert.All(Taxes.LinesOf(domestic, new InvoiceOptions { DomesticRates = rates }), line => Assert.Equal((TaxCategory.OutOfScope, 0, 0), (line.Category, line.Rate, line.Tax.MinorUnits)));
        Assert.All(Taxes.LinesOf(international, principal), line => Assert.Equal((line.Kind == PriceLineKind.Tax ? TaxCategory.OutOfScope : TaxCategory.ZeroRated, 0), (line.Category, line.Rate)));
        Assert.All(Taxes.LinesOf(elsewhere, principal), line => Assert.Equal((TaxCategory.OutOfScope, 0), (line.Category, line.Rate)));
        var fare = Taxes.LinesOf(domestic, principal).First(line => line.Kind == PriceLineKind.BaseFare);
        Assert.Equal((TaxCategory.Standard, 7.5m, Money.Of(438, "USD"), Money.Of(30.56m, "USD")), (fare.Category, fare.Rate, fare.Amount, fare.Tax));
        Assert.All(Taxes.LinesOf(domestic, principal).Where(line => line.Kind == PriceLineKind.Tax), line => Assert.Equal(TaxCategory.OutOfScope, line.Category));
    }

    [Fact]
    public void Whatever_part_is_given_back_the_notes_lines_add_up_to_it_and_are_taxed_as_on_the_invoice() =>
        Gen.Select(Gen.Long[1, 60_000], Gen.Bool, Gen.Bool).Sample((cents, brokenDown, isPrincipal) =>
        {
            var order = OrderOf("JFK", "LAX");
            var options = new InvoiceOptions { Role = isPrincipal ? SellerRole.Principal : SellerRole.Agent, DomesticRates = new Dictionary<string, decimal> { ["US"] = 7.5m } };
            var original = InvoiceOf(order, Taxes.LinesOf(order, options));
            var back = new Money(Math.Min(cents, original.Total.MinorUnits), "USD");
            var whole = order.Offer.Lines.Select(line => new QuoteLine(line.PassengerId, null, line.Kind, line.Code, line.Amount, line.Amount, RefundRule.FareRule))
                .Append(new("p1", null, PriceLineKind.BaseFare, "PENALTY", Money.Zero("USD"), back - original.Total, RefundRule.FareRule)).ToList();
            var request = new CreditNoteRequested(order.BookingId, Guid.NewGuid(), order.OrderId, brokenDown ? whole : [whole[0] with { Back = null }], back, DateTimeOffset.UnixEpoch);

            var lines = Taxes.LinesOf(request, order, original);

            Assert.Equal(back, lines.Select(line => line.Amount).Sum("USD"));
            Assert.All(lines, line => Assert.Contains(original.Lines, invoiced => (invoiced.Category, invoiced.Rate) == (line.Category, line.Rate)));
            Assert.Equal(brokenDown, lines.Any(line => line.Passenger is not null));
            if (brokenDown)
                Assert.Equal(back < original.Total ? back - original.Total : null, lines.Where(line => line.Code == "PENALTY").Select(line => (Money?)line.Amount).SingleOrDefault());
        });

    [Theory]
    [InlineData("Invoices:LegalEntity", "aerona ltd", "Invoices:LegalEntity: 1 to 12 capital letters and digits")]
    [InlineData("Invoices:TimeZone", "Mars/Olympus", "Invoices:TimeZone: 'Mars/Olympus' is no time zone")]
    [InlineData("Invoices:DomesticRates:us", "7", "Invoices:DomesticRates:us: a country's two capital letters")]
    [InlineData("Invoices:DomesticRates:US", "100", "Invoices:DomesticRates:US: a country's two capital letters and a percentage")]
    [InlineData("Invoices:Name", "", "Invoices:Name: the seller's registered name is needed")]
    [InlineData("Documents:SweepGrace", "00:01:00", "Documents:SweepGrace: 00:01:00 is not between an hour and a year")]
    public async Task A_wrong_setting_stops_the_host_and_is_named_with_its_rule(string key, string value, string said)
    {
        var problem = await Assert.ThrowsAsync<OptionsValidationException>(() => TicketsService.StartAsync(new Dictionary<string, string?> { [key] = value }));

        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }

    private static async Task FiftyAtOnceAsync(TestService service)
    {
        var orders = new List<IssueTickets>();
        for (var number = 0; number < Bookings; number++)
            orders.Add(await IssuedAsync(service, number));

        var chance = new Random(20261123);
        var plans = orders.ConvertAll(order => (Order: order, RollBacks: chance.Next(3)));
        var numbers = await Task.WhenAll(plans.Select(plan => Task.Run(async () =>
        {
            for (var left = plan.RollBacks; left > 0; left--)
                await InvoiceAsync(service, plan.Order, commits: false);

            return await InvoiceAsync(service, plan.Order, commits: true);
        })));

        Assert.Equal(Enumerable.Range(1, Bookings).Select(number => $"AERONA-2026-{number:000000}"), numbers.Order(StringComparer.Ordinal));
        Assert.True(plans.Sum(plan => plan.RollBacks) > 20);
        var rows = await service.Query<TicketsDbContext, List<Invoice>>(db => db.Invoices.AsNoTracking().OrderBy(invoice => invoice.Sequence).ToListAsync());
        Assert.Equal(Enumerable.Range(1, Bookings), rows.Select(row => row.Sequence));
        Assert.Equal(Bookings, rows.Select(row => row.Occasion).Distinct().Count());
    }

    private static async Task AppendOnlyAsync(TestService service)
    {
        foreach (var (sql, said) in new[]
        {
            ("UPDATE invoice SET buyer = 'Somebody'", "invoices are append-only"), ("DELETE FROM invoice", "invoices are append-only"),
            ("UPDATE invoice_series SET last_number = last_number + 2", "a series of invoices counts by one"), ("UPDATE invoice_series SET last_number = 0", "a series of invoices counts by one"),
            ("DELETE FROM invoice_series", ""),
        })
        {
            var problem = await Assert.ThrowsAnyAsync<Exception>(() => service.Query<TicketsDbContext, int>(db => db.Database.ExecuteSqlRawAsync(sql)));
            Assert.Contains(said, problem.Message, StringComparison.Ordinal);
        }

        Assert.Equal(Bookings, await service.Query<TicketsDbContext, int>(db => db.InvoiceSeries.Select(series => series.LastNumber).SingleAsync()));
        Assert.Equal(Bookings, await service.Query<TicketsDbContext, int>(db => db.Invoices.CountAsync()));
    }

    /// <summary>Four notes of two fifths each: two fit.</summary>
    private static async Task CreditAtOnceAsync(TestService service)
    {
        var order = await IssuedAsync(service, 800);
        var number = await InvoiceAsync(service, order, commits: true);
        var part = new Money(order.Offer.Total.MinorUnits * 2 / 5, "USD");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CreditAsync(service, order, part))));

        Assert.Equal(2, outcomes.Count(note => note is not null));
        Assert.Equal(["AERONA-C2026-000001", "AERONA-C2026-000002"], outcomes.OfType<Invoice>().Select(note => note.Number).Order(StringComparer.Ordinal));
        Assert.All(outcomes.OfType<Invoice>(), note => Assert.Equal((number, part), (note.OriginalNumber, note.Total)));
    }

    private static Task<Invoice?> CreditAsync(TestService service, IssueTickets order, Money amount) => service.Query<TicketsDbContext, Invoice?>(async db =>
    {
        var row = await db.Orders.AsNoTracking().SingleAsync(one => one.OrderId == order.OrderId, Stop);
        await using var transaction = await db.BeginAsync(Stop);
        try
        {
            var note = await service.Services.GetRequiredService<InvoiceBook>().CreditAsync(db, row, new(order.BookingId, Guid.NewGuid(), order.OrderId, [], amount, DateTimeOffset.UnixEpoch), "en", Stop);
            await db.SaveChangesAsync(Stop);
            await transaction.CommitAsync(Stop);
            return note;
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("is left", StringComparison.Ordinal))
        {
            return null;
        }
    });

    private static Task<string> InvoiceAsync(TestService service, IssueTickets order, bool commits, InvoiceBook? book = null) => service.Query<TicketsDbContext, string>(async db =>
    {
        var row = await db.Orders.AsNoTracking().SingleAsync(one => one.OrderId == order.OrderId, Stop);
        await using var transaction = await db.BeginAsync(Stop);
        var invoice = await (book ?? service.Services.GetRequiredService<InvoiceBook>()).InvoiceAsync(db, row, order.Offer.Total, "en", Stop);
        await db.SaveChangesAsync(Stop);
        if (commits)
            await transaction.CommitAsync(Stop);

        return invoice.Number;
    });

    // Who loses a race for one order's invoice finds it at the next try, as a message that comes again does.
    private static async Task<string> Retried(Func<Task<string>> make)
    {
        try
        {
            return await make();
        }
        catch (DbUpdateException)
        {
            return await make();
        }
    }

    private static async Task<IssueTickets> IssuedAsync(TestService service, int number)
    {
        var order = Orders.Family().Another(number);
        await service.ConsumeAsync(order);
        return order;
    }

    private static TicketedOrder OrderOf(params string[] airports) =>
        TicketedOrder.Of(Orders.Of(Orders.Route(airports), [Orders.Someone("p1", PassengerType.Adult, "Alice", "Nguyen"), Orders.Someone("p2", PassengerType.Adult, "John", "Smith")]), DateTimeOffset.UnixEpoch)!;

    private static Invoice InvoiceOf(TicketedOrder order, IReadOnlyList<InvoiceLine> lines) => new()
    {
        Number = "AERONA-2026-000001",
        Series = "AERONA/2026",
        Sequence = 1,
        Kind = InvoiceKind.Invoice,
        Occasion = order.OrderId,
        OriginalNumber = null,
        OrderId = order.OrderId,
        BookingId = order.BookingId,
        Locator = order.Locator,
        IssuedAt = order.IssuedAt,
        IssuedOn = new(2026, 12, 1),
        Seller = new("AERONA", "Aerona", [], null, SellerRole.Agent),
        Buyer = "Alice Nguyen",
        BuyerOnTicket = "NGUYEN/ALICE",
        Carrier = "AA",
        Lines = lines,
        Total = lines.Select(line => line.Amount).Sum("USD"),
        Paid = order.Offer.Total,
        Locale = "en",
    };
}
