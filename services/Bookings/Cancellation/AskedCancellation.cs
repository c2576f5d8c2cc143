using Aerona.Contracts.Cancellations;

namespace Aerona.Bookings.Cancellation;

/// <summary>A cancellation that somebody asked for; never changed. How it goes stands in the saga's row of the same id; a booking's own have only that.</summary>
internal sealed class AskedCancellation
{
    public required Guid Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>What is to be given back; null: all that is left.</summary>
    public IReadOnlyList<CouponKey>? Coupons { get; init; }

    public required CancellationCause Cause { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }
}
