using Aerona.Hosting;
using Aerona.Notifications.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications;

/// <summary>A mail that was due.</summary>
/// <param name="MessageId">Its Message-ID without brackets.</param>
/// <param name="Kind">Stable code.</param>
/// <param name="Recipient">The address, its local part masked.</param>
/// <param name="Subject">As sent.</param>
/// <param name="Refusal">Null when it was sent; else the stable code of why not.</param>
/// <param name="At">UTC.</param>
internal sealed record DeliveryView(string MessageId, string Kind, string Recipient, string Subject, string? Refusal, DateTimeOffset At);

/// <summary>Oldest first.</summary>
internal sealed record DeliveryList(IReadOnlyList<DeliveryView> Deliveries);

internal static class SupportDeliveries
{
    public static void MapSupportDeliveries(this RouteGroupBuilder v1) => v1.MapGet("/support/deliveries", ListDeliveries).WithName("ListSupportDeliveries")
        .WithSummary("The mails of a booking and what became of them; for support staff").RequireAuthorization(Callers.Support).ProducesProblem(400);

    private static async Task<Results<Ok<DeliveryList>, ProblemHttpResult>> ListDeliveries(Guid? bookingId, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        if (bookingId is not { } booking)
            return Problems.Invalid(new FieldProblem("query:bookingId", "booking.id_missing", "Say whose deliveries: bookingId."));

        var deliveries = await db.Deliveries.AsNoTracking().Where(delivery => delivery.BookingId == booking).ToListAsync(cancellationToken);
        return TypedResults.Ok(new DeliveryList([.. deliveries.OrderBy(delivery => delivery.At).Select(delivery => new DeliveryView(
            delivery.MessageId, delivery.Kind, Masked(delivery.Recipient), delivery.Subject, delivery.Refusal, delivery.At))]));
    }

    private static string Masked(string address) => address.IndexOf('@') is var at and > 0 ? $"{address[0]}•••{address[at..]}" : "•••";
}
