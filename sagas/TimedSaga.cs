using MassTransit;

namespace Aerona.Sagas;

/// <summary>A saga that waits for something at most so long, and meanwhile repeats or asks.</summary>
public abstract class TimedSaga : SagaStateMachineInstance
{
    /// <summary>The id of what it is about.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Name of a state of its machine.</summary>
    public string CurrentState { get; set; } = "Initial";

    /// <summary>UTC; when the current state was entered.</summary>
    public DateTimeOffset EnteredAt { get; set; }

    /// <summary>UTC; the end of the current state. Null: it has none.</summary>
    public DateTimeOffset? DeadlineAt { get; set; }

    /// <summary>The deadline's token at the scheduler.</summary>
    public Guid? DeadlineToken { get; set; }

    /// <summary>UTC; the next repeat, look-up or case within the state.</summary>
    public DateTimeOffset? TickAt { get; set; }

    /// <summary>The tick's token at the scheduler.</summary>
    public Guid? TickToken { get; set; }

    /// <summary>Ticks since the state was entered.</summary>
    public int Ticks { get; set; }

    /// <summary>Number of the last look-up asked, of whatever kind.</summary>
    public int LookUp { get; set; }

    /// <summary>Whether that look-up was answered; the next question gets a number of its own only then.</summary>
    public bool LookUpAnswered { get; set; } = true;
}
