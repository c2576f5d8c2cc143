// The flow written by hand on RabbitMQ.Client and Npgsql, without a framework and with the same guarantees: one transaction a message with inbox row, change and
// outbox row in one round trip, then the confirmed publish, then the acknowledgement, then the deletion of the outbox row with many others.
// It has no recovery, no redelivery and no dead letters: a floor, not a product.
using System.Text.Json;
using System.Threading.Channels;
using Aerona.BookingsBench.Flow;
using Aerona.BookingsBench.Load;
using FloorPeer;
using Npgsql;
using RabbitMQ.Client;

const string Saga = "saga";
string[] work = ["reservation", "payment", "ticketing", "notification"];
string[] queueOfStep = [Saga, "reservation", "payment", "ticketing", "payment", "notification"];

var orchestrates = args is ["orchestrator"];
await using var database = NpgsqlDataSource.Create(Setting.Database);
var factory = new ConnectionFactory { Uri = Setting.RabbitMq };
await using var receiving = await factory.CreateConnectionAsync();
await using var sending = await factory.CreateConnectionAsync();
await using (var channel = await receiving.CreateChannelAsync())
{
    foreach (var queue in work.Append(Saga))
    {
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
    }
}

if (!orchestrates)
{
    await using var create = database.CreateCommand("""
        CREATE TABLE work (id uuid PRIMARY KEY, booking_id uuid NOT NULL, step integer NOT NULL, data text NOT NULL);
        CREATE TABLE saga (id uuid PRIMARY KEY, step integer NOT NULL, version integer NOT NULL, data text NOT NULL);
        CREATE TABLE inbox (message_id uuid NOT NULL, consumer integer NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (message_id, consumer));
        CREATE TABLE outbox (message_id uuid PRIMARY KEY, body bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
        """);
    await create.ExecuteNonQueryAsync();
}

var outbox = new Outbox(database, await Sender.OpenAsync(sending));
_ = outbox.DeleteSentAsync();
if (orchestrates)
{
    var load = new LoadGenerator();
    await Lanes.ConsumeAsync(receiving, Saga, async incoming =>
    {
        var message = JsonSerializer.Deserialize<SeatsReserved>(incoming.Body)!;   // all messages are alike
        await using var batch = database.CreateBatch();
        batch.Add("INSERT INTO inbox (message_id, consumer) VALUES ($1, 0)", incoming.Id);
        if (incoming.Step == 0)
        {
            batch.Add("INSERT INTO saga (id, step, version, data) VALUES ($1, 1, 1, $2)", message.BookingId, message.Data);
        }
        else
        {
            batch.Add("UPDATE saga SET step = $2 + 1, version = version + 1 WHERE id = $1 AND step = $2", message.BookingId, incoming.Step);
        }

        var step = incoming.Step + 1;
        if (step == queueOfStep.Length)
        {
            load.Finished(message.BookingId);
            await batch.ExecuteNonQueryAsync();
            return;
        }

        await outbox.CommitAndSendAsync(batch, new(queueOfStep[step], step, JsonSerializer.SerializeToUtf8Bytes(new ReserveSeats(message.BookingId, message.Data))));
    });
    await load.ServeAsync(async id =>
    {
        await using var batch = database.CreateBatch();
        await outbox.CommitAndSendAsync(batch, new(Saga, 0, JsonSerializer.SerializeToUtf8Bytes(new StartBooking(id, LoadGenerator.Payload))));
    });
}
else
{
    foreach (var queue in work)
    {
        await Lanes.ConsumeAsync(receiving, queue, async incoming =>
        {
            var message = JsonSerializer.Deserialize<ReserveSeats>(incoming.Body)!;
            await using var batch = database.CreateBatch();
            batch.Add("INSERT INTO inbox (message_id, consumer) VALUES ($1, $2)", incoming.Id, incoming.Step);
            batch.Add(
                "INSERT INTO work (id, booking_id, step, data) VALUES ($1, $2, $3, $4)", Guid.CreateVersion7(), message.BookingId, incoming.Step, message.Data);
            await outbox.CommitAndSendAsync(
                batch, new(Saga, incoming.Step, JsonSerializer.SerializeToUtf8Bytes(new SeatsReserved(message.BookingId, message.Data))));
        });
    }

    Answer.Write(new Answer("ready"));
    await Console.In.ReadLineAsync();   // until the driver closes it
}

namespace FloorPeer
{
    /// <summary>A message on its way out.</summary>
    internal sealed record Outgoing(string Queue, int Step, byte[] Body)
    {
        public Guid Id { get; } = Guid.CreateVersion7();
    }

    /// <summary>A message that came in; <paramref name="Step"/> says which of the flow's.</summary>
    internal sealed record Incoming(ulong DeliveryTag, Guid Id, int Step, byte[] Body);

    /// <summary>The rows of what is to be sent, and the sending.</summary>
    internal sealed class Outbox(NpgsqlDataSource database, Sender sender)
    {
        private readonly Channel<Guid> _sent = Channel.CreateUnbounded<Guid>(new() { SingleReader = true });

        /// <summary>The batch and the message's row in one transaction and one round trip; then sends it.</summary>
        public async Task CommitAndSendAsync(NpgsqlBatch batch, Outgoing message)
        {
            batch.Add("INSERT INTO outbox (message_id, body) VALUES ($1, $2)", message.Id, message.Body);
            await batch.ExecuteNonQueryAsync();
            await sender.SendAsync(message);
            _sent.Writer.TryWrite(message.Id);
        }

        /// <summary>Deletes the rows of what was sent, every 20 ms.</summary>
        public async Task DeleteSentAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await timer.WaitForNextTickAsync() && await _sent.Reader.WaitToReadAsync())
            {
                var ids = new List<Guid>();
                while (ids.Count < 2000 && _sent.Reader.TryRead(out var id))
                {
                    ids.Add(id);
                }

                await using var delete = database.CreateCommand("DELETE FROM outbox WHERE message_id = ANY($1)");
                delete.Parameters.Add(new() { Value = ids.ToArray() });
                await delete.ExecuteNonQueryAsync();
            }
        }
    }

    /// <summary>Publishes with confirms on four channels.</summary>
    internal sealed class Sender(IChannel[] channels)
    {
        public static async Task<Sender> OpenAsync(IConnection connection)
        {
            var channels = new IChannel[4];
            for (var at = 0; at < channels.Length; at++)
            {
                // The limiter sleeps when fewer than half of its permits are left, so it gets many more than there will ever be in flight.
                channels[at] = await connection.CreateChannelAsync(new(true, true, new ThrottlingRateLimiter(4096)));
            }

            return new(channels);
        }

        /// <summary>Returns when the broker has it.</summary>
        public ValueTask SendAsync(Outgoing message) => channels[(uint)message.Id.GetHashCode() % channels.Length].BasicPublishAsync(
            "",
            message.Queue,
            mandatory: true,
            new BasicProperties
            {
                Persistent = true,
                MessageId = message.Id.ToString(),
                ContentType = "application/json",
                Headers = new Dictionary<string, object?> { ["step"] = message.Step },
            },
            message.Body);
    }

    internal static class BatchExtensions
    {
        public static void Add(this NpgsqlBatch batch, string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            batch.BatchCommands.Add(command);
        }
    }
}
