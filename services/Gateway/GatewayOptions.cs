using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;

namespace Aerona.Gateway;

/// <summary>How the gateway forwards; section <c>Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The longest silence of a service while it works on a request; its own limits are shorter.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a caller may take to send a body that is not streamed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")] public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait for a connection to a service.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")] public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each replica is asked whether it is ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")] public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait for that answer; a replica that was too slow twice is not ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")] public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait for a service where the gateway asks for itself: API descriptions, dead letters.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")] public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a replica that took no connection is left out.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")] public TimeSpan LeftOutFor { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Where the services answer; section <c>Services</c>. Several addresses joined by <c>;</c> are replicas.</summary>
internal sealed class ServicesOptions
{
    [Required, ServiceAddresses] public string Operations { get; init; } = "";

    [Required, ServiceAddresses] public string Airlines { get; init; } = "";

    [Required, ServiceAddresses] public string Search { get; init; } = "";

    [Required, ServiceAddresses] public string Bookings { get; init; } = "";

    [Required, ServiceAddresses] public string Payments { get; init; } = "";

    [Required, ServiceAddresses] public string Tickets { get; init; } = "";

    [Required, ServiceAddresses] public string Notifications { get; init; } = "";

    [Required, ServiceAddresses] public string Users { get; init; } = "";

    /// <summary>Null: there is none, and nothing under <c>/sandbox</c>.</summary>
    [ServiceAddresses] public string? Sandbox { get; init; }

    /// <summary>The replicas of a service; none when it is not there.</summary>
    public IReadOnlyList<Uri> Of(string service) => ServiceAddressesAttribute.Read(service switch
    {
        Routing.Services.Operations => Operations,
        Routing.Services.Airlines => Airlines,
        Routing.Services.Search => Search,
        Routing.Services.Bookings => Bookings,
        Routing.Services.Payments => Payments,
        Routing.Services.Tickets => Tickets,
        Routing.Services.Notifications => Notifications,
        Routing.Services.Users => Users,
        Routing.Services.Sandbox => Sandbox ?? "",
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "no such service"),
    });
}
