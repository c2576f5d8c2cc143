using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Sagas.Booking;

namespace Aerona.Bookings.Cancellation;

/// <summary>Whether a list of coupons names what the booking has; the airline decides what of it can be cancelled.</summary>
internal static class CouponRules
{
    public static IReadOnlyList<FieldProblem> Check(IReadOnlyList<CouponKey>? coupons, BookingState saga)
    {
        if (coupons is null)
        {
            return [];
        }

        if (coupons.Count == 0)
        {
            return [new("/coupons", "cancellation.nothing_named", "At least one flight of one passenger; leave the field out to cancel all that is left.")];
        }

        List<FieldProblem> problems = [];
        var gone = saga.Servicings.SelectMany(servicing => servicing.Coupons).ToHashSet();
        var seen = new HashSet<CouponKey>();
        for (var at = 0; at < coupons.Count; at++)
        {
            var coupon = coupons[at];
            if (saga.Passengers.All(passenger => passenger.Id != coupon.PassengerId))
            {
                problems.Add(new($"/coupons/{at}/passengerId", "cancellation.passenger_unknown", "This booking has no such passenger."));
            }
            else if (saga.Offer!.Segments.All(segment => segment.Ordinal != coupon.SegmentOrdinal))
            {
                problems.Add(new($"/coupons/{at}/segmentOrdinal", "cancellation.segment_unknown", "This booking has no such flight."));
            }
            else if (gone.Contains(coupon))
            {
                problems.Add(new($"/coupons/{at}", "cancellation.cancelled_already", "This flight of this passenger is cancelled already."));
            }
            else if (!seen.Add(coupon))
            {
                problems.Add(new($"/coupons/{at}", "cancellation.named_twice", "Each flight of a passenger once."));
            }
        }

        return problems;
    }
}
