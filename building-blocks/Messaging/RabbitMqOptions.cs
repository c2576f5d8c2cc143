using System.ComponentModel.DataAnnotations;

namespace Aerona.Messaging;

/// <summary>The broker; section <c>RabbitMq</c>. Without <see cref="Host"/> the bus is in memory.</summary>
public sealed class RabbitMqOptions : IValidatableObject
{
    /// <summary>Name or address of the broker or of what balances its nodes; null: the bus is in memory.</summary>
    public string? Host { get; init; }

    /// <summary>TCP port.</summary>
    [Range(1, 65535)] public int Port { get; init; } = 5672;

    /// <summary>The virtual host that all services of one Aerona share.</summary>
    [Required] public string VirtualHost { get; init; } = "/";

    /// <summary>The service's own user: <see cref="RabbitMqRights"/> says what it must be allowed.</summary>
    public string Username { get; init; } = "";

    /// <summary>From the environment or a secret store; without a default on purpose.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether the connection is encrypted; the broker's certificate must be valid for <see cref="Host"/>.</summary>
    public bool UseTls { get; init; }

    /// <summary>How often a message may be delivered to processes that die over it before it is laid aside as a dead letter.</summary>
    [Range(1, 1000)] public int DeliveryLimit { get; init; } = 20;

    /// <summary>With a host, a user and a password are needed.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Host is null)
        {
            yield break;
        }

        if (string.IsNullOrWhiteSpace(Host) || Host.Contains('/', StringComparison.Ordinal) || Host.Contains(':', StringComparison.Ordinal))
        {
            yield return new("RabbitMq:Host must be a name or an address alone; the port is RabbitMq:Port", [nameof(Host)]);
        }

        if (Username.Length == 0)
        {
            yield return new("RabbitMq:Username must be set when RabbitMq:Host is", [nameof(Username)]);
        }

        if (Password.Length == 0)
        {
            yield return new("RabbitMq:Password must be set when RabbitMq:Host is", [nameof(Password)]);
        }
    }
}
