using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Disputes;

/// <summary>
/// A payer disputes: the booking is flagged by a case that a person works on, for PayPal wants an answer within days. How it goes on is written into that case;
/// lost, the tickets may still be good and the money is gone.
/// </summary>
internal sealed class NoteDisputeConsumer(BookingsDbContext db) : IConsumer<PaymentDisputed>
{
    public const string Kind = "payment-disputed";

    public async Task Consume(ConsumeContext<PaymentDisputed> context)
    {
        var (disputed, stop) = (context.Message, context.CancellationToken);
        var id = IdOf(disputed);
        var known = await db.Cases.Include(one => one.Notes).SingleOrDefaultAsync(one => one.Id == id, stop);
        if (known is null)
        {
            var locator = await db.Bookings.Where(booking => booking.Id == disputed.BookingId).Select(booking => booking.Locator).SingleOrDefaultAsync(stop);
            if (locator is null)
            {
                return;   // no booking of ours
            }

            db.Cases.Add(new()
            {
                Id = id,
                BookingId = disputed.BookingId,
                Locator = locator,
                Kind = Kind,
                Detail = Words(disputed),
                OpenedAt = disputed.At,
            });
            db.Timeline.Add(new() { BookingId = disputed.BookingId, At = disputed.At, Kind = "case.opened", Text = "The payment is disputed; somebody looks at it.", Reference = Kind });
        }
        else if (known.ClosedAt is null && known.Detail != Words(disputed) && !known.Notes.Exists(note => note.At >= disputed.At || note.Text == Words(disputed)))
        {
            known.Note(Words(disputed), "PayPal", disputed.At);
        }
    }

    /// <summary>One case for a dispute, however often it is told.</summary>
    private static Guid IdOf(PaymentDisputed disputed) =>
        SupportCase.IdOf(new BookingCaseOpened(disputed.BookingId, $"{Kind}/{disputed.DisputeId}", "", default));

    private static string Words(PaymentDisputed disputed) => disputed.Standing switch
    {
        DisputeStanding.Open => $"PayPal's dispute {disputed.DisputeId} about {disputed.Amount} ({disputed.Reason}): answer it at PayPal.",
        DisputeStanding.Lost => $"PayPal's dispute {disputed.DisputeId} is lost: the payer has {disputed.Amount} back. Decide about the tickets.",
        _ => $"PayPal's dispute {disputed.DisputeId} about {disputed.Amount} is won: the money stays.",
    };
}
