namespace Aerona.Notifications.Push;

/// <summary>A browser that wants to hear of somebody's bookings, or of one.</summary>
internal sealed class PushSubscription
{
    public required Guid Id { get; init; }

    /// <summary>See <see cref="PushScope"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>At the browser's push service; whoever knows it and our key may send.</summary>
    public required string Endpoint { get; init; }

    /// <summary>SHA-256 of it, hexadecimal.</summary>
    public required string EndpointHash { get; init; }

    /// <summary>The browser's public key.</summary>
    public required byte[] P256dh { get; set; }

    public required byte[] Auth { get; set; }

    /// <summary><c>en</c> or <c>vi</c>.</summary>
    public required string Language { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Whose news a subscription gets: all bookings of a subject, or one booking.</summary>
internal static class PushScope
{
    public static string Of(string subject) => $"sub:{subject}";

    public static string Of(Guid bookingId) => $"booking:{bookingId}";

    /// <summary>The booking of a scope that is one's.</summary>
    public static Guid? Booking(string scope) => scope.StartsWith("booking:", StringComparison.Ordinal) ? Guid.Parse(scope["booking:".Length..]) : null;
}

internal enum PushNoticeState
{
    Pending,
    Sent,

    /// <summary>Not sent, and will not be: <see cref="PushNotice.Problem"/>.</summary>
    Dropped,
}

/// <summary>News for one browser. Only its kind and the code of its link are sent; what it says is fetched by that link.</summary>
internal sealed class PushNotice
{
    public required Guid Id { get; init; }

    /// <summary>In the link; 144 bits by chance, and good for reading this alone.</summary>
    public required string Code { get; init; }

    public required Guid SubscriptionId { get; init; }

    /// <summary>Stable code: <c>booking.confirmed</c>, <c>flight.gate_changed</c> ….</summary>
    public required string Kind { get; init; }

    /// <summary>A newer notice of the same topic replaces it, at the push service and on the screen; says nothing to others.</summary>
    public required string Topic { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    /// <summary>Where a click leads: a path of ours; null: nowhere.</summary>
    public required string? Path { get; init; }

    public required string Language { get; init; }

    /// <summary>RFC 8030: <c>normal</c> or <c>high</c>.</summary>
    public required string Urgency { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>UTC; later it is of no use.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public PushNoticeState State { get; set; }

    /// <summary>Stable code of why it was dropped.</summary>
    public string? Problem { get; set; }

    /// <summary>The push service found it too large with padding.</summary>
    public bool IsBare { get; set; }
}

/// <summary>A push service that asked us to wait.</summary>
internal sealed class PushService
{
    /// <summary>Scheme, host and port.</summary>
    public required string Origin { get; init; }

    public required DateTimeOffset PausedUntil { get; set; }
}
