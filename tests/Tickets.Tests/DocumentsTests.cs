using System.Net;
using System.Security.Cryptography;
using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Files;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using UglyToad.PdfPig;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class DocumentsTests
{
    [Fact]
    public async Task Receipts_invoice_and_calendar_lie_in_the_store_as_recorded_and_those_for_who_booked_are_announced()
    {
        await using var service = await TicketsService.StartAsync();

        var order = await service.WithDocumentsAsync();

        var announced = Assert.Single(await service.Published<DocumentsStored>()).Documents;
        var recorded = await service.Query<TicketsDbContext, List<Document>>(db => db.Documents.ToListAsync());
        Assert.Equal([DocumentKinds.ItineraryReceipt, DocumentKinds.Invoice, DocumentKinds.Calendar], announced.Select(document => document.Kind));
        Assert.Equal(["Aerona-itinerary-receipt-K7QM2P.pdf", "Aerona-invoice-AERONA-2026-000001.pdf", "Aerona-flights-K7QM2P.ics"], announced.Select(document => document.FileName));
        Assert.Equal(announced, announced.Select(document => Assert.Single(recorded, row => row.Kind == document.Kind).Stored()));
        Assert.Equal(["p1", "p2", "p3"], recorded.Where(row => row.Kind == DocumentKinds.PassengerReceipt).Select(row => row.Part).Order());
        Assert.Equal(recorded.Count, recorded.Select(row => row.Key).Distinct().Count());
        foreach (var document in recorded)
        {
            var bytes = await service.Services.GetRequiredService<IFileStore>().GetAsync(document.Key, default);
            Assert.Equal(document.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes!)));
            if (document.Kind == DocumentKinds.Calendar)
                continue;

            using var pdf = PdfDocument.Open(bytes!);
            Assert.Contains(order.Locator, pdf.GetPage(1).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Documents_asked_for_again_are_the_same_file()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync();

        await service.ConsumeAsync(order.StoreDocuments());

        var answers = await service.Published<DocumentsStored>();
        Assert.Equal(2, answers.Count);
        Assert.Equal(answers[0].Documents, answers[1].Documents);
        Assert.Equal(6, await service.Query<TicketsDbContext, int>(db => db.Documents.CountAsync()));
        Assert.Equal(1, await service.Query<TicketsDbContext, int>(db => db.Invoices.CountAsync()));
    }

    [Fact]
    public async Task A_command_for_documents_of_an_order_without_tickets_comes_again()
    {
        await using var service = await TicketsService.StartAsync();

        await Record.ExceptionAsync(() => service.ConsumeAsync(Orders.Family().StoreDocuments()));

        Assert.Equal(1, await service.ComingAgainAsync());
        Assert.Empty(await service.Published<DocumentsStored>());
    }

    [Fact]
    public async Task A_link_made_on_click_downloads_the_receipt_without_a_token_until_five_minutes_are_over()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync();

        var (status, body) = await service.GetAsync($"/v1/bookings/{order.BookingId}/documents", "traveller-1");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("/files/", body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            ["itinerary-receipt", "passenger-receipt.p1", "passenger-receipt.p2", "passenger-receipt.p3", "invoice", "calendar"],
            body.GetProperty("documents").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()));
        var (linked, document) = await service.GetAsync(body.GetProperty("documents")[0].GetProperty("href").GetString()!, "traveller-1");
        Assert.Equal(HttpStatusCode.OK, linked);
        Assert.Equal("itinerary-receipt", document.GetProperty("kind").GetString());
        Assert.Equal(service.Clock.GetUtcNow().AddMinutes(5), document.GetProperty("expiresAt").GetDateTimeOffset());
        var link = new Uri(document.GetProperty("href").GetString()!);
        Assert.StartsWith("http://localhost:5080/files/", link.AbsoluteUri, StringComparison.Ordinal);
        using var download = await service.Http.GetAsync(link.AbsolutePath);
        Assert.Equal("application/pdf", download.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("Aerona-itinerary-receipt-K7QM2P.pdf", download.Content.Headers.ContentDisposition.FileNameStar);
        Assert.Equal("%PDF-", System.Text.Encoding.ASCII.GetString((await download.Content.ReadAsByteArrayAsync())[..5]));

        service.Clock.Advance(TimeSpan.FromMinutes(5));

        using var late = await service.Http.GetAsync(link.AbsolutePath);
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
        Assert.Contains("file.link_expired", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documents_are_shown_to_their_owner_the_bookings_guest_and_support_and_to_nobody_else()
    {
        await using var service = await TicketsService.StartAsync();
        var order = await service.WithDocumentsAsync();

        foreach (var address in new[] { $"/v1/bookings/{order.BookingId}/documents", $"/v1/bookings/{order.BookingId}/documents/invoice", $"/v1/bookings/{order.BookingId}/documents/passenger-receipt.p2" })
        {
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(address, "traveller-1")).Status);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(address, "clerk", "support")).Status);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsGuestAsync(address, order.BookingId)).Status);
            foreach (var (status, body) in new[] { await service.GetAsync(address, "somebody"), await service.GetAsync(address, null), await service.GetAsGuestAsync(address, Guid.NewGuid()) })
            {
                Assert.Equal(HttpStatusCode.NotFound, status);
                Assert.Equal("booking.not_found", body.GetProperty("code").GetString());
            }
        }

        foreach (var unknown in new[] { "boarding-pass", "passenger-receipt.p9", "passenger-receipt", "invoice.p1", "passenger-receipt.p1.p2" })
        {
            var (status, body) = await service.GetAsync($"/v1/bookings/{order.BookingId}/documents/{unknown}", "traveller-1");
            Assert.Equal((HttpStatusCode.NotFound, "document.not_found"), (status, body.GetProperty("code").GetString()));
        }
    }

    [Fact]
    public async Task A_folder_of_fonts_that_does_not_exist_stops_the_host_and_is_named()
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => TicketsService.StartAsync(new Dictionary<string, string?> { ["Documents:Fonts"] = "/no/such/folder" }));

        Assert.Contains("/no/such/folder", problem.Message, StringComparison.Ordinal);
        Assert.IsType<OptionsValidationException>(problem);
    }
}
