using Aerona.Contracts.Airlines;
using Aerona.Contracts.Payments;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

/// <summary>
/// I10: independent messages lead to the same world in either order, and a message that is handled twice leads to the same business, once all is at rest, as one
/// that is handled once.
/// </summary>
internal sealed class EitherOrder(Canon canon)
{
    private readonly Dictionary<ulong, ulong> rests = [];

    /// <summary>Pairs of messages compared in both orders.</summary>
    public long Pairs { get; private set; }

    /// <summary>Messages compared with themselves handled twice.</summary>
    public long Repeats { get; private set; }

    public void Check(World world)
    {
        var deliverable = new List<int>();
        for (var at = 0; at < world.Letters.Length; at++)
        {
            if (world.CanBeDelivered(world.Letters[at]))
            {
                deliverable.Add(at);
            }
        }

        foreach (var one in deliverable)
        {
            foreach (var other in deliverable.Where(other => other > one && AreIndependent(world, world.Letters[one], world.Letters[other])))
            {
                Pairs++;
                var (first, second) = (world.Letters[one], world.Letters[other]);
                if (Handle(Handle(world, first), second).Number(canon) != Handle(Handle(world, second), first).Number(canon))
                {
                    throw new ViolationException("I10", $"{first} and {second} are independent, and it matters which is first");
                }
            }

            var letter = world.Letters[one];
            if (letter is { IsTimer: false, Again: false })
            {
                Repeats++;
                if (Rest(world.Step(new(ChoiceKind.Deliver, one))) != Rest(world.Step(new(ChoiceKind.Twice, one, Cost: 1))))
                {
                    throw new ViolationException("I10", $"{letter} handled twice ends otherwise than handled once");
                }
            }
        }
    }

    // Handled as far as it goes without anybody outside; timers that were taken back by the first are gone.
    private static World Handle(World world, Letter letter) =>
        Array.FindIndex(world.Letters, one => one.Id == letter.Id) is var at and >= 0 ? world.Step(new(ChoiceKind.Deliver, at)) : world;

    /// <summary>
    /// Whether nothing that one of them reads is written by the other: they go to different services, or are about different bookings or attempts; but seats are
    /// common to all bookings, and so is the price of today.
    /// </summary>
    private static bool AreIndependent(World world, Letter one, Letter other)
    {
        if (one.To != other.To)
        {
            return true;
        }

        return one.To switch
        {
            Party.Saga => one.BookingId != other.BookingId || (world.Find(one.BookingId)?.CurrentState == "Compensating" && IsUndone(one) && IsUndone(other) && one.Attempt != other.Attempt),
            Party.Airlines => one.Attempt != other.Attempt && !TouchesAll(one) && !TouchesAll(other),
            _ => one.Attempt != other.Attempt,
        };

        static bool IsUndone(Letter letter) => letter.Body is SeatsReleased or PaymentVoided or PaymentRefunded or AirlineOrderCancelled;

        static bool TouchesAll(Letter letter) => letter.Body is HoldSeats or PriceOffer or CommitAirlineOrder or CancelAirlineOrder;
    }

    // Worlds on a known way to rest share its end. A booking that waits for staff waits in a circle.
    private ulong Rest(World world)
    {
        HashSet<ulong> way = [];
        while (true)
        {
            var number = world.Number(canon);
            if (rests.TryGetValue(number, out var known))
            {
                return Keep(known);
            }

            if (!way.Add(number) || world.Duty(world.Choices(0, 0), parkedRests: false) is not { } duty)
            {
                return Keep(world.Business());
            }

            world = world.Step(duty);
        }

        ulong Keep(ulong business)
        {
            foreach (var number in way)
            {
                rests[number] = business;
            }

            return business;
        }
    }
}

/// <content>What a booking came to.</content>
internal sealed partial class World
{
    /// <summary>A number for what people would tell of it: where the bookings stand and why, seats, orders, money and tickets; not by how many tries.</summary>
    public ulong Business()
    {
        var canon = new Canon();
        canon.Start(23);
        foreach (var saga in sagas)
        {
            canon.AddText(saga?.CurrentState);
            canon.AddText(saga?.FailedBecause);
            var bookingId = saga?.CorrelationId;
            var rows = Payments.Rows.Where(row => row.BookingId == bookingId).ToList();
            int[] facts =
            [
                .. Enum.GetValues<SeatState>().Where(state => state != SeatState.Released).Select(state => Airlines.Holds.Count(hold => hold.BookingId == bookingId && hold.State == state)),
                .. Enum.GetValues<OrderState>().Where(state => state != OrderState.None).Select(state => Airlines.Orders.Count(order => order.BookingId == bookingId && order.Book == state)),
                rows.Sum(row => row.PayPal.Taken), rows.Count(row => row.PayPal.Reserves),
                rows.Sum(row => row.Ledger.Authorised - row.Ledger.Voided - row.Ledger.Captured), (int)rows.Sum(row => (row.Ledger.Captured * row.Price.MinorUnits) - row.Ledger.RefundedMinor),
                Tickets.Rows.Where(row => row.BookingId == bookingId).Sum(row => row.Tickets), Tickets.Rows.Count(row => row.BookingId == bookingId && row.Stored),
                saga?.StaffActions.Count(action => action.Applied) ?? 0,
            ];
            foreach (var fact in facts)
            {
                canon.Add((ulong)fact);
            }
        }

        return canon.Number;
    }
}
