using MassTransit;

namespace Aerona.Messaging;

/// <summary>What the bus is made of.</summary>
/// <param name="KeepsMessages">Whether a message that it has taken survives the process: RabbitMQ's does, the one in memory does not.</param>
internal sealed record Transport(bool KeepsMessages);

/// <summary>How queues and connections look on RabbitMQ. Every name begins with the service's, so that <see cref="RabbitMqRights"/> can tell whose it is.</summary>
internal static class RabbitMqTopology
{
    // A message that is laid aside has been the death of many processes: it must not be dropped as well.
    private const int Always = 1_000_000;

    public static void Connect(this IRabbitMqBusFactoryConfigurator bus, RabbitMqOptions options, MessagingOptions messaging, string service)
    {
        bus.Host(options.Host!, (ushort)options.Port, options.VirtualHost, $"aerona {service}", host =>
        {
            host.Username(options.Username);
            host.Password(options.Password);
            host.PublisherConfirmation = true;
            host.RequestedConnectionTimeout(TimeSpan.FromSeconds(10));
            host.Heartbeat(TimeSpan.FromSeconds(15));
            if (options.UseTls)
            {
                host.UseSsl(tls => tls.ServerName = options.Host);
            }
        });
        bus.PrefetchCount = messaging.PrefetchCount;

        // The process's own queue, for answers; nobody asks for any, but its name must fit the service's rights.
        bus.OverrideDefaultBusEndpointQueueName($"{service}-bus-{NewId.NextGuid():N}");
    }

    /// <summary>Replicated, and with an end to deliveries that kill their process: what reaches it goes to the service's queue for those.</summary>
    public static void KeepSafe(this IRabbitMqReceiveEndpointConfigurator endpoint, string service, RabbitMqOptions options)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", options.DeliveryLimit);
        endpoint.SetQueueArgument("x-dead-letter-exchange", Undelivered(service));
    }

    /// <summary>That queue: what comes there is written down as a dead letter.</summary>
    public static void KeepUndelivered(this IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", Always);
    }

    public static string Undelivered(string service) => $"{service}-undelivered";
}
