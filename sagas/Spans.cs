using System.Globalization;

namespace Aerona.Sagas;

/// <summary>Lengths of time in words; English.</summary>
internal static class Spans
{
    internal static string Say(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "no time",
        _ when time.TotalHours >= 1 && time.Minutes == 0 && time.Seconds == 0 => Text(time.TotalHours, "h"),
        _ when time.TotalMinutes >= 2 && time.Seconds == 0 => Text(time.TotalMinutes, "min"),
        _ => Text(time.TotalSeconds, "s"),
    };

    private static string Text(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count:0.###} {unit}");
}
