using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.AllInOne.Tests.Commands;

public sealed class MergedLogsTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-logs-");
    private readonly StringWriter to = new() { NewLine = "\n" };

    [Fact]
    public void Lines_of_several_services_come_in_the_order_of_their_times_with_their_trace_at_the_end()
    {
        var (bookings, payments) = (Log("bookings"), Log("payments"));
        File.AppendAllText(bookings, "2026-12-01T08:00:00.000Z info  Aerona.Bookings from an earlier start\n");
        var logs = Merged(coloured: false);
        File.AppendAllText(bookings, $"2026-12-01T09:00:00.100Z info  Aerona.Bookings trace={Trace} request=abc Booking submitted\n2026-12-01T09:00:00.300Z warn  Aerona.Bookings later\n");
        File.AppendAllText(payments, "2026-12-01T09:00:00.200Z ERROR Aerona.Payments no trace=here\n");

        logs.PrintNew();
        logs.PrintNew();

        Assert.Equal(
            $"""
            09:00:00.100 bookings info  Booking submitted {Trace}
            09:00:00.200 payments ERROR no trace=here
            09:00:00.300 bookings warn  later

            """.ReplaceLineEndings("\n"),
            to.ToString());
    }

    [Fact]
    public void A_line_is_printed_once_it_is_whole_letters_of_several_bytes_included()
    {
        var bookings = Log("bookings");
        Log("payments");
        var logs = Merged(coloured: false);
        var bytes = "2026-12-01T09:00:00.100Z info  A Nguyễn\nNext"u8.ToArray();
        using var file = new FileStream(bookings, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var half = Array.IndexOf(bytes, (byte)0xBB);   // within ễ
        file.Write(bytes, 0, half);
        file.Flush();
        logs.PrintNew();
        Assert.Empty(to.ToString());

        file.Write(bytes, half, bytes.Length - half);
        file.Flush();
        logs.PrintNew();

        Assert.Equal("09:00:00.100 bookings info  Nguyễn\n", to.ToString());
    }

    [Fact]
    public void A_runtimes_last_words_keep_their_place_and_cannot_steer_the_terminal()
    {
        var bookings = Log("bookings");
        Log("payments");
        var logs = Merged(coloured: true);
        File.AppendAllText(bookings, "2026-12-01T09:00:00.100Z info  A before\nUnhandled exception.\e[2J   at Main\n");

        logs.PrintNew();

        var lines = to.ToString().Split('\n');
        Assert.Contains("09:00:00.100", lines[1], StringComparison.Ordinal);
        Assert.Contains("Unhandled exception. [2J   at Main", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", lines[1], StringComparison.Ordinal);
    }

    public void Dispose()
    {
        to.Dispose();
        folder.Delete(recursive: true);
    }

    private MergedLogs Merged(bool coloured) => new([("bookings", Log("bookings")), ("payments", Log("payments"))], to, coloured);

    private string Log(string name)
    {
        var file = Path.Combine(folder.FullName, name);
        File.AppendAllText(file, "");
        return file;
    }
}
