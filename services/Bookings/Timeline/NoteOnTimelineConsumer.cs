using System.Text.Json;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Timeline;

/// <summary>Keeps what other services noted about a booking, the cases opened for it, and what its traveller was told.</summary>
internal sealed class NoteOnTimelineConsumer(BookingsDbContext db) : IConsumer<BookingNoted>, IConsumer<BookingCaseOpened>, IConsumer<BookingNews>, IConsumer<CancellationNews>
{
    public Task Consume(ConsumeContext<BookingNoted> context)
    {
        var note = context.Message;
        db.Timeline.Add(new() { BookingId = note.BookingId, At = note.At, Kind = note.Kind, Text = BookingWords.OfNote(note.Kind), Reference = note.Reference });
        return Task.CompletedTask;
    }

    public async Task Consume(ConsumeContext<BookingCaseOpened> context)
    {
        var (opened, stop) = (context.Message, context.CancellationToken);
        db.Timeline.Add(new() { BookingId = opened.BookingId, At = opened.OpenedAt, Kind = "case.opened", Text = opened.Detail, Reference = opened.Kind });
        // The saga's own cases stand there since it opened them; another service's begins here.
        var id = SupportCase.IdOf(opened);
        if (!await db.Cases.AnyAsync(known => known.Id == id, stop))
        {
            db.Cases.Add(SupportCase.Of(opened, await db.Bookings.Where(booking => booking.Id == opened.BookingId).Select(booking => booking.Locator).SingleAsync(stop)));
        }
    }

    public Task Consume(ConsumeContext<CancellationNews> context)
    {
        var news = context.Message;
        db.Timeline.Add(new()
        {
            BookingId = news.BookingId,
            At = news.At,
            Kind = $"news.cancellation_{JsonNamingPolicy.SnakeCaseLower.ConvertName(news.Kind.ToString())}",
            Text = CancellationWords.Of(news),
            Reference = news.CancellationId.ToString(),
        });
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<BookingNews> context)
    {
        var news = context.Message;
        db.Timeline.Add(new()
        {
            BookingId = news.BookingId,
            At = news.At,
            Kind = $"news.{JsonNamingPolicy.SnakeCaseLower.ConvertName(news.Kind.ToString())}",
            Text = BookingWords.Of(news),
        });
        return Task.CompletedTask;
    }
}
