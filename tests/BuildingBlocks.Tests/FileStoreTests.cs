using System.Net;
using Aerona.Files;
using Aerona.Hosting;
using Aerona.LocalServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aerona.BuildingBlocks.Tests;

/// <summary>What a file store promises, held by the folder and by a bucket of a real S3-compatible server.</summary>
public sealed class FileStoreTests(FileStoreTests.Server server) : IClassFixture<FileStoreTests.Server>
{
    private const string Bucket = "aerona-documents";
    private static readonly byte[] Content = [.. "%PDF-1.7"u8, 0, 1, 255, 13, 10];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task What_was_stored_is_read_back_byte_for_byte_and_the_same_key_again_replaces_it(Kind kind)
    {
        await using var host = await StartAsync(kind);
        var key = Key();

        await host.Store.PutAsync(key, "old"u8.ToArray(), "application/pdf", Stop);
        await host.Store.PutAsync(key, Content, "application/pdf", Stop);
        await host.Store.PutAsync(key, Content, "application/pdf", Stop);

        Assert.Equal(Content, await host.Store.GetAsync(key, Stop));
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task What_lies_under_a_prefix_is_listed_in_order_with_when_it_was_written_and_what_is_deleted_is_gone(Kind kind)
    {
        await using var host = await StartAsync(kind);
        var prefix = $"listed-{Guid.NewGuid():n}/";
        foreach (var name in (string[])["b.pdf", "10.pdf", "a/z.pdf", "9.pdf"])
        {
            await host.Store.PutAsync(prefix + name, Content, "application/pdf", Stop);
        }

        var listed = await host.Store.ListAsync(prefix, Stop).ToListAsync(Stop);

        Assert.Equal(["10.pdf", "9.pdf", "a/z.pdf", "b.pdf"], listed.Select(file => file.Key[prefix.Length..]));
        Assert.All(listed, file => Assert.InRange(file.WrittenAt, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.MaxValue));
        await host.Store.DeleteAsync(prefix + "10.pdf", Stop);
        await host.Store.DeleteAsync(prefix + "10.pdf", Stop);
        await host.Store.DeleteAsync($"{prefix}nowhere/a.pdf", Stop);
        Assert.Null(await host.Store.GetAsync(prefix + "10.pdf", Stop));
        Assert.Equal(3, await host.Store.ListAsync(prefix, Stop).CountAsync(Stop));
        Assert.Empty(await host.Store.ListAsync("empty/", Stop).ToListAsync(Stop));
        foreach (var wrong in (string[])["", "../", "a", "/", "A/"])
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await host.Store.ListAsync(wrong, Stop).ToListAsync(Stop));
        }
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task What_was_never_stored_is_null(Kind kind)
    {
        await using var host = await StartAsync(kind);

        Assert.Null(await host.Store.GetAsync(Key(), Stop));
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task Two_megabytes_and_nothing_at_all_are_stored_whole(Kind kind)
    {
        await using var host = await StartAsync(kind);
        var (large, empty) = (Key(), Key());
        var bytes = new byte[2 * 1024 * 1024];
        new Random(7).NextBytes(bytes);

        await host.Store.PutAsync(large, bytes, "application/pdf", Stop);
        await host.Store.PutAsync(empty, Array.Empty<byte>(), "application/pdf", Stop);

        Assert.Equal(bytes, await host.Store.GetAsync(large, Stop));
        Assert.Empty((await host.Store.GetAsync(empty, Stop))!);
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task A_key_or_type_that_must_not_be_is_refused_for_storing_reading_and_linking(Kind kind)
    {
        await using var host = await StartAsync(kind);

        foreach (var key in (string[])["../a.pdf", "receipts/..", "/a.pdf", "A.pdf", "", "a//b.pdf", "a b.pdf"])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => host.Store.PutAsync(key, Content, "application/pdf", Stop));
            await Assert.ThrowsAsync<ArgumentException>(() => host.Store.GetAsync(key, Stop));
            Assert.Throws<ArgumentException>(() => host.Store.Link(key, "a.pdf", TimeSpan.FromMinutes(1)));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => host.Store.PutAsync("a.pdf", Content, "text/html", Stop));
        Assert.Throws<ArgumentOutOfRangeException>(() => host.Store.Link("a.pdf", "a.pdf", TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => host.Store.Link("a.pdf", "a.pdf", TimeSpan.FromDays(2)));
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task A_link_downloads_as_that_file_name_and_nobody_keeps_it(Kind kind)
    {
        await using var host = await StartAsync(kind);
        var key = Key();
        await host.Store.PutAsync(key, Content, "application/pdf", Stop);

        using var answer = await host.GetAsync(host.Store.Link(key, "Reçu \"1\".pdf\r\nX-Injected: yes", TimeSpan.FromMinutes(5)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Content, await answer.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.StartsWith("Reçu", answer.Content.Headers.ContentDisposition.FileNameStar, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.False(answer.Headers.Contains("X-Injected"));
    }

    [Theory]
    [InlineData(Kind.Disk)]
    [InlineData(Kind.S3)]
    public async Task A_link_that_was_changed_opens_nothing(Kind kind)
    {
        await using var host = await StartAsync(kind);
        var (key, other) = (Key(), Key());
        await host.Store.PutAsync(key, Content, "application/pdf", Stop);
        await host.Store.PutAsync(other, Content, "application/pdf", Stop);
        var link = host.Store.Link(key, "a.pdf", TimeSpan.FromMinutes(5)).AbsoluteUri;

        using var signature = await host.GetAsync(new(link[..^1] + (link[^1] == 'a' ? 'b' : 'a')));
        using var elsewhere = await host.GetAsync(new(link.Replace(key, other, StringComparison.Ordinal)));
        using var longer = await host.GetAsync(new(link.Replace("X-Amz-Expires=", "X-Amz-Expires=1", StringComparison.Ordinal)));

        Assert.True(signature.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden, $"{signature.StatusCode}");
        if (kind == Kind.S3)
        {
            Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (elsewhere.StatusCode, longer.StatusCode));
            using var plain = await host.GetAsync(new(link.Split('?')[0]));
            Assert.NotEqual(HttpStatusCode.OK, plain.StatusCode);   // the bucket is private
        }
    }

    [Fact]
    public async Task Links_name_the_address_that_browsers_know()
    {
        await using var host = await StartAsync(Kind.S3, ("S3:PublicEndpoint", "https://files.aerona.example"));

        var link = host.Store.Link("receipts/a.pdf", "a.pdf", TimeSpan.FromMinutes(5));

        Assert.StartsWith($"https://files.aerona.example/{Bucket}/receipts/a.pdf?", link.AbsoluteUri, StringComparison.Ordinal);
        Assert.Matches("[?&]X-Amz-Expires=(300|2[0-9]{2})(&|$)", link.AbsoluteUri);   // counted from when it is signed
    }

    [Fact]
    public async Task A_bucket_that_is_there_is_ready()
    {
        await using var host = await StartAsync(Kind.S3);

        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);
    }

    [Theory]
    [InlineData("S3:SecretKey", "another-secret", "S3:AccessKey with S3:SecretKey may not use it")]
    [InlineData("S3:AccessKey", "nobody", "S3:AccessKey with S3:SecretKey may not use it")]
    [InlineData("S3:Bucket", "another-bucket", "S3:Bucket another-bucket")]
    [InlineData("S3:Endpoint", "http://127.0.0.1:1", "it does not answer")]
    public async Task A_wrong_key_bucket_or_address_is_named_by_health_and_by_whoever_stores(string setting, string value, string named)
    {
        await using var host = await StartAsync(Kind.S3, (setting, value));

        var health = await host.HealthAsync();
        var thrown = await Assert.ThrowsAsync<IOException>(() => host.Store.PutAsync(Key(), Content, "application/pdf", Stop));

        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains(named, health.Description, StringComparison.Ordinal);
        Assert.Contains(named, thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => host.Store.GetAsync(Key(), Stop));   // never "there is nothing"
    }

    [Theory]
    [InlineData("S3:Bucket", "No_Bucket", "Bucket")]
    [InlineData("S3:SecretKey", "", "S3:AccessKey: must be set together with S3:SecretKey")]
    [InlineData("S3:Endpoint", "s3.example", "Endpoint")]
    [InlineData("S3:Timeout", "00:10:00", "Timeout")]
    public async Task A_wrong_setting_stops_the_host(string setting, string value, string named)
    {
        var problem = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => StartAsync(Kind.S3, (setting, value)));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    public enum Kind
    {
        Disk,
        S3,
    }

    private static string Key() => $"receipts/{Guid.NewGuid():n}.pdf";

    private async Task<Host> StartAsync(Kind kind, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("aerona-files-");
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Folder"] = folder.FullName });
        if (kind == Kind.S3)
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["S3:Bucket"] = Bucket,
                ["S3:Endpoint"] = server.Endpoint.ToString(),
                ["S3:AccessKey"] = server.Key.AccessKey,
                ["S3:SecretKey"] = server.Key.SecretKey,
                ["S3:Timeout"] = "00:01:00",   // a loaded machine is slow, not broken
            });
        }

        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddAeronaDefaults();
        builder.AddFiles();
        builder.AddFiles();   // two modules of a process do
        var app = builder.Build();
        app.MapAeronaDefaults();
        app.MapFiles();
        var host = new Host(app, folder);
        try
        {
            await app.StartAsync(Stop);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private sealed class Host(WebApplication app, DirectoryInfo folder) : IAsyncDisposable
    {
        private readonly HttpClient s3 = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(90) };

        public IFileStore Store => app.Services.GetRequiredService<IFileStore>();

        public async Task<HealthReportEntry> HealthAsync() =>
            (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "documents", Stop)).Entries["documents"];

        public Task<HttpResponseMessage> GetAsync(Uri link) =>
            Store is S3FileStore ? s3.GetAsync(link, Stop) : app.GetTestClient().GetAsync(new Uri(link.AbsolutePath, UriKind.Relative), Stop);

        public async ValueTask DisposeAsync()
        {
            s3.Dispose();
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-s3-");
        private S3? s3;

        public Uri Endpoint => s3!.Endpoint;

        public S3Key Key { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            s3 = await S3.StartAsync(folder.FullName, Stop, "tickets");
            Key = await s3.AddBucketAsync(Bucket, "tickets", Stop);
        }

        public async ValueTask DisposeAsync()
        {
            if (s3 is not null)
            {
                await s3.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }
}
