using System.Net.Http.Json;
using Aerona.Persistence;
using Aerona.TestKit;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Messaging.Tests;

/// <summary>The kit the services are tested with says the truth.</summary>
public sealed class TestServiceTests
{
    private readonly World _world = new();

    [Fact]
    public async Task What_a_consumer_published_can_be_read_and_is_not_delivered()
    {
        await using var service = await StartAsync();
        var trip = NewId.NextGuid();

        await service.ConsumeAsync(new HoldSeat(trip, "ok"));

        Assert.Equal([new SeatHeld(trip)], await service.Published<SeatHeld>());
        Assert.Empty(await service.Published<TripConfirmed>());
        Assert.Equal(1, await service.Query<SeatsDbContext, int>(db => db.Seats.CountAsync()));
    }

    [Fact]
    public async Task What_a_consumer_throws_is_thrown_at_the_test_and_nothing_it_did_is_there()
    {
        await using var service = await StartAsync();
        _world.Failures["broken"] = 1;

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => service.ConsumeAsync(new NoteTaken(NewId.NextGuid(), "broken")));

        Assert.Equal("note broken fails", thrown.Message);
        Assert.Equal(0, await service.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Empty(await service.Published<TripTouched>());
    }

    [Fact]
    public async Task A_message_that_nobody_takes_is_the_tests_mistake()
    {
        await using var service = await StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => service.ConsumeAsync(new FeedCat("Tom")));
    }

    [Fact]
    public async Task Endpoints_are_reached_over_http_and_the_clock_is_the_tests()
    {
        await using var service = await StartAsync();
        service.Clock.Advance(TimeSpan.FromHours(1));

        var now = await service.Http.GetFromJsonAsync<DateTimeOffset>("/now");

        Assert.Equal(new(2026, 12, 1, 1, 0, 0, TimeSpan.Zero), now);
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton(_world);
            builder.AddDatabase<SeatsDbContext>("seats");
        },
        bus =>
        {
            bus.AddConsumer<HoldSeatConsumer, SeatsDbContext>();
            bus.AddConsumer<TakeNoteConsumer, SeatsDbContext>();
        },
        app => app.MapGet("/now", (TimeProvider time) => time.GetUtcNow()));
}
