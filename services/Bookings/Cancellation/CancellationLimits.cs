using Aerona.Reference;
using Aerona.Sagas.Cancellation;

namespace Aerona.Bookings.Cancellation;

/// <summary>What <c>Cancellation:ApprovalAbove</c> may say.</summary>
internal static class CancellationLimits
{
    public const string Rule = "Cancellation:ApprovalAbove: each key must be a currency's ISO 4217 code such as EUR, and its limit nought or more";

    public static bool AreKnown(CancellationTimes times) => times.ApprovalAbove.All(limit => Currencies.Find(limit.Key) is not null && limit.Value >= 0);
}
