using Aerona.BookingsBench.Load;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.BookingsBench.Flow;

internal sealed class ReservationConsumer(WorkDbContext db) : IConsumer<ReserveSeats>
{
    public Task Consume(ConsumeContext<ReserveSeats> context)
    {
        db.Add(new Work(context.Message.BookingId, 1, context.Message.Data));
        return context.Publish(new SeatsReserved(context.Message.BookingId, context.Message.Data));
    }
}

internal sealed class PaymentConsumer(WorkDbContext db) : IConsumer<AuthorizePayment>, IConsumer<CapturePayment>
{
    public Task Consume(ConsumeContext<AuthorizePayment> context)
    {
        db.Add(new Work(context.Message.BookingId, 2, context.Message.Data));
        return context.Publish(new PaymentAuthorized(context.Message.BookingId, context.Message.Data));
    }

    public Task Consume(ConsumeContext<CapturePayment> context)
    {
        db.Add(new Work(context.Message.BookingId, 4, context.Message.Data));
        return context.Publish(new PaymentCaptured(context.Message.BookingId, context.Message.Data));
    }
}

internal sealed class TicketingConsumer(WorkDbContext db) : IConsumer<IssueTickets>
{
    public Task Consume(ConsumeContext<IssueTickets> context)
    {
        db.Add(new Work(context.Message.BookingId, 3, context.Message.Data));
        return context.Publish(new TicketsIssued(context.Message.BookingId, context.Message.Data));
    }
}

internal sealed class NotificationConsumer(WorkDbContext db) : IConsumer<SendConfirmation>
{
    public Task Consume(ConsumeContext<SendConfirmation> context)
    {
        db.Add(new Work(context.Message.BookingId, 5, context.Message.Data));
        return context.Publish(new ConfirmationSent(context.Message.BookingId, context.Message.Data));
    }
}

/// <summary>What a step leaves behind.</summary>
internal sealed class Work(Guid bookingId, int step, string data)
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    public Guid BookingId { get; private set; } = bookingId;

    public int Step { get; private set; } = step;

    public string Data { get; private set; } = data;
}

internal sealed class WorkDbContext(DbContextOptions<WorkDbContext> options) : DbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Work>().Property(work => work.Id).ValueGeneratedNever();
    }
}
