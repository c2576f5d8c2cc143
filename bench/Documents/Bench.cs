using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Aerona.Files;
using Aerona.TestKit;
using Aerona.Tickets;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Invoicing;
using Aerona.Tickets.VerifyTicket;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Aerona.DocumentsBench;

internal sealed class Bench(BenchOptions options, TextWriter output)
{
    private const double MostGrowth = 1.15;   // of the live heap, from a tenth of the way to the end

    private readonly DocumentMaker make = Maker(options.Fonts);

    /// <summary>Whether it was fast enough and memory stayed where it was.</summary>
    public bool Run()
    {
        if (options.Samples is { } folder)
        {
            Write(folder);
            return true;
        }

        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
        Say($"{Environment.ProcessorCount} cores ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), {RuntimeInformation.FrameworkDescription}, load {Load()} at the start, {options.Threads} threads");
        _ = World.Bookings(200).Sum(one => make.Receipt(one.Order, one.Invoice).Content.Length);   // compiled, fonts read
        Costs();
        return Rate();
    }

    /// <summary>What one document costs alone: median and 95th percentile.</summary>
    private void Costs()
    {
        var (one, nine) = (World.Make(1, "JFK", "LAX"), World.Nine());
        Say($"one document, one thread        median     p95     size");
        Cost("receipt, 1 passenger, 1 flight", () => make.Receipt(one.Order, one.Invoice));
        Cost("receipt, 9 passengers, 8 flights", () => make.Receipt(nine.Order, nine.Invoice));
        Cost("invoice, 1 passenger", () => make.Invoice(one.Order, one.Invoice));
        Cost("calendar, 8 flights", () => make.Calendar(nine.Order, "en"));
    }

    private void Cost(string what, Func<MadeDocument> one)
    {
        var size = one().Content.Length;
        var times = new double[60];
        for (var at = 0; at < times.Length; at++)
        {
            var started = Stopwatch.GetTimestamp();
            one();
            times[at] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        Say($"{what,-32} {times[times.Length / 2],6:0.0} ms {times[times.Length * 95 / 100],5:0.0} ms {size / 1024.0,5:0.0} KB");
    }

    private bool Rate()
    {
        var windows = 10;
        var each = options.Documents / windows;
        List<(double Rate, double Heap, double Resident)> seen = [];
        Say($"receipts as they come, {windows} windows of {each}    a second   live heap   resident");
        for (var window = 0; window < windows; window++)
        {
            var bookings = World.Bookings(each).ToList();
            var (started, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            Parallel.ForEach(bookings, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, one => make.Receipt(one.Order, one.Invoice));
            var took = Stopwatch.GetElapsedTime(started);
            var cpu = (Environment.CpuUsage.TotalTime - busy).TotalMilliseconds / each;
            bookings.Clear();
            GC.Collect();
            seen.Add((each / took.TotalSeconds, GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, Environment.WorkingSet / 1048576.0));
            Say($"{(window + 1) * each,8}: {seen[^1].Rate,20:0} {seen[^1].Heap,8:0.0} MB {seen[^1].Resident,8:0} MB   {cpu:0.0} ms of CPU each, load {Load()}");
        }

        var median = seen.Select(window => window.Rate).Order().ElementAt(windows / 2);
        var growth = seen[^1].Heap / seen[0].Heap;
        var (fast, flat) = (median >= options.Least, growth <= MostGrowth);
        Say($"median {median:0} receipts a second (at least {options.Least}: {(fast ? "yes" : "NO")}); live heap grew to {growth:0.00} of what it was after {each} (at most {MostGrowth:0.00}: {(flat ? "yes" : "NO")})");
        return fast && flat;
    }

    private void Write(string folder)
    {
        foreach (var locale in new[] { "en", "vi" })
        {
            var (one, nine) = (World.Make(1, "SGN", "NRT", "LAX"), World.Nine());
            var family = Orders.Family().WithSeats(("p1", 1, "15A", 45m, [Contracts.SeatCharacteristic.Window, Contracts.SeatCharacteristic.ExitRow]), ("p2", 1, "20C", 0m, [Contracts.SeatCharacteristic.Aisle]));
            var home = TicketedOrder.Of(family, one.Order.IssuedAt)!;
            var invoice = World.Invoice(one.Order, locale, one.Order.Offer.Total);
            var domestic = World.Invoice(home, locale, home.Offer.Total, SellerRole.Principal);
            Save("receipt-one", make.Receipt(one.Order, invoice));
            Save("receipt-family", make.Receipt(home, domestic));
            Save("receipt-nine", make.Receipt(nine.Order, World.Invoice(nine.Order, locale, nine.Order.Offer.Total)));
            Save("receipt-passenger", make.PassengerReceipt(home, domestic, home.Passengers[1]));
            Save("invoice-one", make.Invoice(one.Order, invoice));
            Save("invoice-principal", make.Invoice(home, domestic));
            Save("invoice-nine", make.Invoice(nine.Order, World.Invoice(nine.Order, locale, Contracts.Money.Zero("USD"))));
            Save("credit-note", make.Invoice(home, World.CreditNote(home, domestic)));
            Save("calendar-nine", make.Calendar(nine.Order, locale));
            Save("calendar-cancelled", make.CancelledFlights(nine.Order, [3, 4], Guid.Empty, nine.Order.IssuedAt.AddDays(1), locale));

            void Save(string name, MadeDocument made) => File.WriteAllBytes(Path.Combine(folder, $"{name}-{locale}{Path.GetExtension(made.FileName)}"), made.Content);
        }

        Say($"one of each is in {folder}");
    }

    private static DocumentMaker Maker(string? fonts)
    {
        var keys = Path.Combine(Directory.CreateTempSubdirectory("aerona-bench-").FullName);
        File.WriteAllBytes(Path.Combine(keys, "links.key"), new byte[32]);   // documents of a bench are the same on every machine
        var address = Options.Create(new PublicAddressOptions());
        return new(
            new(Options.Create(new DocumentOptions { Fonts = fonts }), NullLogger<DocumentFonts>.Instance),
            new(LinkSigner.Of(new FilesOptions { LinkKeyFile = Path.Combine(keys, "links.key") }), address), address);
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
