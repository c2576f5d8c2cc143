using Aerona.Messaging;
using Aerona.Payments.Data;

namespace Aerona.Payments;

/// <summary>Names of the effects on PayPal: one each for a payment, whatever message asks for it.</summary>
internal static class Effects
{
    public static string Open(Guid paymentId) => $"open/{paymentId}";

    public static string Authorize(Guid paymentId) => $"authorize/{paymentId}";

    public static string Reauthorize(Guid paymentId) => $"reauthorize/{paymentId}";

    public static string LookUp(Guid paymentId) => $"look-up/{paymentId}";

    /// <summary>A renewed reservation is another thing to take from: another call, with another id.</summary>
    public static string Capture(Guid paymentId, bool renewed) => renewed ? $"capture-renewed/{paymentId}" : $"capture/{paymentId}";

    public static string Void(Guid paymentId) => $"void/{paymentId}";

    public static string Refund(Guid refundId) => $"refund/{refundId}";

    public static string Webhook(string eventId) => $"webhook/{eventId}";

    /// <summary>PayPal's refusal is known and what it was for may change: asked again it is another call, with another id. An id asked twice is answered as the first time.</summary>
    public static async Task ForgetIntentAsync(this PaymentsDbContext db, string key, CancellationToken cancellationToken)
    {
        if (await db.FindAsync<EffectIntent>([key], cancellationToken) is { } intent)
        {
            db.Remove(intent);
        }
    }
}
