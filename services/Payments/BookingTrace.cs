using System.Diagnostics;

namespace Aerona.Payments;

/// <summary>
/// The payer's browser and PayPal's webhooks come in traces of their own, while the booking's has been waiting. What they bring goes on in the booking's; the
/// two are linked, so that either leads to the other.
/// </summary>
internal static class BookingTrace
{
    private static readonly ActivitySource Source = new("Aerona.Payments");

    /// <summary>The current trace is the booking's until this is disposed. Null, and nothing changed: there is none, or it is the current one anyway.</summary>
    public static Activity? Continue(string? traceParent)
    {
        var news = Activity.Current;
        if (!ActivityContext.TryParse(traceParent, null, isRemote: true, out var booking) || news?.TraceId == booking.TraceId)
        {
            return null;
        }

        IEnumerable<ActivityLink> links = news is null ? [] : [new(news.Context)];
        // Followed by nobody it is still a trace that goes on: without a listener the source makes none.
        var continued = Source.StartActivity("payment news", ActivityKind.Internal, booking, links: links) ?? new Activity("payment news").SetParentId(traceParent!).Start();
        news?.AddLink(new(continued.Context));
        return continued;
    }
}
