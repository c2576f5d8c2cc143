using System.Text.RegularExpressions;

namespace Aerona.Messaging;

/// <summary>What a service's broker user may do in its virtual host: regular expressions over the names of queues and exchanges.</summary>
/// <param name="Configure">May declare: its own queues, and the exchanges of messages, which whoever starts first declares.</param>
/// <param name="Write">May publish to those, and bind its own queues.</param>
/// <param name="Read">May consume its own queues only, and bind to exchanges of messages.</param>
public sealed record RabbitMqRights(string Configure, string Write, string Read)
{
    /// <summary>The rights of a service.</summary>
    /// <param name="service">The module's name in lower case, such as <c>bookings</c>; its queues start with it.</param>
    public static RabbitMqRights Of(string service)
    {
        var own = $"^({Regex.Escape(service)}-.+|Aerona\\.Contracts:.+|MassTransit:Fault.*)$";
        return new(own, own, own);
    }
}
