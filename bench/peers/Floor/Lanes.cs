using System.Threading.Channels;
using Aerona.BookingsBench.Load;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace FloorPeer;

/// <summary>So many messages of a queue are handled at once, each acknowledged when that is done.</summary>
internal static class Lanes
{
    public static async Task ConsumeAsync(IConnection connection, string queue, Func<Incoming, Task> handle)
    {
        var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, (ushort)Setting.Prefetch, global: false);
        var received = Channel.CreateUnbounded<Incoming>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var properties = delivery.BasicProperties;
            return received.Writer.WriteAsync(
                new(delivery.DeliveryTag, Guid.Parse(properties.MessageId!), Convert.ToInt32(properties.Headers!["step"]), delivery.Body.ToArray())).AsTask();
        };
        for (var lane = 0; lane < Setting.Concurrency; lane++)
        {
            _ = Task.Run(async () =>
            {
                await foreach (var message in received.Reader.ReadAllAsync())
                {
                    try
                    {
                        await handle(message);
                        await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
                    }
                    catch (Exception problem)
                    {
                        await Console.Error.WriteLineAsync(problem.ToString());   // not acknowledged: the driver sees that a booking is missing
                    }
                }
            });
        }

        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
    }
}
