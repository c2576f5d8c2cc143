namespace Aerona.Gateway.Routing;

/// <summary>Names of the services behind the gateway; those of their settings (<c>Services:Bookings</c>) and, in lower case, of their databases.</summary>
internal static class Services
{
    public const string Operations = nameof(Operations);
    public const string Airlines = nameof(Airlines);
    public const string Search = nameof(Search);
    public const string Bookings = nameof(Bookings);
    public const string Payments = nameof(Payments);
    public const string Tickets = nameof(Tickets);
    public const string Notifications = nameof(Notifications);

    public const string Users = nameof(Users);

    /// <summary>The only one that need not be there.</summary>
    public const string Sandbox = nameof(Sandbox);

    /// <summary>Those that have an API of Aerona's own, in the order of the merged description.</summary>
    public static readonly IReadOnlyList<string> WithApi = [Operations, Airlines, Search, Bookings, Payments, Tickets, Notifications, Users];
}

/// <summary>What is forwarded to whom.</summary>
/// <param name="Path">A route template; it and everything below it goes there, unless a longer one matches.</param>
/// <param name="Service">One of <see cref="Services"/>.</param>
internal sealed record Route(string Path, string Service)
{
    /// <summary>A POST changes nothing or names itself in its body, so that it may be sent again to another replica without an Idempotency-Key.</summary>
    public bool Repeatable { get; init; }

    /// <summary>The body is a stream that is passed on as it comes, up to so many bytes; null: it is small and read first.</summary>
    public long? Stream { get; init; }
}

/// <summary>The table of all paths. What stands in no line is not to be reached from outside.</summary>
internal static class Routes
{
    private const long LargestImport = 1L << 30;

    public static readonly IReadOnlyList<Route> All =
    [
        new("/v1/operations", Services.Operations),
        new("/v1/operations/imports", Services.Operations) { Stream = LargestImport },

        new("/v1/flight-status", Services.Operations),
        new("/departures", Services.Operations),

        new("/v1/offers", Services.Airlines),
        new("/v1/offers/live", Services.Airlines) { Repeatable = true },
        new("/v1/webhooks/airlines", Services.Airlines) { Repeatable = true },
        new("/v1/support/suppliers", Services.Airlines),
        new("/v1/support/supplier-calls", Services.Airlines),
        new("/v1/support/airline-orders", Services.Airlines),

        new("/v1/flight-searches", Services.Search) { Repeatable = true },
        new("/v1/flights", Services.Search),
        new("/v1/places", Services.Search),
        new("/v1/search-keys", Services.Search),
        new("/v1/search-history", Services.Search),
        new("/v1/saved-searches", Services.Search),
        new("/v1/price-alerts", Services.Search),
        new("/price-alerts", Services.Search),

        new("/v1/bookings", Services.Bookings),
        new("/v1/me/bookings", Services.Bookings),
        new("/v1/booking-lookups", Services.Bookings) { Repeatable = true },
        new("/v1/booking-access", Services.Bookings),
        new("/v1/support/bookings", Services.Bookings),
        new("/v1/support/booking-search", Services.Bookings),
        new("/v1/support/work", Services.Bookings),
        new("/v1/support/cases", Services.Bookings),
        new("/v1/support/cancellations", Services.Bookings),
        new("/manage", Services.Bookings),

        new("/v1/payments", Services.Payments),
        new("/v1/webhooks/paypal", Services.Payments) { Repeatable = true },
        new("/v1/support/payments", Services.Payments),
        new("/v1/support/reconciliation", Services.Payments) { Repeatable = true },

        new("/v1/tickets", Services.Tickets),
        new("/v1/bookings/{bookingId}/documents", Services.Tickets),
        new("/v1/support/tickets", Services.Tickets),
        new("/files", Services.Tickets),
        new("/verify", Services.Tickets),

        new("/v1/support/deliveries", Services.Notifications),
        new("/v1/flight-subscriptions", Services.Notifications),
        new("/flight-news", Services.Notifications),
        new("/v1/webhook-endpoints", Services.Notifications),
        new("/v1/events", Services.Notifications),
        new("/v1/push-subscriptions", Services.Notifications),
        new("/v1/push-notices", Services.Notifications),
        new("/push", Services.Notifications),
        new("/v1/me/notification-preferences", Services.Notifications),
        new("/mail-preferences", Services.Notifications),

        new("/account", Services.Users),
        new("/connect", Services.Users),
        new("/.well-known", Services.Users),
        new("/v1/me", Services.Users),
        new("/v1/users", Services.Users),
        new("/v1/roles", Services.Users),
        new("/v1/api-clients", Services.Users),
        new("/v1/signing-keys", Services.Users),

        new("/sandbox", Services.Sandbox),

        // Every service has dead letters of its own, named after it: bookings-12. The list of all is the gateway's (DeadLetters.cs).
        .. Services.WithApi.Select(service => new Route($"/v1/support/dead-letters/{{id:regex(^{service.ToLowerInvariant()}-)}}", service) { Repeatable = true }),
    ];
}
