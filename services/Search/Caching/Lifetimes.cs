namespace Aerona.Search.Caching;

/// <summary>How long prices may be shown as they were found, by how soon one leaves: what leaves soon changes often, and leaves.</summary>
internal static class Lifetimes
{
    /// <summary>Days to the departure within which the clock itself changes an answer: a flight may leave.</summary>
    public const int Near = 2;

    /// <param name="departsOn">Local day of the first departure.</param>
    /// <param name="now">UTC.</param>
    public static TimeSpan Of(DateOnly departsOn, DateTimeOffset now) => TimeSpan.FromMinutes((departsOn.DayNumber - DateOnly.FromDateTime(now.UtcDateTime).DayNumber) switch
    {
        <= Near => 1,
        <= 7 => 5,
        <= 30 => 15,
        _ => 30,
    });

    /// <summary>
    /// In which period of that length a moment lies, and when it ends. The periods of different keys begin at different moments, always the same ones for a key:
    /// entries do not all end at once, and every process agrees.
    /// </summary>
    /// <param name="hash">Of the key; 0: periods begin with the hour.</param>
    /// <param name="lifetime">More than nothing.</param>
    /// <param name="now">UTC.</param>
    public static (long Number, DateTimeOffset Ends) Period(ulong hash, TimeSpan lifetime, DateTimeOffset now)
    {
        var shift = (long)(hash % (ulong)lifetime.Ticks);
        var number = (now.UtcTicks + shift) / lifetime.Ticks;
        return (number, new DateTimeOffset(((number + 1) * lifetime.Ticks) - shift, TimeSpan.Zero));
    }
}
