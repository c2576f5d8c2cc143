namespace Aerona.Sagas.Tests;

/// <summary>A clock that a test sets, back as well: making a machine for every history costs more than all its events.</summary>
internal sealed class HandClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
