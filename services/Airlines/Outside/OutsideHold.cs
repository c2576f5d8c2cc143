using Aerona.Contracts.Airlines;
using Aerona.Suppliers;

namespace Aerona.Airlines.Outside;

internal enum OutsideHoldState
{
    /// <summary>Wished for; what the supplier says is not known.</summary>
    Asked,
    Held,
    Pinned,
    Sold,

    /// <summary>Refused, released, or denied by a look-up: nothing is held under this id and nothing will be.</summary>
    Released,
}

/// <summary>An attempt to hold at an outside supplier. An instant one holds nothing; then this says that its offer was there when it was asked last.</summary>
internal sealed class OutsideHold
{
    /// <summary>The only token there is: the supplier's order, not we, says what is held.</summary>
    public const long OnlyToken = 1;

    public required Guid HoldId { get; init; }

    public required Guid BookingId { get; init; }

    public required Guid OfferId { get; init; }

    public required string Supplier { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset NotedAt { get; init; }

    public OutsideHoldState State { get; private set; }

    /// <summary>The supplier's id of the held order; null: it holds nothing, or that is not known.</summary>
    public string? Reference { get; private set; }

    public DateTimeOffset? SpaceUntil { get; private set; }

    public DateTimeOffset? PriceUntil { get; private set; }

    /// <summary>Why it was refused, or null.</summary>
    public string? Reason { get; private set; }

    public KnownHold Known => new(HoldId, NotedAt, Reference);

    /// <summary>Takes in what the supplier said. True when it is news.</summary>
    public bool Record(HoldStandingAnswer answer)
    {
        var before = State;
        switch (answer.Kind)
        {
            case HoldStandingKind.Held when State is OutsideHoldState.Asked or OutsideHoldState.Held or OutsideHoldState.Pinned:
                State = State == OutsideHoldState.Asked ? OutsideHoldState.Held : State;
                (Reference, SpaceUntil, PriceUntil) = (answer.Reference ?? Reference, answer.SpaceUntil ?? SpaceUntil, answer.PriceUntil ?? PriceUntil);
                break;
            case HoldStandingKind.Refused or HoldStandingKind.Absent or HoldStandingKind.Released when State != OutsideHoldState.Sold:
                State = OutsideHoldState.Released;
                Reason ??= answer.Reason;
                break;
        }

        return State != before;
    }

    public void Pin() => State = State == OutsideHoldState.Held ? OutsideHoldState.Pinned : State;

    public void Sell() => State = OutsideHoldState.Sold;

    public bool IsLive => State is OutsideHoldState.Held or OutsideHoldState.Pinned;

    public SeatsHeld Held() => new(BookingId, HoldId, OnlyToken, SpaceUntil!.Value, PriceUntil!.Value);

    public SeatsRefused Refused() => new(BookingId, HoldId, Reason ?? "hold.closed", []);

    /// <summary>Intent key of making it.</summary>
    public static string Key(Guid holdId) => $"outside-hold/{holdId}";
}
