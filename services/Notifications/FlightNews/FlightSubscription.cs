using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Notifications.FlightNews;

[JsonConverter(typeof(CamelCaseEnumConverter<SubscriptionState>))]
internal enum SubscriptionState
{
    /// <summary>Operations is being asked how the flight stands.</summary>
    Asked,

    /// <summary>Mails come with news.</summary>
    Following,

    /// <summary>There is no such flight, or it is over: nothing is mailed.</summary>
    FlightUnknown,

    /// <summary>Ended by whoever got the mails.</summary>
    Ended,
}

/// <summary>Somebody who wants to hear of a flight.</summary>
internal sealed class FlightSubscription
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary><see cref="FlightDesignator.OnDate"/>.</summary>
    public required string FlightId { get; init; }

    /// <summary>Letters in lower case.</summary>
    public required string Email { get; init; }

    /// <summary><c>en</c> or <c>vi</c>.</summary>
    public required string Language { get; set; }

    /// <summary>In the link that ends it; 144 bits by chance, and good for that alone.</summary>
    public string Code { get; init; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));

    public SubscriptionState State { get; set; }

    /// <summary>What the last mail said; null before the first was sent.</summary>
    public FlightStatus? Told { get; set; }

    /// <summary>The newest that was heard of; null before anything was.</summary>
    public FlightStatus? Latest { get; set; }

    /// <summary>Subject of who follows; null for somebody not signed in.</summary>
    public string? Owner { get; set; }

    /// <summary>Of the newest status heard of.</summary>
    public long Version { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
