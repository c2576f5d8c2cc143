using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aerona.Hosting;

/// <summary>A cache for what can always be had anew: in process, and shared through Redis when <c>ConnectionStrings:redis</c> is set.</summary>
public static class Cache
{
    private const string Name = "redis";

    /// <summary>
    /// Adds <see cref="Microsoft.Extensions.Caching.Hybrid.HybridCache"/>. Without Redis (not set, not there yet, gone) it works in process: slower, never
    /// wrong, and no error for whoever reads or sets; health says <c>degraded</c>. What is kept must stay right until it expires: removing needs Redis.
    /// Several modules of one process may call it.
    /// </summary>
    /// <exception cref="SettingException">The connection string is none.</exception>
    public static void AddCache(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(Microsoft.Extensions.Caching.Hybrid.HybridCache)))
        {
            return;
        }

        // Its own line for every miss while Redis is gone; RedisConnection says once that it is, and health says it all the time.
        builder.Services.Configure<LoggerFilterOptions>(filter =>
            filter.Rules.Add(new LoggerFilterRule(null, "Microsoft.Extensions.Caching.Hybrid", LogLevel.None, null)));
        builder.Services.AddHybridCache();
        if (!builder.AddRedis())
        {
            return;
        }

        builder.Services.AddStackExchangeRedisCache(_ => { });
        builder.Services.AddOptions<RedisCacheOptions>().Configure<RedisConnection>((redis, connection) =>
        {
            redis.InstanceName = "aerona:";
            redis.ConnectionMultiplexerFactory = connection.GetAsync;
        });
    }

    /// <summary>
    /// Adds <see cref="IRateCounters"/>: shared through Redis, in process without it. Several modules of one process may call it.
    /// </summary>
    /// <exception cref="SettingException">The connection string is none.</exception>
    public static void AddRateCounters(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(provider => new RateCounters(provider.GetRequiredService<TimeProvider>()));
        if (builder.AddRedis())
        {
            builder.Services.TryAddSingleton<IRateCounters, RedisRateCounters>();
        }
        else
        {
            builder.Services.TryAddSingleton<IRateCounters>(provider => provider.GetRequiredService<RateCounters>());
        }
    }

    /// <summary>The one connection of this process; false when there is no Redis for it.</summary>
    private static bool AddRedis(this IHostApplicationBuilder builder)
    {
        if (OptionsOf(builder) is not { } options)
        {
            return false;
        }

        if (builder.Services.All(service => service.ServiceType != typeof(RedisConnection)))
        {
            builder.Services.AddSingleton(new RedisConnection(options));
            builder.Services.AddHostedService<ConnectToRedis>();
            builder.Services.AddHealthChecks().AddCheck<RedisHealth>(Name, HealthStatus.Degraded, ["ready"]);
        }

        return true;
    }

    private static ConfigurationOptions? OptionsOf(IHostApplicationBuilder builder)
    {
        if (builder.Configuration.GetConnectionString(Name) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            var options = ConfigurationOptions.Parse(text);
            if (options.EndPoints.Count == 0)
            {
                throw new ArgumentException("no address");
            }

            options.AbortOnConnectFail = false;   // it goes on trying by itself
            options.BacklogPolicy = BacklogPolicy.FailFast;   // nobody waits for a cache that is not there
            // A cache that takes long is as good as none, unless the connection string says how long is long.
            options.ConnectTimeout = Says(text, "connectTimeout") ? options.ConnectTimeout : 2000;
            options.SyncTimeout = Says(text, "syncTimeout") ? options.SyncTimeout : 500;
            options.AsyncTimeout = Says(text, "asyncTimeout") ? options.AsyncTimeout : options.SyncTimeout;
            options.ClientName ??= builder.Environment.ApplicationName;
            return options;
        }
        catch (ArgumentException problem)
        {
            throw new SettingException("ConnectionStrings:redis", $"must be host:port[,option=value…] as StackExchange.Redis takes it: {problem.Message}", problem);
        }
    }

    private static bool Says(string connectionString, string option) =>
        connectionString.Split(',').Any(part => part.Trim().StartsWith($"{option}=", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The one connection to Redis; it heals itself.</summary>
internal sealed class RedisConnection(ConfigurationOptions options) : IAsyncDisposable
{
    private readonly Lazy<Task<IConnectionMultiplexer>> connection = new(async () =>
        await ConnectionMultiplexer.ConnectAsync(options));

    public Task<IConnectionMultiplexer> GetAsync() => connection.Value;

    /// <summary>False while it is being looked for.</summary>
    public bool IsConnected => connection is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result.IsConnected: true } };

    public async ValueTask DisposeAsync()
    {
        if (connection.IsValueCreated)
        {
            await (await connection.Value).DisposeAsync();
        }
    }
}

/// <summary>Connects before anybody asks, and says when Redis goes and comes.</summary>
internal sealed partial class ConnectToRedis(RedisConnection redis, ILogger<ConnectToRedis> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connection = await redis.GetAsync().WaitAsync(stoppingToken);
        connection.ConnectionFailed += (_, lost) =>
        {
            if (lost.ConnectionType == ConnectionType.Interactive)
            {
                LogGone(lost.EndPoint?.ToString(), lost.FailureType);
            }
        };
        connection.ConnectionRestored += (_, back) =>
        {
            if (back.ConnectionType == ConnectionType.Interactive)
            {
                LogBack(back.EndPoint?.ToString());
            }
        };
        if (!connection.IsConnected)
        {
            LogGone(string.Join(", ", connection.GetEndPoints().Select(endpoint => endpoint.ToString())), ConnectionFailureType.UnableToConnect);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} is gone ({Failure}): caching and counting in this process alone until it is back")]
    private partial void LogGone(string? address, ConnectionFailureType failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Address} is back")]
    private partial void LogBack(string? address);
}

internal sealed class RedisHealth(RedisConnection redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(redis.IsConnected
        ? HealthCheckResult.Healthy()
        : new HealthCheckResult(context.Registration.FailureStatus, "not connected: caching and counting in this process alone"));
}
