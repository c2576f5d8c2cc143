namespace Aerona.BookingsBench.Load;

/// <summary>What the driver hands to the processes of the peers, in environment variables.</summary>
public static class Setting
{
    public static string Database => Value("BENCH_DATABASE");

    /// <summary>An AMQP address with user, password and virtual host.</summary>
    public static Uri RabbitMq => new(Value("BENCH_RABBITMQ"));

    /// <summary>Messages of one queue handled at once.</summary>
    public static int Concurrency => int.Parse(Value("BENCH_CONCURRENCY"));

    public static int Prefetch => int.Parse(Value("BENCH_PREFETCH"));

    private static string Value(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: ./aerona bench starts this");
}
