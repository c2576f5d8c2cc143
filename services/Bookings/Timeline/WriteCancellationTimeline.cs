using System.Text.Json;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Cancellation;
using MassTransit;

namespace Aerona.Bookings.Timeline;

/// <summary>Writes what a cancellation does, and what staff decide about it, into its booking's timeline, within the saga's own transaction.</summary>
internal sealed class WriteCancellationTimeline(CancellationStateMachine machine, TimeProvider clock)
    : IHostedService, IStateObserver<CancellationState>, IEventObserver<CancellationState>
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        machine.ConnectStateObserver(this);
        machine.ConnectEventObserver(this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StateChanged(BehaviorContext<CancellationState> context, State currentState, State previousState)
    {
        if (Enum.TryParse<CancellationStage>(currentState.Name, out var stage))
        {
            var (saga, words) = (context.Saga, CancellationWords.Of(stage).Begun);
            var text = stage switch
            {
                CancellationStage.Quoted => $"{words}: {saga.Quotes[^1].Answer!.Refund?.ToString() ?? "nobody can say before it is done"}",
                CancellationStage.Lapsed when saga.EndedBecause == NotCancelledBecause.Withdrawn => "Nothing was cancelled: it was taken back",
                CancellationStage.Refunding => $"{words}: {saga.Money!.Due}",
                _ => words,
            };
            Add(context, new()
            {
                BookingId = saga.BookingId,
                At = clock.GetUtcNow(),
                Kind = $"cancellation.{JsonNamingPolicy.SnakeCaseLower.ConvertName(currentState.Name)}",
                Text = text,
                Reference = saga.EndedBecause ?? saga.CorrelationId.ToString(),
            });
        }

        return Task.CompletedTask;
    }

    public Task PreExecute(BehaviorContext<CancellationState> context) => Task.CompletedTask;

    public Task PreExecute<T>(BehaviorContext<CancellationState, T> context) where T : class => Task.CompletedTask;

    public Task PostExecute(BehaviorContext<CancellationState> context) => Task.CompletedTask;

    public Task PostExecute<T>(BehaviorContext<CancellationState, T> context) where T : class
    {
        if ((object)context.Message is CancellationDecided decided && context.Saga.StaffActions.FirstOrDefault(action => action.ActionId == decided.ActionId) is { } action)
        {
            var before = context.GetPayload<BookingsDbContext>().Entry(context.Saga).OriginalValues.GetValue<IReadOnlyList<CancellationAction>>(nameof(CancellationState.StaffActions));
            if (before.All(known => known.ActionId != action.ActionId) && !IsWritten(context, action.ActionId.ToString()))
            {
                var kind = $"staff.cancellation.{JsonNamingPolicy.SnakeCaseLower.ConvertName(action.Decision.ToString())}";
                Add(context, new()
                {
                    BookingId = context.Saga.BookingId,
                    At = action.DecidedAt,
                    Kind = kind,
                    Text = BookingWords.OfNote(kind) + (action.Amount is { } amount ? $": {amount}" : "") + (action.Applied ? "" : BookingWords.TooLate),
                    Reference = action.ActionId.ToString(),
                    By = action.By,
                    Remark = action.Reason,
                });
            }
        }

        return Task.CompletedTask;
    }

    public Task ExecuteFault(BehaviorContext<CancellationState> context, Exception exception) => Task.CompletedTask;

    public Task ExecuteFault<T>(BehaviorContext<CancellationState, T> context, Exception exception) where T : class => Task.CompletedTask;

    private static bool IsWritten(BehaviorContext<CancellationState> context, string reference) =>
        context.GetPayload<BookingsDbContext>().Timeline.Local.Any(entry => entry.BookingId == context.Saga.BookingId && entry.Reference == reference);

    private static void Add(BehaviorContext<CancellationState> context, TimelineEntry entry) => context.GetPayload<BookingsDbContext>().Timeline.Add(entry);
}
