using System.Security.Claims;
using Aerona.Contracts.Notifications;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Support;

/// <summary>A notice that was due.</summary>
/// <param name="MessageId">Its Message-ID without brackets.</param>
/// <param name="Kind">Stable code.</param>
/// <param name="Recipient">The address, its local part masked.</param>
/// <param name="Subject">As sent; empty before it was written.</param>
/// <param name="Refusal">Null when it was sent or is about to be; else the stable code of why not, or not yet.</param>
/// <param name="At">UTC; when it became what it is.</param>
/// <param name="Channel">How.</param>
/// <param name="State">What became of it.</param>
/// <param name="Tries">That a server did not take.</param>
/// <param name="DueAt">UTC; when it is tried again. Null: it is not.</param>
/// <param name="ResendOf">The first one's Message-ID, where staff had it sent again.</param>
/// <param name="Resendable">Whether staff may have it sent again.</param>
internal sealed record DeliveryView(
    string MessageId, string Kind, string Recipient, string Subject, string? Refusal, DateTimeOffset At, Channel Channel, DeliveryState State, int Tries, DateTimeOffset? DueAt,
    string? ResendOf, bool Resendable);

/// <summary>Oldest first.</summary>
internal sealed record DeliveryList(IReadOnlyList<DeliveryView> Deliveries);

/// <summary>The delivery log, and sending a mail again, for support staff.</summary>
internal static class SupportDeliveries
{
    public static void MapSupportDeliveries(this RouteGroupBuilder v1)
    {
        var deliveries = v1.MapGroup("/support/deliveries").Requires(Permission.SeeAnyBooking);
        deliveries.MapGet("", ListDeliveries).WithName("ListSupportDeliveries")
            .WithSummary("The notices of a booking and what became of them; for support staff").ProducesProblem(400);
        deliveries.MapPost("/{messageId}/resends", ResendDelivery).WithName("ResendDelivery")
            .WithSummary("Sends a mail again, as another mail, to the address on file and no other; for support staff")
            .ProducesProblem(404).ProducesProblem(409).Requires(Permission.HandleCases).Idempotent<NotificationsDbContext>();
    }

    private static async Task<Results<Ok<DeliveryList>, ProblemHttpResult>> ListDeliveries(Guid? bookingId, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        if (bookingId is not { } booking)
            return Problems.Invalid(new FieldProblem("query:bookingId", "booking.id_missing", "Say whose deliveries: bookingId."));

        var deliveries = await db.Deliveries.AsNoTracking().Where(delivery => delivery.BookingId == booking).ToListAsync(cancellationToken);
        return TypedResults.Ok(new DeliveryList([.. deliveries.OrderBy(delivery => delivery.NotedAt).ThenBy(delivery => delivery.At).Select(View)]));
    }

    private static async Task<Results<Accepted<DeliveryView>, ProblemHttpResult>> ResendDelivery(
        string messageId, ClaimsPrincipal user, NotificationsDbContext db, Letters letters, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(row => row.MessageId == messageId, cancellationToken) is not { } sent)
            return Problems.NotFound("delivery.unknown", $"There is no delivery {messageId}.");

        if (sent.State is DeliveryState.Due or DeliveryState.Deferred)
            return Problems.Refused(409, "delivery.still_due", "It has not been sent yet, and will be by itself.");

        if (!IsResendable(sent) || letters.Of(sent.Letter!).Due(sent.Content!) is not { IsSecret: false } due)
            return Problems.Refused(409, "delivery.not_resendable", "This cannot be sent again: it was about a sign-in, or is too old.");

        var now = clock.GetUtcNow();
        if (now >= due.UselessAfter)
            return Problems.Refused(409, "delivery.too_late", "What it asks for cannot be done any more.");

        // To the address on file, whoever asks: a booking's contact, else whom it went to.
        var address = await db.Recipients.Where(row => row.BookingId == sent.BookingId).Select(row => row.Email).SingleOrDefaultAsync(cancellationToken) ?? sent.Recipient;
        var again = new Delivery
        {
            MessageId = MailComposer.Again(sent.ResendOf ?? sent.MessageId, Guid.CreateVersion7(now)),
            BookingId = sent.BookingId,
            Kind = sent.Kind,
            Channel = sent.Channel,
            Recipient = address,
            Subject = sent.Subject,
            Refusal = null,
            At = now,
            NotedAt = now,
            Date = now,
            Letter = sent.Letter,
            Content = sent.Content,
            ResendOf = sent.ResendOf ?? sent.MessageId,
            ResentBy = user.Owner(),
        };
        db.Deliveries.Add(again);
        db.Publish(new SendDueMail(again.MessageId, 1));
        return TypedResults.Accepted((string?)null, View(again));
    }

    private static DeliveryView View(Delivery delivery) => new(
        delivery.MessageId, delivery.Kind, Masked(delivery.Recipient), delivery.Subject, delivery.Refusal, delivery.At, delivery.Channel, delivery.State, delivery.Failures,
        delivery.DueAt, delivery.ResendOf, delivery.State is not (DeliveryState.Due or DeliveryState.Deferred) && IsResendable(delivery));

    private static bool IsResendable(Delivery delivery) => delivery is { Channel: Channel.Email, Letter: not null, Content: not null };

    private static string Masked(string address) => address.IndexOf('@') is var at and > 0 ? $"{address[0]}•••{address[at..]}" : "•••";
}
