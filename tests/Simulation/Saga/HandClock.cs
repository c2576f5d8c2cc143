namespace Aerona.Simulation.Saga;

/// <summary>A clock that is set, back as well.</summary>
internal sealed class HandClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
