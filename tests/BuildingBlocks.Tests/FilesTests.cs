using System.Net;
using System.Text;
using Aerona.Files;
using Aerona.Hosting;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Aerona.BuildingBlocks.Tests;

public sealed class FilesTests
{
    private static readonly string[] Odd = ["..", ".", "", "a", "b.txt", "~", "con", "\\", "a b"];
    private static readonly byte[] Content = [.. "%PDF-1.7"u8, 0, 1, 255];

    [Fact]
    public async Task What_was_stored_is_read_back_and_the_same_key_again_replaces_it()
    {
        await using var host = await Host.StartAsync();

        await host.Store.PutAsync("receipts/a.pdf", "old"u8.ToArray(), "application/pdf", default);
        await host.Store.PutAsync("receipts/a.pdf", Content, "application/pdf", default);

        Assert.Equal(Content, await host.Store.GetAsync("receipts/a.pdf", default));
        Assert.Null(await host.Store.GetAsync("receipts/b.pdf", default));
        Assert.Equal([Path.Combine(host.Folder, "documents", "receipts", "a.pdf")], Directory.EnumerateFiles(Path.Combine(host.Folder, "documents"), "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("../secret.pdf")]
    [InlineData("receipts/../../secret.pdf")]
    [InlineData("receipts/..")]
    [InlineData("/etc/passwd")]
    [InlineData("receipts//a.pdf")]
    [InlineData("receipts/.hidden")]
    [InlineData("receipts\\..\\a.pdf")]
    [InlineData("receipts/a.pdf\n")]
    [InlineData("receipts/a\0.pdf")]
    [InlineData("receipts/%2e%2e/a.pdf")]
    [InlineData("C:/a.pdf")]
    [InlineData("")]
    [InlineData("Receipts/a.pdf")]
    [InlineData("receipts/ａ.pdf")]
    public async Task A_key_that_could_lead_elsewhere_is_refused_for_storing_reading_and_linking(string key)
    {
        await using var host = await Host.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => host.Store.PutAsync(key, Content, "application/pdf", default));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Store.GetAsync(key, default));
        Assert.Throws<ArgumentException>(() => host.Store.Link(key, "a.pdf", TimeSpan.FromMinutes(1)));
        Assert.False(Directory.Exists(Path.Combine(host.Folder, "documents")));
    }

    [Fact]
    public async Task Whatever_the_key_nothing_is_ever_written_outside_the_folder()
    {
        await using var host = await Host.StartAsync();
        var documents = Path.Combine(host.Folder, "documents") + Path.DirectorySeparatorChar;
        var part = Gen.OneOf(Gen.Int[0, Odd.Length - 1].Select(index => Odd[index]), Gen.String[Gen.Char['!', '~'], 0, 6]);

        await part.Array[1, 5].SampleAsync(
            async parts =>
            {
                var key = string.Join('/', parts) + ".pdf";
                await Record.ExceptionAsync(() => host.Store.PutAsync(key, Content, "application/pdf", default));
                Assert.All(Directory.EnumerateFiles(host.Folder, "*.pdf", SearchOption.AllDirectories), file => Assert.StartsWith(documents, Path.GetFullPath(file), StringComparison.Ordinal));
            },
            iter: 300, threads: 1);
    }

    [Fact]
    public async Task A_type_that_is_not_the_endings_is_refused()
    {
        await using var host = await Host.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => host.Store.PutAsync("receipts/a.pdf", Content, "text/html", default));
    }

    [Fact]
    public async Task A_write_that_is_stopped_leaves_what_was_there()
    {
        await using var host = await Host.StartAsync();
        await host.Store.PutAsync("a.pdf", Content, "application/pdf", default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Store.PutAsync("a.pdf", new byte[1_000_000], "application/pdf", new CancellationToken(canceled: true)));

        Assert.Equal(Content, await host.Store.GetAsync("a.pdf", default));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(host.Folder, "documents")));
    }

    [Fact]
    public async Task A_link_downloads_as_an_attachment_that_nobody_keeps_or_runs()
    {
        await using var host = await Host.StartAsync();
        await host.Store.PutAsync("receipts/a.pdf", Content, "application/pdf", default);

        using var answer = await host.GetAsync(host.Store.Link("receipts/a.pdf", "Reçu \"1\".pdf\r\nX-Injected: yes", TimeSpan.FromMinutes(5)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Content, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.StartsWith("Reçu", answer.Content.Headers.ContentDisposition.FileNameStar, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.False(answer.Headers.Contains("X-Injected"));
    }

    [Fact]
    public async Task A_link_opens_until_the_second_it_expires_and_no_longer()
    {
        await using var host = await Host.StartAsync();
        await host.Store.PutAsync("a.pdf", Content, "application/pdf", default);
        var link = host.Store.Link("a.pdf", "a.pdf", TimeSpan.FromMinutes(5));

        host.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        using var inTime = await host.GetAsync(link);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        using var late = await host.GetAsync(link);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Gone), (inTime.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task A_link_changed_in_any_place_opens_nothing()
    {
        await using var host = await Host.StartAsync();
        await host.Store.PutAsync("a.pdf", Content, "application/pdf", default);
        var token = host.Store.Link("a.pdf", "a.pdf", TimeSpan.FromMinutes(5)).Segments[^1];

        foreach (var place in Enumerable.Range(0, token.Length))
        {
            var changed = new StringBuilder(token) { [place] = token[place] == 'A' ? 'B' : 'A' }.ToString();
            using var answer = await host.GetAsync(new Uri($"/files/{changed}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_link_of_another_installation_a_forged_one_and_one_to_a_lost_file_open_nothing()
    {
        await using var host = await Host.StartAsync();
        await using var other = await Host.StartAsync();
        await host.Store.PutAsync("a.pdf", Content, "application/pdf", default);
        var own = new Uri("/files/AAAA.AAAA", UriKind.Relative);

        foreach (var link in new[] { other.Store.Link("a.pdf", "a.pdf", TimeSpan.FromMinutes(5)), own, host.Store.Link("lost.pdf", "a.pdf", TimeSpan.FromMinutes(5)) })
        {
            using var answer = await host.GetAsync(link);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("file.not_found", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_survives_a_restart_and_only_its_owner_may_read_it()
    {
        await using var host = await Host.StartAsync();
        var signature = host.Signer.Sign("file", "text");

        var again = new LinkSigner(host.Folder);

        Assert.True(again.IsGenuine("file", "text", signature));
        Assert.False(again.IsGenuine("other", "text", signature));
        Assert.False(again.IsGenuine("file", "text2", signature));
        var file = Path.Combine(host.Folder, "keys", "links.key");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Links_are_for_at_most_a_day_and_never_for_no_time()
    {
        await using var host = await Host.StartAsync();

        Assert.Throws<ArgumentOutOfRangeException>(() => host.Store.Link("a.pdf", "a.pdf", TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => host.Store.Link("a.pdf", "a.pdf", TimeSpan.FromDays(2)));
    }

    /// <summary>A host with files alone, in a folder of its own.</summary>
    private sealed class Host : IAsyncDisposable
    {
        private readonly WebApplication app;
        private readonly HttpClient http;

        private Host(WebApplication app, string folder, FakeTimeProvider clock) => (this.app, http, Folder, Clock) = (app, app.GetTestClient(), folder, clock);

        public string Folder { get; }

        public FakeTimeProvider Clock { get; }

        public IFileStore Store => app.Services.GetRequiredService<IFileStore>();

        public LinkSigner Signer => app.Services.GetRequiredService<LinkSigner>();

        public static async Task<Host> StartAsync()
        {
            var folder = Directory.CreateTempSubdirectory("aerona-files-").FullName;
            var clock = new FakeTimeProvider(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
            var builder = WebApplication.CreateBuilder();
            builder.WebHost.UseTestServer();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Folder"] = folder });
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.AddAeronaDefaults();
            builder.AddFiles();
            builder.AddFiles();   // two modules of a process do
            var app = builder.Build();
            app.MapAeronaDefaults();
            app.MapFiles();
            app.MapFiles();   // and may map it again
            await app.StartAsync();
            return new(app, folder, clock);
        }

        public Task<HttpResponseMessage> GetAsync(Uri link) => http.GetAsync(link.IsAbsoluteUri ? link.AbsolutePath : link.OriginalString);

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
