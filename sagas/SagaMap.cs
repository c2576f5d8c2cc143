using MassTransit;
using MassTransit.SagaStateMachine;

namespace Aerona.Sagas;

/// <summary>A way from one state of a saga to another.</summary>
/// <param name="From">Name of a state; <c>Initial</c> before the first.</param>
/// <param name="Event">What happens: a message, <c>Deadline</c> or <c>Tick</c>; empty for a state left as soon as it is entered.</param>
/// <param name="To">Name of a state.</param>
public sealed record SagaTransition(string From, string Event, string To);

/// <summary>Reads from the machine itself which ways it has; whether one is taken depends on the instance.</summary>
internal sealed class SagaMap<TSaga> : StateMachineVisitor where TSaga : class, SagaStateMachineInstance
{
    private readonly List<SagaTransition> found = [];
    private string from = "";
    private string on = "";

    /// <param name="machine">The machine.</param>
    /// <param name="parked">Takes events as the state does that it was entered from.</param>
    /// <param name="parkable">Those it can be entered from.</param>
    /// <param name="notSo">Events that it takes in its own way.</param>
    internal static IReadOnlyList<SagaTransition> Of(SagaStateMachine<TSaga> machine, State parked, IEnumerable<State> parkable, params Event[] notSo)
    {
        var map = new SagaMap<TSaga>();
        machine.Accept(map);
        var own = notSo.Select(@event => @event.Name).ToHashSet();
        var asParked = parkable.SelectMany(state =>
            map.found.Where(way => way.From == state.Name && way.Event is not ("" or "Deadline" or "Tick") && !own.Contains(way.Event)));
        return
        [
            .. map.found.Concat(asParked.Select(way => way with { From = parked.Name }))
                .Where(way => way.From != way.To).Distinct().OrderBy(way => way.From, StringComparer.Ordinal).ThenBy(way => way.Event, StringComparer.Ordinal)
                .ThenBy(way => way.To, StringComparer.Ordinal),
        ];
    }

    public void Visit(State state, Action<State> next)
    {
        from = state.Name;
        next(state);
    }

    public void Visit(Event @event, Action<Event> next)
    {
        on = @event.Name.EndsWith(".Enter", StringComparison.Ordinal) ? "" : @event.Name.Replace(".Received", "", StringComparison.Ordinal);
        next(@event);
    }

    public void Visit<TMessage>(Event<TMessage> @event, Action<Event<TMessage>> next) where TMessage : class =>
        Visit((Event)@event, _ => next(@event));

    public void Visit(IStateMachineActivity activity) => Note(activity);

    public void Visit(IStateMachineActivity activity, Action<IStateMachineActivity> next)
    {
        Note(activity);
        next(activity);
    }

    public void Visit<T>(IBehavior<T> behavior) where T : class, SagaStateMachineInstance
    {
    }

    public void Visit<T>(IBehavior<T> behavior, Action<IBehavior<T>> next) where T : class, SagaStateMachineInstance => next(behavior);

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior) where T : class, SagaStateMachineInstance where TMessage : class
    {
    }

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior, Action<IBehavior<T, TMessage>> next) where T : class, SagaStateMachineInstance where TMessage : class => next(behavior);

    private void Note(IStateMachineActivity activity)
    {
        if (activity is TransitionActivity<TSaga> transition)
        {
            found.Add(new(from, on, transition.ToState.Name));
        }
    }
}
