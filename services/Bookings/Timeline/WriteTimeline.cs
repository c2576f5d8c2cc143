using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Bookings.Support;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using MassTransit;

namespace Aerona.Bookings.Timeline;

/// <summary>Writes what the saga does into the timeline, within the saga's own transaction; facts that come too late are shown there as well.</summary>
internal sealed class WriteTimeline(BookingStateMachine machine, TimeProvider clock) : IHostedService, IStateObserver<BookingState>, IEventObserver<BookingState>
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        machine.ConnectStateObserver(this);
        machine.ConnectEventObserver(this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StateChanged(BehaviorContext<BookingState> context, State currentState, State previousState)
    {
        if (Enum.TryParse<BookingStage>(currentState.Name, out var stage))
        {
            Write(context, $"state.{JsonNamingPolicy.SnakeCaseLower.ConvertName(currentState.Name)}", BookingWords.Of(stage).Begun, context.Saga.FailedBecause);
            if (stage is BookingStage.Ticketing or BookingStage.Capturing)
            {
                // What the airline gave is known in one of them or both.
                context.GetPayload<BookingsDbContext>().SearchKeys.AddRange(SearchKey.Of(context.Saga.CorrelationId, context.Saga.Locators, context.Saga.TicketNumbers));
            }
        }

        return Task.CompletedTask;
    }

    public Task PreExecute(BehaviorContext<BookingState> context) => Task.CompletedTask;

    public Task PreExecute<T>(BehaviorContext<BookingState, T> context) where T : class
    {
        var (saga, message) = (context.Saga, (object)context.Message);
        (Guid Attempt, Guid? Current)? fact = message switch
        {
            SeatsHeld held => (held.HoldId, saga.Holds.LastOrDefault()?.HoldId),
            SeatsPinned pinned => (pinned.HoldId, saga.Holds.LastOrDefault()?.HoldId),
            PaymentAuthorized authorized => (authorized.PaymentId, saga.Payments.LastOrDefault()?.PaymentId),
            PaymentCaptured captured => (captured.PaymentId, saga.Payments.LastOrDefault()?.PaymentId),
            AirlineOrderConfirmed confirmed => (confirmed.OrderId, saga.Orders.LastOrDefault()?.OrderId),
            _ => null,
        };
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(message.GetType().Name);
        // A parked booking hands it on to the state it was parked from, so that it is seen twice.
        if (fact is var (attempt, current) && (attempt != current || saga.FailedBecause is not null) && !IsWritten(context, $"late.{name}"))
        {
            Write(context, $"late.{name}", $"Came too late and is given back: {name.Replace('_', ' ')}", attempt.ToString());
        }

        return Task.CompletedTask;
    }

    public Task PostExecute(BehaviorContext<BookingState> context) => Task.CompletedTask;

    public Task PostExecute<T>(BehaviorContext<BookingState, T> context) where T : class
    {
        if ((object)context.Message is StaffDecided decided && context.Saga.StaffActions.FirstOrDefault(action => action.ActionId == decided.ActionId) is { } action)
        {
            Write(context, action);
        }

        return Task.CompletedTask;
    }

    public Task ExecuteFault(BehaviorContext<BookingState> context, Exception exception) => Task.CompletedTask;

    public Task ExecuteFault<T>(BehaviorContext<BookingState, T> context, Exception exception) where T : class => Task.CompletedTask;

    private static bool IsWritten(BehaviorContext<BookingState> context, string kind) =>
        context.GetPayload<BookingsDbContext>().Timeline.Local.Any(entry => entry.BookingId == context.Saga.CorrelationId && entry.Kind == kind);

    private void Write(BehaviorContext<BookingState> context, string kind, string text, string? reference) =>
        context.GetPayload<BookingsDbContext>().Timeline.Add(
            new() { BookingId = context.Saga.CorrelationId, At = clock.GetUtcNow(), Kind = kind, Text = text, Reference = reference });

    /// <summary>What staff decided, when the booking hears of it for the first time.</summary>
    private static void Write(BehaviorContext<BookingState> context, StaffAction action)
    {
        var db = context.GetPayload<BookingsDbContext>();
        var kind = $"staff.{JsonNamingPolicy.SnakeCaseLower.ConvertName(action.Decision.ToString())}";
        var before = db.Entry(context.Saga).OriginalValues.GetValue<IReadOnlyList<StaffAction>>(nameof(BookingState.StaffActions));
        if (before.All(known => known.ActionId != action.ActionId) && !IsWritten(context, kind))
        {
            db.Timeline.Add(new()
            {
                BookingId = context.Saga.CorrelationId,
                At = action.DecidedAt,
                Kind = kind,
                Text = BookingWords.OfNote(kind) + (action.Applied ? "" : BookingWords.TooLate),
                Reference = action.ActionId.ToString(),
                By = action.By,
                Remark = action.Reason,
            });
        }
    }
}
