using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aerona.Hosting;

/// <summary>Settings that everywhere else have an embedded default, which in production would lose or mix up what it keeps.</summary>
public static class ProductionSettings
{
    /// <summary>A process run by <see cref="AeronaHost"/> in environment Production does not start without it.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="key">Such as <c>S3:Bucket</c>.</param>
    /// <param name="because">What its absence would mean; the end of a sentence.</param>
    public static void RequireInProduction(this IHostApplicationBuilder builder, string key, string because) =>
        builder.Services.AddSingleton(new ProductionSetting(key, because));

    /// <summary>The client's name at the played PayPal, and what its secrets are told by.</summary>
    private const string PlayedName = "aerona-sandbox";

    /// <summary>The keys whose values are secrets that stand in our own sources.</summary>
    internal static IEnumerable<string> KnownToEverybody(IConfiguration configuration) => configuration.AsEnumerable()
        .Where(setting => setting.Value is { } value && value != PlayedName && value.Contains(PlayedName, StringComparison.OrdinalIgnoreCase))
        .Select(setting => setting.Key).Order(StringComparer.Ordinal);

    /// <summary>What was required, and what its databases and its bus require.</summary>
    internal static IEnumerable<ProductionSetting> All(IServiceProvider services) =>
    [
        .. services.GetServices<RegisteredDatabase>().Select(database =>
            new ProductionSetting($"ConnectionStrings:{database.Name}", "its data would stand in a file of this machine")),
        .. services.GetService<DeadLetters>() is null ? [] : (IEnumerable<ProductionSetting>)[new("RabbitMq:Host", "its messages would reach nobody but itself")],
        .. services.GetServices<ProductionSetting>(),
    ];
}

internal sealed record ProductionSetting(string Key, string Because);
