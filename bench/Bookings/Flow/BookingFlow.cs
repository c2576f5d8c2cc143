using Aerona.BookingsBench.Load;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.BookingsBench.Flow;

/// <summary>Five steps, one after the other; nothing ever fails.</summary>
internal sealed class BookingFlow : MassTransitStateMachine<FlowState>
{
    public BookingFlow(LoadGenerator load)
    {
        InstanceState(x => x.CurrentState);
        Event(() => StartBooking, x => x.CorrelateById(context => context.Message.BookingId));
        Event(() => SeatsReserved, x => x.CorrelateById(context => context.Message.BookingId));
        Event(() => PaymentAuthorized, x => x.CorrelateById(context => context.Message.BookingId));
        Event(() => TicketsIssued, x => x.CorrelateById(context => context.Message.BookingId));
        Event(() => PaymentCaptured, x => x.CorrelateById(context => context.Message.BookingId));
        Event(() => ConfirmationSent, x => x.CorrelateById(context => context.Message.BookingId));

        Initially(
            When(StartBooking)
                .Then(x => x.Saga.Data = x.Message.Data)
                .Publish(x => new ReserveSeats(x.Saga.CorrelationId, x.Saga.Data))
                .TransitionTo(Reserving));

        During(Reserving,
            When(SeatsReserved)
                .Publish(x => new AuthorizePayment(x.Saga.CorrelationId, x.Saga.Data))
                .TransitionTo(Authorising));

        During(Authorising,
            When(PaymentAuthorized)
                .Publish(x => new IssueTickets(x.Saga.CorrelationId, x.Saga.Data))
                .TransitionTo(Ticketing));

        During(Ticketing,
            When(TicketsIssued)
                .Publish(x => new CapturePayment(x.Saga.CorrelationId, x.Saga.Data))
                .TransitionTo(Capturing));

        During(Capturing,
            When(PaymentCaptured)
                .Publish(x => new SendConfirmation(x.Saga.CorrelationId, x.Saga.Data))
                .TransitionTo(Confirming));

        During(Confirming,
            When(ConfirmationSent)
                .Then(x => load.Finished(x.Saga.CorrelationId))
                .TransitionTo(Confirmed));
    }

    public State Reserving { get; } = null!;

    public State Authorising { get; } = null!;

    public State Ticketing { get; } = null!;

    public State Capturing { get; } = null!;

    public State Confirming { get; } = null!;

    public State Confirmed { get; } = null!;

    public Event<StartBooking> StartBooking { get; } = null!;

    public Event<SeatsReserved> SeatsReserved { get; } = null!;

    public Event<PaymentAuthorized> PaymentAuthorized { get; } = null!;

    public Event<TicketsIssued> TicketsIssued { get; } = null!;

    public Event<PaymentCaptured> PaymentCaptured { get; } = null!;

    public Event<ConfirmationSent> ConfirmationSent { get; } = null!;
}

internal sealed class FlowState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public string Data { get; set; } = "";
}

internal sealed class FlowDbContext(DbContextOptions<FlowDbContext> options) : DbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<FlowState>().HasKey(state => state.CorrelationId);
    }
}
