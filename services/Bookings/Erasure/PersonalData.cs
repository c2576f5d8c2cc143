using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.Support;
using Aerona.Contracts;
using Aerona.Contracts.Users;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Erasure;

/// <summary>
/// What Bookings holds of persons, by field. The bookings themselves stay: money, seats and tickets hang on them; they say what was flown and paid, and of whom nothing.
/// </summary>
internal static class PersonalData
{
    public const string Service = "bookings";

    /// <summary>Stands where a name stood.</summary>
    public const string Mark = "ERASED";

    private static readonly DateOnly NoDay = new(1900, 1, 1);
    private static readonly TimeSpan AfterArrival = TimeSpan.FromDays(1);

    /// <summary>States in which nothing happens any more but what staff begin.</summary>
    private static readonly string[] Over =
    [
        nameof(BookingStateMachine.Rejected), nameof(BookingStateMachine.Expired), nameof(BookingStateMachine.PaymentFailed), nameof(BookingStateMachine.CancelledBeforePurchase),
        nameof(BookingStateMachine.Cancelled), nameof(BookingStateMachine.Completed),
    ];

    /// <summary>Why it still needs a name and an address, and until when; nulls when it does not.</summary>
    public static (string? Because, DateTimeOffset? Until) OpenFor(BookingState? saga, bool hasOpenCase, bool isBeingCancelled, DateTimeOffset now)
    {
        if (hasOpenCase)
        {
            return ("case.open", null);
        }

        if (isBeingCancelled)
        {
            return ("cancellation.under_way", null);
        }

        if (saga?.CurrentState == nameof(BookingStateMachine.Confirmed))
        {
            var flown = saga.Offer!.Segments.Max(segment => segment.ArrivesAt) + AfterArrival;
            return now < flown ? ("booking.not_flown", flown) : (null, null);
        }

        return saga is not null && Over.Contains(saga.CurrentState) ? (null, null) : ("booking.under_way", null);
    }

    public static Passenger Erased(Passenger passenger) =>
        passenger with { GivenName = Mark, Surname = Mark, TicketGivenName = Mark, TicketSurname = Mark, BirthDate = NoDay, Gender = null };

    /// <summary>An address of a domain that never exists (RFC 2606), so that nothing can be sent there.</summary>
    public static Contact Erased(Contact contact) => contact with { Email = "erased@invalid.invalid", Phone = null };
}

/// <summary>Says which bookings an account has, and which of them are open.</summary>
internal sealed class FindAccountBookingsConsumer(BookingsDbContext db, TimeProvider clock) : IConsumer<FindAccountBookings>
{
    public async Task Consume(ConsumeContext<FindAccountBookings> context)
    {
        var owner = context.Message.AccountId.ToString();
        var bookings = await db.Bookings.AsNoTracking().Where(row => row.Owner == owner).OrderBy(row => row.SubmittedAt).ThenBy(row => row.Locator).ToListAsync(context.CancellationToken);
        var ids = bookings.ConvertAll(booking => booking.Id);
        var sagas = await db.Sagas.AsNoTracking().Where(row => ids.Contains(row.CorrelationId)).ToDictionaryAsync(row => row.CorrelationId, context.CancellationToken);
        var cases = await db.Cases.Where(row => ids.Contains(row.BookingId) && row.ClosedAt == null).Select(row => row.BookingId).ToListAsync(context.CancellationToken);
        var cancellations = await db.Cancellations.Where(row => ids.Contains(row.BookingId) && row.CancelledAt == null && row.EndedBecause == null).Select(row => row.BookingId).ToListAsync(context.CancellationToken);
        db.Publish(new AccountBookingsFound(context.Message.RequestId, context.Message.AccountId, [.. bookings.Select(booking =>
        {
            var (because, until) = PersonalData.OpenFor(sagas.GetValueOrDefault(booking.Id), cases.Contains(booking.Id), cancellations.Contains(booking.Id), clock.GetUtcNow());
            return new AccountBooking(booking.Id, booking.Locator, because, until);
        })]));
    }
}

/// <summary>Takes names, birth dates and addresses out of bookings, sagas and cancellations, and what people wrote about them.</summary>
internal sealed class EraseBookingsDataConsumer(BookingsDbContext db) : IConsumer<AccountErasureBegun>
{
    public async Task Consume(ConsumeContext<AccountErasureBegun> context)
    {
        var (ids, stop) = (context.Message.BookingIds, context.CancellationToken);
        foreach (var id in ids)
        {
            var booking = await db.Bookings.SingleAsync(row => row.Id == id, stop);
            var row = db.Entry(booking);
            row.Property(one => one.Passengers).CurrentValue = [.. booking.Passengers.Select(PersonalData.Erased)];
            row.Property(one => one.Contact).CurrentValue = PersonalData.Erased(booking.Contact);
            row.Property(one => one.Owner).CurrentValue = null;
            row.Property(one => one.ReturnUrl).CurrentValue = null;
            row.Property(one => one.ClientReference).CurrentValue = null;
            var saga = await db.LockAsync<BookingState>(id, stop);
            (saga.Passengers, saga.Contact, saga.Owner, saga.ReturnUrl) = ([.. saga.Passengers.Select(PersonalData.Erased)], PersonalData.Erased(saga.Contact), null, null);
        }

        var cancellations = await db.Cancellations.Where(row => ids.Contains(row.BookingId)).ToListAsync(stop);
        cancellations.ForEach(cancellation =>
        {
            var account = context.Message.AccountId.ToString();
            cancellation.Contact = PersonalData.Erased(cancellation.Contact);
            cancellation.RequestedBy = cancellation.RequestedBy == account ? null : cancellation.RequestedBy;
            cancellation.ConfirmedBy = cancellation.ConfirmedBy == account ? null : cancellation.ConfirmedBy;
        });
        var remarks = await db.Timeline.Where(row => ids.Contains(row.BookingId) && row.Remark != null).ExecuteUpdateAsync(set => set.SetProperty(row => row.Remark, PersonalData.Mark), stop);
        var accesses = await db.Accesses.Where(row => ids.Contains(row.BookingId)).ExecuteDeleteAsync(stop);
        SearchKeyKind[] personal = [SearchKeyKind.Name, SearchKeyKind.Email, SearchKeyKind.Phone];
        var keys = await db.SearchKeys.Where(row => ids.Contains(row.BookingId) && personal.Contains(row.Kind)).ExecuteDeleteAsync(stop);
        (string Name, Retention Retention, int Rows)[] fields =
        [
            ("booking.passengers", Retention.Anonymised, ids.Count), ("booking.contact", Retention.Anonymised, ids.Count), ("booking.owner", Retention.Erased, ids.Count),
            ("booking.offer", Retention.KeptByLaw, ids.Count), ("cancellation_state.contact", Retention.Anonymised, cancellations.Count),
            ("timeline.remark", Retention.Anonymised, remarks), ("booking_access", Retention.Erased, accesses), ("search_key", Retention.Erased, keys),
        ];
        db.Publish(new AccountDataErased(
            context.Message.ErasureId, PersonalData.Service, [.. fields.Where(field => field.Rows > 0).Select(field => new ErasedField(field.Name, field.Retention, field.Rows))]));
    }
}

/// <summary>Tells somebody what he booked.</summary>
internal sealed class ExportBookingsDataConsumer(BookingsDbContext db) : IConsumer<AccountExportBegun>
{
    public async Task Consume(ConsumeContext<AccountExportBegun> context)
    {
        var ids = context.Message.BookingIds;
        var bookings = await db.Bookings.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderBy(row => row.SubmittedAt).ToListAsync(context.CancellationToken);
        var timeline = await db.Timeline.AsNoTracking().Where(row => ids.Contains(row.BookingId)).OrderBy(row => row.Id).ToListAsync(context.CancellationToken);
        var told = timeline.ToLookup(entry => entry.BookingId, entry => new { entry.At, entry.Kind, entry.Text });
        db.Publish(new AccountDataExported(context.Message.ExportId, PersonalData.Service, bookings.Count == 0 ? null : JsonSerializer.Serialize(
            bookings.Select(booking => new { booking.Id, booking.Locator, booking.SubmittedAt, booking.Passengers, booking.Contact, booking.Offer.Segments, booking.Offer.Lines, booking.Offer.Total, Timeline = told[booking.Id] }),
            JsonSerializerOptions.Web)));
    }
}
