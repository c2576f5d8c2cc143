using System.Globalization;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Aerona.Messaging.Tests;

/// <summary>Runs the tests; as <c>worker KEY=VALUE…</c> it is a process that a test can kill.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["worker", .. var settings])
        {
            return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
        }

        await using var place = Place.Given(settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]));
        await using var host = await TestHost.StartAsync(
            place, add: builder => builder.Logging.AddFilter("Aerona", LogLevel.Information).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } command)   // ends when the test does, however that ends
        {
            var count = int.Parse(command, CultureInfo.InvariantCulture);
            await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            {
                var trip = NewId.NextGuid();
                await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
                Console.WriteLine(trip);   // only now: the test counts on what was committed
            });
        }

        return 0;
    }
}
