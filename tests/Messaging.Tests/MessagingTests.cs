using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging.Tests;

public sealed class MessagingTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_saved_with_data_goes_through_saga_and_consumer_and_leaves_the_outboxes_empty()
    {
        await using var host = await TestHost.StartAsync(_folder.Path);
        var trip = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));

        await host.UntilTripIs(trip, "Confirmed");
        await host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Key == trip && note.Text == "confirmed"), "the confirmation is consumed");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.UntilOutboxIsEmpty<TripsDbContext>();
        Assert.Equal(1, await host.Query<SeatsDbContext, int>(db => db.Seats.CountAsync(seat => seat.TripId == trip)));
    }
}
