using Aerona.Contracts.Airlines;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

/// <content>What makes two worlds one.</content>
internal sealed partial class World
{
    private static readonly string[] BeforePurchase =
        ["Pricing", "AwaitingPriceDecision", "HoldingSeats", "HoldUnknown", "OpeningPayment", "AwaitingPayment", "Pinning", "Authorising", "PaymentUnknown", "PaymentReview"];

    /// <summary>
    /// A number for this world. Worlds share it when they differ only in the hands of the clock, in what nobody will look at again (the end of a time to pay
    /// once it is paid, an attempt that is given back and that no message speaks of any more), or in how many copies more than two of a message are under way.
    /// </summary>
    public ulong Number(Canon canon)
    {
        canon.Begin(Now, bookingId => Find(bookingId)?.LookUp ?? 0);
        var known = sagas.Select(saga => saga is null ? null : Masked(saga)).ToArray();
        var (holds, orders, payments) = (Masked(Airlines.Holds), Masked(Airlines.Orders), Masked(Payments.Rows));
        var offersMatter = sagas.Any(saga => saga is null || BeforePurchase.Contains(saga.CurrentState));
        foreach (var saga in known)
        {
            canon.Times(saga);
        }

        canon.Times(holds);
        canon.Times(orders);
        canon.Times(payments);
        canon.Times(Tickets.Rows);
        if (offersMatter)
        {
            foreach (var offer in Airlines.Offers)
            {
                canon.Time(offer.Snapshot.ExpiresAt);
            }
        }

        foreach (var letter in Letters)
        {
            if (letter.Due is { } due)
            {
                canon.Time(due);
            }

            canon.Times(letter.Body);
        }

        // A timer that was lost is raised again a minute later.
        foreach (var lost in LostTimers())
        {
            canon.Time(lost);
        }

        if (upAgainAt is { } end)
        {
            canon.Time(end);
        }

        canon.Order();

        // A bag has no order: numbers of letters, sorted; of equal ones more than two are as two.
        Span<ulong> letters = stackalloc ulong[Letters.Length + Calls.Length];
        for (var at = 0; at < Letters.Length; at++)
        {
            letters[at] = Number(canon, Letters[at]);
        }

        for (var at = 0; at < Calls.Length; at++)
        {
            canon.Start(Number(canon, Calls[at].Letter));
            canon.AddText("call");
            letters[Letters.Length + at] = canon.Number;
        }

        letters.Sort();
        canon.Start(17);
        for (var at = 0; at < letters.Length; at++)
        {
            if (at < 2 || letters[at] != letters[at - 2])
            {
                canon.Add(letters[at]);
            }
        }

        foreach (var saga in known)
        {
            canon.Add((object?)saga);
        }

        AddTable(canon, holds);
        AddTable(canon, orders);
        AddTable(canon, payments);
        AddTable(canon, Tickets.Rows);
        if (offersMatter)
        {
            foreach (var offer in Airlines.Offers)
            {
                canon.AddId(offer.Snapshot.OfferId);
                canon.AddTime(offer.Snapshot.ExpiresAt);
            }
        }

        foreach (var lost in LostTimers())
        {
            canon.AddTime(lost);
        }

        foreach (var traveller in travellers)
        {
            canon.Add((ulong)((traveller.Cancelled ? 1 : 0) + (traveller.Submitted ? 1 << 15 : 0) + (traveller.CancelledPurchase ? 1 << 16 : 0) + (traveller.Retries << 2) + (traveller.Staff << 6) + (traveller.Prices << 10)));
            if (traveller.GivenBack is { } unpaid)
            {
                canon.AddId(unpaid.Id);
                canon.Add(unpaid.Done ? 1ul : 2ul);
            }
        }

        if (upAgainAt is { } up)
        {
            canon.AddTime(up);
        }

        canon.Add((FareRose ? 1ul : 2ul) + ((ulong)stopped << 2));
        return canon.Number;
    }

    // Rows have no order either.
    private static void AddTable<T>(Canon canon, T[] rows) where T : class
    {
        if (rows.Length < 2)
        {
            canon.Add(rows);
            return;
        }

        var before = canon.Number;
        Span<ulong> numbers = stackalloc ulong[rows.Length];
        for (var at = 0; at < rows.Length; at++)
        {
            canon.Start(29);
            canon.Add((object)rows[at]);
            numbers[at] = canon.Number;
        }

        numbers.Sort();
        canon.Start(before);
        foreach (var number in numbers)
        {
            canon.Add(number);
        }

        canon.Add(0x52ul);
    }

    private static ulong Number(Canon canon, Letter letter)
    {
        canon.Start((letter.Slow ? 3ul : 5ul) + (letter.Again ? 8ul : 0ul));
        if (letter.Due is { } due)
        {
            canon.AddTime(due);
        }

        canon.Add(letter.Body);
        return canon.Number;
    }

    private static BookingState Masked(BookingState saga)
    {
        var masked = (BookingState)CloneOf(saga);
        masked.Cases = [];
        masked.Locators = [];
        masked.Documents = [];
        if (saga.CurrentState != "ParkedForStaff")
        {
            masked.ParkedFrom = null;
        }

        if (!BeforePurchase.Contains(saga.CurrentState))
        {
            masked.PaymentUntil = masked.PriceUntil = masked.RemindedAt = null;
            masked.NewPrice = null;
            masked.Holds = [.. saga.Holds.Select(hold => hold with { SpaceUntil = null })];
        }

        masked.Payments = [.. saga.Payments.Select(payment => payment with
        {
            Authorised = null,
            HonouredUntil = payment.Standing is PaymentStanding.Authorised or PaymentStanding.Capturing ? payment.HonouredUntil : null,
        })];
        return masked;
    }

    private HoldRow[] Masked(HoldRow[] rows) =>
    [
        .. rows
            .Where(row => row.State != SeatState.Released || IsSpokenOf(row.HoldId) || Find(row.BookingId)?.Holds.FirstOrDefault(x => x.HoldId == row.HoldId) is { Standing: not HoldStanding.Gone })
            .Select(row => row.State == SeatState.Held ? row with { PriceUntil = default } : row with { PriceUntil = default, SpaceUntil = default }),
    ];

    private OrderRow[] Masked(OrderRow[] rows) =>
    [
        .. rows.Where(row => row.Book is OrderState.Confirmed or OrderState.Undecided || IsSpokenOf(row.OrderId)
            || Find(row.BookingId)?.Orders.FirstOrDefault(x => x.OrderId == row.OrderId) is { Standing: not OrderStanding.Closed })
            .Select(row => row.LookUps is null ? row : row with { LookUps = [.. row.LookUps.Where(look => IsAsked(row, look.LookUpNumber))] }),
    ];

    // An answer that is kept for a question that nobody asks again is as good as none.
    private bool IsAsked(OrderRow row, int number) =>
        Find(row.BookingId)?.LookUp == number
        || Array.Exists(Letters, letter => letter.Body is LookUpAirlineOrder look && look.OrderId == row.OrderId && look.LookUp == number)
        || Array.Exists(Calls, call => call.Letter.Body is LookUpAirlineOrder look && look.OrderId == row.OrderId && look.LookUp == number);

    private PaymentRow[] Masked(PaymentRow[] rows) =>
    [
        .. rows.Select(row => IsSpokenOf(row.Id) || row.PayPal.Authorisation == Authorisation.Pending || row.PayPal.Capture == Capture.Pending
            || Find(row.BookingId)?.Payments.FirstOrDefault(x => x.PaymentId == row.Id) is { Standing: not PaymentStanding.Closed }
                ? row with { HonouredUntil = default, Book = row.PayPal with { HonouredUntil = default } }
                : new(default, row.BookingId, Ledger: row.Ledger, Book: row.PayPal with
                {
                    Orders = 0, AuthoriseKey = 0, CaptureKey = 0, AuthoriseRefused = null, CaptureRefused = false, VoidKey = 0, VoidRefused = false, HonouredUntil = default,
                })),
    ];

    private bool IsSpokenOf(Guid attempt) =>
        Array.Exists(Letters, letter => letter.Attempt == attempt) || Array.Exists(Calls, call => call.Letter.Attempt == attempt);
}
