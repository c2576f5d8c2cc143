using System.Globalization;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;

namespace Aerona.Messaging.Tests;

/// <summary>What an operator got wrong is named, keeps the process from being ready, and is over once it is mended.</summary>
public sealed class TroubleTests(Servers servers) : IAsyncLifetime
{
    private Place _place = null!;

    public async ValueTask InitializeAsync() => _place = await servers.NewPlaceAsync();

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    [Fact]
    public async Task A_queue_that_stands_with_other_settings_is_named_and_served_once_it_is_gone()
    {
        const string queue = "tests-take-note-consumer";
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);   // a classic one

        await using var host = await TestHost.StartAsync(_place, waitUntilReady: false);
        await host.UntilProblemIs("bus", $"queue {queue}");
        Assert.Contains("other settings", await host.Problem("bus"), StringComparison.Ordinal);
        await channel.QueueDeleteAsync(queue);
        await host.UntilProblemIs("bus", null);

        var key = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(key, "late")));
        await host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Key == key), "it is handled");
    }

    [Fact]
    public async Task A_wrong_password_at_the_broker_is_named()
    {
        await using var host = await TestHost.StartAsync(_place.With(("RabbitMq:Password", "wrong")), waitUntilReady: false);

        await host.UntilProblemIs("bus", "refuses the user or the password");
    }

    [Fact]
    public async Task A_virtual_host_that_does_not_exist_is_named()
    {
        await using var host = await TestHost.StartAsync(_place.With(("RabbitMq:VirtualHost", "nowhere")), waitUntilReady: false);

        await host.UntilProblemIs("bus", "no such virtual host");
    }

    [Fact]
    public async Task A_right_that_is_missing_at_the_broker_is_named()
    {
        var name = _place.Settings["RabbitMq:VirtualHost"];
        await servers.RabbitMq.AddUserAsync(name, $"poor-{name}", "poor", "^tests-take-.*", ".*", ".*", CancellationToken.None);

        await using var host = await TestHost.StartAsync(
            _place.With(("RabbitMq:Username", $"poor-{name}"), ("RabbitMq:Password", "poor")), waitUntilReady: false);

        await host.UntilProblemIs("bus", "lacks a right");
    }

    [Fact]
    public async Task A_wrong_password_at_the_database_is_named_and_used_once_it_is_right()
    {
        var role = $"late_{_place.Settings["RabbitMq:VirtualHost"]}";
        await servers.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'old' IN ROLE tests");
        var right = new NpgsqlConnectionStringBuilder(_place.Settings["ConnectionStrings:trips"]) { Username = role, Password = "new" }.ConnectionString;

        await using var host = await TestHost.StartAsync(_place.With(("ConnectionStrings:trips", right)), waitUntilReady: false);
        await host.UntilProblemIs("database-trips", "refuses the user or the password");
        Assert.False(host.Services.GetRequiredService<DatabaseReadiness>().IsReady(typeof(TripsDbContext)));
        await servers.ExecuteAsync($"ALTER ROLE {role} PASSWORD 'new'");

        await host.UntilProblemIs("database-trips", null);
        await host.UntilProblemIs("bus", null);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(_place.Settings["ConnectionStrings:trips"]) { Database = "nowhere" }.ConnectionString;

        await using var host = await TestHost.StartAsync(_place.With(("ConnectionStrings:trips", nowhere)), waitUntilReady: false);

        await host.UntilProblemIs("database-trips", "no database of that name");
    }

    [Theory]
    [InlineData("Hots=somewhere;Database=trips", "hots")]
    [InlineData("Database=trips;Username=trips", "Host")]
    public async Task A_connection_string_that_is_none_stops_the_host_and_is_named(string connectionString, string named)
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => TestHost.StartAsync(_place.With(("ConnectionStrings:trips", connectionString))));

        Assert.Contains("ConnectionStrings:trips", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(named, thrown.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("RabbitMq:Username", "")]
    [InlineData("RabbitMq:Password", "")]
    [InlineData("RabbitMq:Port", "70000")]
    [InlineData("RabbitMq:Host", "amqp://broker")]
    [InlineData("Messaging:PrefetchCount", "0")]
    public async Task A_setting_of_the_bus_that_is_wrong_stops_the_host_and_is_named(string key, string value)
    {
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => TestHost.StartAsync(_place.With((key, value))));

        Assert.Contains(key.Split(':')[1], thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_was_the_death_of_too_many_processes_becomes_a_dead_letter()
    {
        var key = NewId.NextGuid();
        await using (var host = await TestHost.StartAsync(_place, settings: ("RabbitMq:DeliveryLimit", "2")))
        {
        }

        // As if a process died over it, three times: taken, and the connection lost before it is done.
        await using (var writer = await ConnectAsync())
        await using (var channel = await writer.CreateChannelAsync())
        {
            await channel.BasicPublishAsync("tests-take-note-consumer", "", true, new BasicProperties { Persistent = true, MessageId = key.ToString() }, "{}"u8.ToArray());
        }

        for (var death = 0; death < 3; death++)
        {
            await using var dying = await ConnectAsync();
            var channel = await dying.CreateChannelAsync();
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (var tries = 0; tries < 600 && await channel.BasicGetAsync("tests-take-note-consumer", autoAck: false) is null; tries++)
            {
                await look.WaitForNextTickAsync();
            }
        }

        await using var later = await TestHost.StartAsync(_place, settings: ("RabbitMq:DeliveryLimit", "2"));
        // Both contexts here belong to one service, "tests"; the first of them writes down what was laid aside.
        await later.Until<TripsDbContext>(db => db.Set<DeadLetter>().AnyAsync(), "it is written down");
        Assert.All(await later.DeadLetters<TripsDbContext>(), letter => Assert.Equal(("tests-take-note-consumer", key), (letter.Queue, letter.MessageId)));
        Assert.Empty(later.World.Seen);
    }

    private Task<IConnection> ConnectAsync() => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = int.Parse(_place.Settings["RabbitMq:Port"], CultureInfo.InvariantCulture),
        VirtualHost = _place.Settings["RabbitMq:VirtualHost"],
        UserName = _place.Settings["RabbitMq:Username"],
        Password = _place.Settings["RabbitMq:Password"],
    }.CreateConnectionAsync();
}
