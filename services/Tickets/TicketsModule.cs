using Aerona.Files;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Ending;
using Aerona.Tickets.GetDocuments;
using Aerona.Tickets.GetTicket;
using Aerona.Tickets.Invoicing;
using Aerona.Tickets.Issuing;
using Aerona.Tickets.Storing;
using Aerona.Tickets.SupportTickets;
using Aerona.Tickets.VerifyTicket;

namespace Aerona.Tickets;

/// <summary>Electronic tickets with their coupons, and the documents a traveller gets.</summary>
public static class TicketsModule
{
    /// <summary>Adds the service's database, fonts and file store. Options: sections <c>Documents</c> and <c>Invoices</c>, <c>PublicBaseUrl</c>, <c>Data:Folder</c>.</summary>
    public static void AddTickets(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<TicketsDbContext>("tickets");
        builder.TakeTokensFor("tickets", typeof(TicketsModule).Assembly);
        builder.AddFiles();
        builder.Services.AddOptions<DocumentOptions>().BindConfiguration("Documents").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<PublicAddressOptions>()
            .Configure(options => options.PublicBaseUrl = builder.Configuration["PublicBaseUrl"] ?? options.PublicBaseUrl)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<InvoiceOptions>().BindConfiguration("Invoices").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<DocumentFonts>();
        builder.Services.AddSingleton<Verification>();
        builder.Services.AddSingleton<DocumentMaker>();
        builder.Services.AddSingleton<DocumentStore>();
        builder.Services.AddSingleton<InvoiceBook>();
        builder.Services.AddSingleton<OrphanSweep>();
        builder.Services.AddHostedService<SweepRegularly>();
    }

    /// <summary>Adds what the sagas ask of this service, and what it makes of their news.</summary>
    public static void AddTicketsConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<IssueTicketsConsumer, TicketsDbContext>();
        bus.AddConsumer<EndCouponsConsumer, TicketsDbContext>();
        bus.AddEffectConsumer<StoreDocumentsConsumer, TicketsDbContext>();
        bus.AddEffectConsumer<StoreCreditNoteConsumer, TicketsDbContext>();
        bus.AddEffectConsumer<StoreCancelledFlightsConsumer, TicketsDbContext>();
    }

    /// <summary>Maps <c>/v1/tickets</c>, a booking's documents, the links to them (<c>/files</c>), the receipt's verification page and support's list.</summary>
    public static void MapTickets(this WebApplication app)
    {
        var v1 = app.MapGroup("/v1").WithTags("Tickets");
        v1.MapGetTicket();
        v1.MapGetDocuments();
        v1.MapSupportTickets();
        v1.MapListIssuedTickets();
        app.MapVerifyTicket();
        app.MapFiles();

        // Looked for now, so that a machine without fonts says so at start and the first receipt does not wait.
        _ = app.Services.GetRequiredService<DocumentFonts>();
    }
}
