using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Bookings;
using MassTransit;

namespace Aerona.Bookings.Timeline;

/// <summary>Keeps what other services noted about a booking, and the cases opened for it.</summary>
internal sealed class NoteOnTimelineConsumer(BookingsDbContext db) : IConsumer<BookingNoted>, IConsumer<BookingCaseOpened>
{
    public Task Consume(ConsumeContext<BookingNoted> context)
    {
        var note = context.Message;
        db.Timeline.Add(new() { BookingId = note.BookingId, At = note.At, Kind = note.Kind, Text = BookingWords.OfNote(note.Kind), Reference = note.Reference });
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<BookingCaseOpened> context)
    {
        var opened = context.Message;
        db.Timeline.Add(new() { BookingId = opened.BookingId, At = opened.OpenedAt, Kind = "case.opened", Text = opened.Detail, Reference = opened.Kind });
        return Task.CompletedTask;
    }
}
