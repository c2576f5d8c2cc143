namespace Aerona.Reference;

/// <summary>
/// From wall clocks to moments. Asked of moments, never of what a zone says about local times: where winter is the exception (Dublin) TimeZoneInfo finds neither the hour that is
/// left out nor the one that comes twice.
/// </summary>
public static class WallClock
{
    /// <summary>The moments, UTC, at which a clock in that zone shows that time: one; none when clocks are put forward over it; two, in order, when they are put back over it.</summary>
    /// <param name="local">Wall clock; its kind is not looked at.</param>
    /// <param name="zone">IANA zone.</param>
    public static IReadOnlyList<DateTimeOffset> Moments(DateTime local, TimeZoneInfo zone)
    {
        var asUtc = new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc));
        var (before, after) = (zone.GetUtcOffset(asUtc.AddDays(-1)), zone.GetUtcOffset(asUtc.AddDays(1)));
        return before == after
            ? [asUtc - before]
            : [.. new[] { asUtc - before, asUtc - after }.Where(moment => moment + zone.GetUtcOffset(moment) == asUtc).Order()];
    }

    /// <summary>By how much clocks in that zone are put forward around that time; zero when they are not.</summary>
    public static TimeSpan PutForward(DateTime local, TimeZoneInfo zone)
    {
        var asUtc = new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc));
        var change = zone.GetUtcOffset(asUtc.AddDays(1)) - zone.GetUtcOffset(asUtc.AddDays(-1));
        return change > TimeSpan.Zero ? change : TimeSpan.Zero;
    }

    /// <summary>What a clock in that zone shows at that moment; kind unspecified.</summary>
    public static DateTime At(DateTimeOffset moment, TimeZoneInfo zone) => (moment.ToUniversalTime() + zone.GetUtcOffset(moment)).DateTime;
}
