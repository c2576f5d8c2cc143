// ./aerona bench search: a world of a million flights, what its searches cost, and whether they are true.
using Aerona.SearchBench;

if (SearchOptions.Read(args, Console.Error) is not { } options)
{
    return 2;
}

if (Environment.GetEnvironmentVariable("AERONA_DATA") is not { Length: > 0 } data || !File.Exists(Path.Combine(data, "openflights", "routes.dat")))
{
    await Console.Error.WriteLineAsync("aerona bench: AERONA_DATA must name the folder that has openflights/routes.dat");
    return 1;
}

return await new Bench(new World(data, options.Seed, options.Flights, options.Days), options, Console.Out).RunAsync() ? 0 : 1;
