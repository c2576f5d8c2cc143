using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>Messages that are saved with the data or not at all. Synchronous <c>SaveChanges</c> throws when there are any.</summary>
public static class Outbox
{
    /// <summary>Maps the tables outbox, inbox, dead_letter and effect_intent into a service's context.</summary>
    public static void AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxRow>(row =>
        {
            row.ToTable("outbox");
            row.Ignore(outbox => outbox.Message);
            row.Ignore(outbox => outbox.DueAt);
            row.Ignore(outbox => outbox.RaisedToken);
            row.Ignore(outbox => outbox.Trace);
            row.HasIndex(outbox => outbox.AvailableAt).HasFilter("sent_at IS NULL");
            row.HasIndex(outbox => outbox.TokenId).IsUnique().HasFilter("token_id IS NOT NULL");
        });
        model.Entity<InboxRow>(row =>
        {
            row.ToTable("inbox");
            row.HasKey(inbox => new { inbox.ConsumerId, inbox.MessageId });
            row.HasIndex(inbox => inbox.At);
        });
        model.Entity<DeadLetter>(row =>
        {
            row.ToTable("dead_letter");
            row.HasIndex(letter => letter.At);
        });
        model.Entity<EffectIntent>(row =>
        {
            row.ToTable("effect_intent");
            row.HasKey(intent => intent.Key);
        });
    }

    /// <summary>Publishes the message once the context's changes are saved.</summary>
    /// <param name="db">The context.</param>
    /// <param name="message">A contract.</param>
    /// <param name="schedulingToken">Set only to raise a saga's timer again: the token the saga holds.</param>
    public static void Publish<T>(this DbContext db, T message, Guid? schedulingToken = null) where T : class =>
        db.Add(new OutboxRow { MessageId = NewId.NextGuid(), Message = message, RaisedToken = schedulingToken, Trace = Activity.Current?.Id });

    /// <summary>Publishes the message at that time at the earliest; the answer cancels it.</summary>
    public static Guid Schedule<T>(this DbContext db, T message, DateTimeOffset at) where T : class
    {
        var token = NewId.NextGuid();
        db.Add(new OutboxRow { MessageId = NewId.NextGuid(), Message = message, TokenId = token, DueAt = at.ToUniversalTime(), Trace = Activity.Current?.Id });
        return token;
    }

    /// <summary>Takes back what was scheduled and has not been sent yet.</summary>
    /// <remarks>In a transaction it counts from the commit; what was only added to this context is forgotten at once.</remarks>
    public static Task CancelAsync(this DbContext db, Guid token, CancellationToken cancellationToken)
    {
        db.ForgetUnsaved(token);
        return db.DeleteScheduledAsync([token], cancellationToken);
    }

    /// <summary>Drops what was scheduled in this context and not saved yet; true when there was any.</summary>
    internal static bool ForgetUnsaved(this DbContext db, Guid token)
    {
        var unsaved = db.ChangeTracker.Entries<OutboxRow>().Where(entry => entry.Entity.TokenId == token).ToList();
        unsaved.ForEach(entry => entry.State = EntityState.Detached);
        return unsaved.Count > 0;
    }

    /// <summary>Deletes rows of those tokens, in one command however many they are.</summary>
    internal static Task DeleteScheduledAsync(this DbContext db, IReadOnlyCollection<Guid> tokens, CancellationToken cancellationToken) =>
        db.Set<OutboxRow>().Where(row => tokens.Contains(row.TokenId!.Value)).ExecuteDeleteAsync(cancellationToken);
}
