namespace Aerona.Payments;

/// <summary>Names of the effects on PayPal: one each for a payment, whatever message asks for it.</summary>
internal static class Effects
{
    public static string Open(Guid paymentId) => $"open/{paymentId}";

    public static string Authorize(Guid paymentId) => $"authorize/{paymentId}";

    public static string LookUp(Guid paymentId) => $"look-up/{paymentId}";

    public static string Capture(Guid paymentId) => $"capture/{paymentId}";

    public static string Void(Guid paymentId) => $"void/{paymentId}";

    public static string Refund(Guid refundId) => $"refund/{refundId}";

    public static string Webhook(string eventId) => $"webhook/{eventId}";
}
