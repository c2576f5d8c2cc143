using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Aerona.Pricing;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace Aerona.Search.Caching;

/// <summary>An answer as it is sent, never changed.</summary>
/// <param name="IsSure">False: flights changed while it was worked out, so it is of no known state of them and is not to be shown to anybody else.</param>
/// <param name="Json">The body.</param>
[ImmutableObject(true)]
internal sealed record KeptAnswer(bool IsSure, byte[] Json)
{
    /// <summary>For Redis: a byte, and the body.</summary>
    public sealed class Serializer : IHybridCacheSerializer<KeptAnswer>
    {
        public KeptAnswer Deserialize(ReadOnlySequence<byte> source) => new(source.FirstSpan[0] == 1, source.Slice(1).ToArray());

        public void Serialize(KeptAnswer value, IBufferWriter<byte> target)
        {
            target.Write([value.IsSure ? (byte)1 : (byte)0]);
            target.Write(value.Json);
        }
    }
}

/// <summary>Figures of searches.</summary>
internal sealed class SearchMetrics(IMeterFactory meters)
{
    private readonly Counter<long> requests = meters.Create("Aerona.Search")
        .CreateCounter<long>("aerona.search.cache.requests", "{request}", "Answers found in the cache or worked out, by what is cached");

    /// <param name="kind">What is cached.</param>
    /// <param name="isHit">It was found.</param>
    public void Asked(string kind, bool isHit) => requests.Add(1, new("aerona.cache", kind), new KeyValuePair<string, object?>("aerona.outcome", isHit ? "hit" : "miss"));
}

/// <summary>
/// Remembers answers of searches, and what a day costs at least. The key holds the <see cref="FlightStamp"/>: a change of a flight is another key for every search
/// that it matters to and for no other, here and in every other process. Entries that nobody can ask for again end with their lifetime.
/// Many who ask the same at once have it worked out once. Without Redis, or when it is gone, this process remembers alone.
/// </summary>
internal sealed class SearchCache
{
    /// <summary>Another build may find or write something else; it does not read what this one has kept.</summary>
    private static readonly string Build = $"{typeof(SearchCache).Module.ModuleVersionId:N}{typeof(HouseTariff).Module.ModuleVersionId:N}";

    /// <summary>Longest in this process's memory; longer in Redis only.</summary>
    private static readonly TimeSpan LongestHere = TimeSpan.FromMinutes(1);

    /// <summary>While flights change faster than an answer is worked out, it is tried so often.</summary>
    private const int Tries = 3;

    private readonly HybridCache cache;

    private readonly Timetable timetable;

    private readonly JsonSerializerOptions json;

    private readonly SearchMetrics metrics;

    public SearchCache(HybridCache cache, Timetable timetable, IOptions<SearchCacheOptions> options, IOptions<JsonOptions> json, SearchMetrics metrics) =>
        (this.cache, this.timetable, this.json, this.metrics, IsEnabled) = (cache, timetable, json.Value.SerializerOptions, metrics, options.Value.Enabled);

    public bool IsEnabled { get; }

    /// <summary>The answer in the bytes that are sent.</summary>
    /// <param name="kind">What it is, for keys and figures.</param>
    /// <param name="question">All that it depends on besides flights and time.</param>
    /// <param name="legs">What flights it depends on.</param>
    /// <param name="now">UTC.</param>
    /// <param name="find">Works it out from the timetable.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public async ValueTask<byte[]> AnswerAsync<T>(
        string kind, string question, IReadOnlyList<Leg> legs, DateTimeOffset now, Func<T> find, CancellationToken cancellationToken)
    {
        var stamp = FlightStamp.Of(timetable, legs);
        var text = string.Create(CultureInfo.InvariantCulture, $"search:{Build}:{kind}:{question}:{stamp:x16}");
        var departsOn = legs.Min(leg => leg.Day);
        var lifetime = Lifetimes.Of(departsOn, now);
        // Soon a flight may have left: then the minute itself is part of the question.
        var isNear = departsOn.DayNumber - DateOnly.FromDateTime(now.UtcDateTime).DayNumber <= Lifetimes.Near;
        var (period, ends) = Lifetimes.Period(isNear ? 0 : Hash(text), lifetime, now);
        var key = string.Create(CultureInfo.InvariantCulture, $"{text}:{period}");
        var options = new HybridCacheEntryOptions { Expiration = ends - now, LocalCacheExpiration = ends - now < LongestHere ? ends - now : LongestHere };

        var isMade = false;
        var kept = await cache.GetOrCreateAsync(
            key, _ =>
            {
                isMade = true;
                return ValueTask.FromResult(Make(find, legs, stamp));
            }, options, cancellationToken: cancellationToken);
        if (!kept.IsSure && !isMade)
        {
            isMade = true;
            kept = Make(find, legs, stamp);
            if (kept.IsSure)
            {
                await cache.SetAsync(key, kept, options, cancellationToken: cancellationToken);
            }
        }

        metrics.Asked(kind, isHit: !isMade);
        return kept.Json;
    }

    /// <summary>Sure when the flights are those of the stamp from beginning to end.</summary>
    private KeptAnswer Make<T>(Func<T> find, IReadOnlyList<Leg> legs, ulong stamp)
    {
        for (var tries = 1; ; tries++)
        {
            var changes = timetable.Changes;
            var isStill = !Timetable.IsChanging(changes) && FlightStamp.Of(timetable, legs) == stamp;
            var answer = JsonSerializer.SerializeToUtf8Bytes(find(), json);
            var isSure = isStill && timetable.Changes == changes;
            if (isSure || tries == Tries)
            {
                return new(isSure, answer);
            }
        }
    }

    private static ulong Hash(string text) => text.Aggregate(0UL, (hash, letter) => FlightDigest.Mix(hash, letter));
}

internal static class CacheRegistration
{
    public static void AddSearchCache(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SearchCacheOptions>().BindConfiguration(SearchCacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        Hosting.Cache.AddCache(builder);
        builder.Services.AddHybridCache().AddSerializer<KeptAnswer, KeptAnswer.Serializer>();
        builder.Services.AddSingleton<SearchMetrics>();
        builder.Services.AddSingleton<SearchCache>();
    }
}
