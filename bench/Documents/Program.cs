// ./aerona bench documents: documents a second, what one costs, and whether memory stays where it is.
using Aerona.DocumentsBench;

return BenchOptions.Read(args, Console.Error) is not { } options ? 2 : new Bench(options, Console.Out).Run() ? 0 : 1;
