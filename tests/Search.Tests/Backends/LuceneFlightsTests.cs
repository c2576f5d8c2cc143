using Aerona.Persistence;
using Aerona.Search.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Aerona.Search.Tests.Backends;

public sealed class LuceneFlightsTests : FlightBackEndContract, IDisposable
{
    private static readonly Guid Table = Guid.Parse("0193a000-0000-7000-8000-00000000000c");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-lucene-");

    private string Index => Path.Combine(folder.FullName, "search-index");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("deleted")]
    [InlineData("emptied")]
    [InlineData("cut")]
    [InlineData("changed")]
    public async Task An_index_with_a_damaged_file_is_made_anew_whichever_file_it_is(string how)
    {
        using (var whole = Make())
        {
            await whole.OpenAsync(Table, Stop);
            await whole.WriteAsync(World(new(1), 50), Stop);
            await whole.CommitAsync(50, Stop);
        }

        var kept = Directory.GetFiles(Index).Where(file => Path.GetFileName(file) is not "write.lock").ToDictionary(file => file, File.ReadAllBytes);
        Assert.True(kept.Count > 3);
        foreach (var file in kept.Keys.Where(file => Path.GetFileName(file) is not "segments.gen"))   // which Lucene reads for a hint alone
        {
            Directory.Delete(Index, recursive: true);
            Directory.CreateDirectory(Index);
            foreach (var (name, bytes) in kept.Where(one => one.Key != file || how != "deleted"))
            {
                var content = name != file ? bytes
                    : how == "emptied" ? []
                    : how == "cut" ? bytes[..(bytes.Length / 2)]
                    : [.. bytes[..(bytes.Length / 2)], (byte)(bytes[bytes.Length / 2] ^ 0x55), .. bytes[((bytes.Length / 2) + 1)..]];
                await File.WriteAllBytesAsync(name, content, Stop);
            }

            using var index = Make();
            Assert.True(await index.OpenAsync(Table, Stop) == 0, $"{Path.GetFileName(file)} {how}: opened as it is");
            await index.WriteAsync(World(new(1), 50), Stop);
            await index.SwitchAsync(Stop);
            Assert.Equal(50, (await index.SumAsync(Stop)).Flights);
        }
    }

    [Fact]
    public async Task What_was_not_committed_is_not_there_after_a_restart()
    {
        using (var before = Make())
        {
            await before.OpenAsync(Table, Stop);
            await before.WriteAsync(World(new(1), 20), Stop);
            await before.CommitAsync(20, Stop);
            await before.WriteAsync([.. World(new(2), 30).Skip(20)], Stop);
            await before.ShowAsync(Stop);
        }

        using var after = Make();
        Assert.Equal((20, 20), (await after.OpenAsync(Table, Stop), (await after.SumAsync(Stop)).Flights));
    }

    [Fact]
    public async Task An_index_in_use_by_another_process_is_not_taken_away_from_it()
    {
        using var one = Make();
        await one.OpenAsync(Table, Stop);
        using var other = Make();

        var refused = await Assert.ThrowsAsync<BackEndException>(() => other.OpenAsync(Table, Stop));

        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        await one.WriteAsync(World(new(1), 3), Stop);
    }

    private protected override Task<IFlightBackEnd> MakeAsync(Guid table) => Task.FromResult<IFlightBackEnd>(Make());

    private protected override ValueTask EndAsync(IFlightBackEnd backEnd)
    {
        ((LuceneFlights)backEnd).Dispose();
        return ValueTask.CompletedTask;
    }

    private LuceneFlights Make() => new(Options.Create(new DataOptions { Folder = folder.FullName }), NullLogger<LuceneFlights>.Instance);
}
