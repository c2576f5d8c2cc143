using System.Net;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.Files;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Aerona.Tickets.Invoicing;
using Aerona.Tickets.Storing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Tickets.Tests;

/// <summary>What the cancellation saga's news bring, and what keeps files and records together.</summary>
public sealed class CancellationDocumentsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refund_brings_one_credit_note_about_the_invoice_however_often_it_is_told()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync();
        var requested = Credit(order, Money.Of(100, "USD"));

        await service.ConsumeAsync(requested);
        await service.ConsumeAsync(requested);

        var announced = (await service.Published<CancellationDocumentsStored>()).Select(stored => Assert.Single(stored.Documents)).ToList();
        Assert.Equal(announced[0], announced[1]);
        Assert.Equal(("credit-note", "AERONA-C2026-000001", "Aerona-credit-note-AERONA-C2026-000001.pdf", "application/pdf"), (announced[0].Kind, announced[0].Number, announced[0].FileName, announced[0].ContentType));
        var rows = await service.Query<TicketsDbContext, List<Invoice>>(db => db.Invoices.AsNoTracking().ToListAsync());
        var note = Assert.Single(rows, row => row.Kind == InvoiceKind.CreditNote);
        Assert.Equal(("AERONA-2026-000001", Money.Of(100, "USD"), requested.CancellationId), (note.OriginalNumber, note.Total, note.Occasion));
        var (_, list) = await service.GetAsync($"/v1/bookings/{order.BookingId}/documents", "traveller-1");
        var entry = Assert.Single(list.GetProperty("documents").EnumerateArray(), document => document.GetProperty("kind").GetString() == "credit-note");
        Assert.Equal(requested.CancellationId, entry.GetProperty("cancellationId").GetGuid());
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(entry.GetProperty("href").GetString()!, "traveller-1")).Status);
    }

    [Fact]
    public async Task Two_refunds_are_two_notes_and_one_of_more_than_was_invoiced_is_none()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync();

        await service.ConsumeAsync(Credit(order, Money.Of(100, "USD")));
        await service.ConsumeAsync(Credit(order, order.Offer.Total - Money.Of(100, "USD")));
        await Record.ExceptionAsync(() => service.ConsumeAsync(Credit(order, Money.Of(0.01m, "USD"))));

        Assert.Equal(1, await service.ComingAgainAsync());
        Assert.Equal(
            ["AERONA-C2026-000001", "AERONA-C2026-000002"],
            await service.Query<TicketsDbContext, List<string>>(db => db.Invoices.Where(row => row.Kind == InvoiceKind.CreditNote).OrderBy(row => row.Number).Select(row => row.Number).ToListAsync()));
    }

    [Fact]
    public async Task A_refund_of_a_sale_from_before_there_were_invoices_is_invoiced_first()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();
        await service.ConsumeAsync(order);

        await service.ConsumeAsync(Credit(order, Money.Of(100, "USD")));

        var numbers = await service.Query<TicketsDbContext, List<string>>(db => db.Invoices.OrderBy(row => row.Number).Select(row => row.Number).ToListAsync());
        Assert.Equal(["AERONA-2026-000001", "AERONA-C2026-000001"], numbers);
    }

    [Fact]
    public async Task Flights_leave_the_calendar_when_nobody_of_the_booking_flies_them_any_more()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync(Orders.Of(Orders.Route("SGN", "NRT", "LAX"), [Orders.Someone("p1", PassengerType.Adult, "A", "B"), Orders.Someone("p2", PassengerType.Adult, "C", "D")]));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());

        await EndAsync(service, order, first, new CouponKey("p1", 2));
        Assert.Empty(await service.Published<CancellationDocumentsStored>());
        await EndAsync(service, order, second, new CouponKey("p2", 2));

        var stored = Assert.Single(await service.Published<CancellationDocumentsStored>());
        var document = Assert.Single(stored.Documents);
        Assert.Equal((second, "calendar", "text/calendar; charset=utf-8; method=CANCEL"), (stored.CancellationId, document.Kind, document.ContentType));
        var text = Encoding.UTF8.GetString((await service.Services.GetRequiredService<IFileStore>().GetAsync(document.Key, Stop))!);
        Assert.Contains($"UID:{order.OrderId:n}-2@aerona", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{order.OrderId:n}-1@aerona", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sweep_removes_files_that_nobody_wrote_down_and_gives_back_those_that_are_gone_when_they_are_old_enough()
    {
        await using var service = await TicketsService.StartAsync(new Dictionary<string, string?> { ["Documents:SweepEvery"] = "365.00:00:00" });
        var (files, sweep) = (service.Services.GetRequiredService<IFileStore>(), service.Services.GetRequiredService<OrphanSweep>());
        var order = await service.WithDocumentsAsync();
        await service.ConsumeAsync(Credit(order, Money.Of(100, "USD")));
        await EndAsync(service, order, Guid.NewGuid(), [.. order.Passengers.Select(passenger => new CouponKey(passenger.Id, 1))]);
        var documents = await service.Query<TicketsDbContext, List<Document>>(db => db.Documents.AsNoTracking().ToListAsync());
        foreach (var document in documents)
            await files.DeleteAsync(document.Key, Stop);

        await files.PutAsync("receipts/forgotten.pdf", new byte[3], "application/pdf", Stop);
        await files.PutAsync("elsewhere/of-others.pdf", new byte[3], "application/pdf", Stop);

        Assert.Equal(new(0, 0, 0), await sweep.RunAsync(Stop));
        service.Clock.Advance(TimeSpan.FromDays(2) + TimeSpan.FromMinutes(1));
        await files.PutAsync("receipts/new.pdf", new byte[3], "application/pdf", Stop);

        // All but the cancelled flights, of which only the record tells.
        Assert.Equal(8, documents.Count);
        Assert.Equal(new(1, 7, 1), await sweep.RunAsync(Stop));

        Assert.Null(await files.GetAsync("receipts/forgotten.pdf", Stop));
        Assert.NotNull(await files.GetAsync("receipts/new.pdf", Stop));
        Assert.NotNull(await files.GetAsync("elsewhere/of-others.pdf", Stop));
        foreach (var document in documents.Where(document => document.Kind != DocumentKinds.Calendar || document.Part.Length == 0))
            Assert.Equal(document.Sha256, DocumentStore.Hash((await files.GetAsync(document.Key, Stop))!));

        Assert.Equal(new(0, 0, 1), await sweep.RunAsync(Stop));
    }

    private static async Task EndAsync(TestService service, IssueTickets order, Guid cancellation, params CouponKey[] coupons)
    {
        await service.ConsumeAsync(new EndCoupons(order.BookingId, cancellation, order.OrderId, coupons, CouponEnd.Refunded));
        await service.ConsumeAsync(new ServicingEnded(order.BookingId, cancellation, coupons, null, false, service.Clock.GetUtcNow()));
    }

    private static CreditNoteRequested Credit(IssueTickets order, Money amount) => new(order.BookingId, Guid.NewGuid(), order.OrderId, [], amount, DateTimeOffset.UnixEpoch);
}
