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
        // The broker asks for the same three everywhere: declaring needs configure; binding needs write on what is bound and read on what it is bound to;
        // publishing needs write. Sagas are hosted by bookings; their timers are messages that nobody else knows.
        var messages = service == "bookings" ? @"Aerona\.(Contracts|Sagas)" : @"Aerona\.Contracts";
        var own = $@"^({Regex.Escape(service)}-[a-z0-9-]+|{messages}(\.[A-Za-z]+)*:[A-Za-z]+|MassTransit:(Fault|ReceiveFault)(--{messages}(\.[A-Za-z]+)*:[A-Za-z]+--)?)$";
        return new(own, own, own);
    }
}
