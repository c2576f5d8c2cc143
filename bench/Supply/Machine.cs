using System.Globalization;
using System.Runtime.InteropServices;
using Aerona.AllInOne.Commands;

namespace Aerona.SupplyBench;

/// <summary>What the machine is, and how busy.</summary>
internal static class Machine
{
    public static string Words()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        return $"{Environment.ProcessorCount} cores ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), {RuntimeInformation.FrameworkDescription}, load {Load()} at the start";
    }

    /// <summary>Of the last minute.</summary>
    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>CPU seconds of all processes of the machine together since it started.</summary>
    public static double Busy()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Skip(1).Take(8).Where((_, at) => at is not (3 or 4)).Sum(field => double.Parse(field, CultureInfo.InvariantCulture)) / 100;
    }

    public static int Number(this Arguments arguments, string name, int usual, int least, int most, string what) =>
        arguments[name] is not { } text ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new UsageException($"--{name} is a number from {least} to {most}: {what}");
}
