using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>Messages that are saved with the data or not at all. Synchronous <c>SaveChanges</c> throws when there are any.</summary>
public static class Outbox
{
    /// <summary>Maps the tables outbox, inbox, dead_letter and effect_intent into a service's context.</summary>
    public static void AddMessaging(this ModelBuilder model) => throw new NotImplementedException();

    /// <summary>Publishes the message once the context's changes are saved.</summary>
    /// <param name="db">The context.</param>
    /// <param name="message">A contract.</param>
    /// <param name="schedulingToken">Set only to raise a saga's timer again: the token the saga holds.</param>
    public static void Publish<T>(this DbContext db, T message, Guid? schedulingToken = null) where T : class => throw new NotImplementedException();

    /// <summary>Publishes the message at that time at the earliest; the answer cancels it.</summary>
    public static Guid Schedule<T>(this DbContext db, T message, DateTimeOffset at) where T : class => throw new NotImplementedException();

    /// <summary>Takes back what was scheduled and has not been sent yet.</summary>
    public static Task CancelAsync(this DbContext db, Guid token, CancellationToken cancellationToken) => throw new NotImplementedException();
}
