using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Aerona.Airlines.Orders;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Figures;
using Aerona.Bookings.Status;
using Aerona.Contracts.Cancellations;
using Aerona.Messaging;
using Aerona.Payments.PayPal;
using Aerona.Search.Caching;
using Aerona.Suppliers;
using Aerona.Users.Passwords;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.AllInOne.Tests;

/// <summary>docs/observability.md against the code.</summary>
public sealed partial class MetricsPage
{
    private static readonly string Root = FindRoot();

    [Fact]
    public async Task The_page_has_every_metric_with_its_unit_and_its_labels()
    {
        var found = await MeasureAsync();

        var page = Table().Matches(await File.ReadAllTextAsync(Path.Combine(Root, "docs/observability.md"), TestContext.Current.CancellationToken))
            .Select(row => (Name: row.Groups["name"].Value, Unit: row.Groups["unit"].Value, Labels: string.Join(", ", Label().Matches(row.Groups["labels"].Value).Select(label => label.Groups["name"].Value).Order(StringComparer.Ordinal))))
            .OrderBy(row => row.Name, StringComparer.Ordinal);

        Assert.Equal(found, page);
    }

    [Fact]
    public void Every_meter_of_the_product_is_measured_here()
    {
        var meters = new[] { "services", "building-blocks", "sagas" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .SelectMany(file => Meter().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value)).Order(StringComparer.Ordinal);

        Assert.Equal(["Aerona.Airlines", "Aerona.Bookings", "Aerona.Messaging", "Aerona.Payments", "Aerona.Search", "Aerona.Users"], meters);
    }

    /// <summary>Has everything that counts count once, and says what was counted.</summary>
    private static async Task<IReadOnlyList<(string Name, string Unit, string Labels)>> MeasureAsync()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        Dictionary<string, (string Unit, SortedSet<string> Labels)> found = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    found.Add(instrument.Name, (instrument.Unit ?? "", new(StringComparer.Ordinal)));
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, value) in tags)
            {
                Assert.False(Guid.TryParse(value?.ToString(), out _), $"{instrument.Name}: {key} is an id");
                found[instrument.Name].Labels.Add(key);
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();

        using var messaging = new MessagingMetrics(meters, TimeProvider.System);
        messaging.OldestDue("bookings", null);
        messaging.Relayed("bookings");
        messaging.Duplicate("bookings");
        messaging.DeadLettered("bookings");
        messaging.Redelivered("bookings");
        messaging.Retried("bookings-booking-state-machine");
        using var bookings = new BookingMetrics(meters, TimeProvider.System);
        bookings.Count(BookingStage.Confirmed, nameof(BookingStage.Documenting), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9), null);
        bookings.Count(CancellationStage.Cancelled, null, RefundRule.FareRule, TimeSpan.FromSeconds(3));
        bookings.Found(new Dictionary<string, long>());
        using var payPal = new PayPalMetrics(meters, TimeProvider.System);
        payPal.Answered(payPal.Start(), "show order", PayPalMetrics.Answer.Success);
        using var suppliers = new SupplierCalls([new SilentSupplier()], [], meters, TimeProvider.System);
        await suppliers.LookUpAsync(
            new AirlineOrder { OrderId = Guid.NewGuid(), BookingId = Guid.NewGuid(), Supplier = "silent", NotedAt = TimeProvider.System.GetUtcNow() }, CancellationToken.None);
        new SearchMetrics(meters).Asked("trips", isHit: true);
        using var hashes = new PasswordHashes(rounds: 1, parallel: 1, waiting: 1, meters);
        await hashes.HashAsync("correct horse battery staple", CancellationToken.None);
        listener.RecordObservableInstruments();

        return [.. found.Select(metric => (metric.Key, metric.Value.Unit, string.Join(", ", metric.Value.Labels))).OrderBy(metric => metric.Key, StringComparer.Ordinal)];
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aerona.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Aerona.sln is in no folder above the tests");
    }

    private sealed class SilentSupplier : ISupplier
    {
        public string Name => "silent";

        public Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) => throw new OperationCanceledException();

        public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    [GeneratedRegex(@"^\| `(?<name>aerona\.[a-z_.]+)` \| (?<unit>[^|]+) \| (?<labels>[^|]*) \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex("`(?<name>[a-z_.]+)`")]
    private static partial Regex Label();

    [GeneratedRegex("(?:\\.Create\\(|string Meter = )\"(?<name>Aerona\\.[A-Za-z]+)\"")]
    private static partial Regex Meter();
}
