namespace Aerona.Notifications.Hooks;

/// <summary>Something that happened to a client's bookings; told by webhooks and in the feed.</summary>
internal sealed class ClientEvent
{
    public required string Owner { get; init; }

    /// <summary>Counts from 1 for each owner, in the order of commits and without a gap: see <see cref="EventLog"/>.</summary>
    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    /// <summary>One of <see cref="EventTypes.All"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Of the form of <see cref="Data"/>; grows when a field changes its meaning or goes, not when one is added.</summary>
    public required int Version { get; init; }

    /// <summary>JSON object.</summary>
    public required string Data { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>An owner's row of events.</summary>
internal sealed class EventStream
{
    public required string Owner { get; init; }

    public long LastSequence { get; set; }

    /// <summary>Those up to here are past retention and gone.</summary>
    public long ForgottenThrough { get; set; }
}

/// <summary>A booking as far as events and notices need it.</summary>
internal sealed class FollowedBooking
{
    public required Guid BookingId { get; init; }

    /// <summary>False while an event of it came before the booking itself.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Subject of who booked; null for a guest, whose bookings have no events.</summary>
    public string? Owner { get; set; }

    /// <summary>Events that came before the booking.</summary>
    public IReadOnlyList<NewEvent> Waiting { get; set; } = [];

    public required DateTimeOffset At { get; init; }
}

/// <summary>A flight that a booking bought, so that what happens to it finds its way.</summary>
internal sealed class BookedFlight
{
    public required Guid BookingId { get; init; }

    /// <summary><see cref="Contracts.FlightDesignator.OnDate"/>.</summary>
    public required string FlightId { get; init; }

    public required DateTimeOffset DepartsAt { get; init; }

    /// <summary>What the last notice was about; null before the first.</summary>
    public Contracts.Operations.FlightStatus? Told { get; set; }

    /// <summary>Of the newest status heard of.</summary>
    public long Version { get; set; }
}
