using System.Net;
using System.Security.Cryptography;
using Aerona.LocalServers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aerona.BuildingBlocks.Tests.LocalServers;

public sealed class S3Tests
{
    [Fact]
    public async Task A_killed_store_comes_back_on_its_port_with_its_objects_and_a_key_opens_its_own_bucket_alone()
    {
        using var folder = new TemporaryFolder();
        await using var server = await S3.StartAsync(folder.Path, TestContext.Current.CancellationToken, "tickets");
        var (endpoint, process) = (server.Endpoint, server.ProcessId);
        var key = await server.AddBucketAsync("tickets", "tickets", TestContext.Current.CancellationToken);
        Assert.Equal(key, await server.AddBucketAsync("tickets", "tickets", TestContext.Current.CancellationToken));
        Assert.Equal(process, server.ProcessId);   // no restart for a user named at the start
        var other = await server.AddBucketAsync("others", "others", TestContext.Current.CancellationToken);
        using var tickets = Client(server, key);
        using var others = Client(server, other);
        await PutAsync(tickets, "tickets", "receipts/7K2F9P.pdf", "%PDF-"u8.ToArray());
        await PutAsync(others, "others", "mine", "mine"u8.ToArray());

        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => others.GetObjectAsync("tickets", "receipts/7K2F9P.pdf")));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => others.ListObjectsV2Async(new() { BucketName = "tickets" })));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => PutAsync(others, "tickets", "receipts/7K2F9P.pdf", "forged"u8.ToArray())));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => others.DeleteObjectAsync("tickets", "receipts/7K2F9P.pdf")));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => others.PutBucketAsync("more")));
        Assert.Equal(key, await server.AddBucketAsync("shared", "tickets", TestContext.Current.CancellationToken, "others"));
        await PutAsync(tickets, "shared", "a", "a"u8.ToArray());
        Assert.Equal(1, (await others.GetObjectMetadataAsync("shared", "a", TestContext.Current.CancellationToken)).ContentLength);
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => PutAsync(others, "shared", "a", "forged"u8.ToArray())));   // a reader
        using var forger = Client(server, key with { SecretKey = other.SecretKey });
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(() => forger.GetObjectAsync("tickets", "receipts/7K2F9P.pdf")));

        await server.KillAsync();
        Assert.Null(server.ProcessId);
        await server.StartAgainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(endpoint, server.Endpoint);
        using var read = await tickets.GetObjectAsync("tickets", "receipts/7K2F9P.pdf", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(read.ResponseStream);
        Assert.Equal("%PDF-", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        var listed = await tickets.ListObjectsV2Async(new() { BucketName = "tickets", Prefix = "receipts/" }, TestContext.Current.CancellationToken);
        Assert.Equal("receipts/7K2F9P.pdf", Assert.Single(listed.S3Objects).Key);
    }

    [Fact]
    public async Task A_link_opens_one_object_by_get_alone_and_large_objects_go_in_parts()
    {
        using var folder = new TemporaryFolder();
        await using var server = await S3.StartAsync(folder.Path, TestContext.Current.CancellationToken, "tickets");
        using var tickets = Client(server, await server.AddBucketAsync("tickets", "tickets", TestContext.Current.CancellationToken));
        await PutAsync(tickets, "tickets", "a", "hello"u8.ToArray());

        var link = await tickets.GetPreSignedURLAsync(new() { BucketName = "tickets", Key = "a", Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5), Protocol = Protocol.HTTP });
        using var http = new HttpClient();
        Assert.Equal("hello", await http.GetStringAsync(new Uri(link), TestContext.Current.CancellationToken));
        using var tampered = await http.GetAsync(new Uri(link.Replace("/a?", "/b?", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, tampered.StatusCode);
        using var put = await http.PutAsync(new Uri(link), new StringContent("x"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, put.StatusCode);
        using var bare = await http.GetAsync(new Uri(server.Endpoint, "/tickets/a"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);   // without a signature it is no request to S3 at all

        var part = RandomNumberGenerator.GetBytes(5 * 1024 * 1024);
        var upload = await tickets.InitiateMultipartUploadAsync("tickets", "large", TestContext.Current.CancellationToken);
        List<PartETag> parts = [];
        for (var number = 1; number <= 2; number++)
        {
            var sent = await tickets.UploadPartAsync(
                new() { BucketName = "tickets", Key = "large", UploadId = upload.UploadId, PartNumber = number, InputStream = new MemoryStream(part), UseChunkEncoding = false },
                TestContext.Current.CancellationToken);
            parts.Add(new(number, sent.ETag));
        }

        await tickets.CompleteMultipartUploadAsync(new() { BucketName = "tickets", Key = "large", UploadId = upload.UploadId, PartETags = parts }, TestContext.Current.CancellationToken);
        Assert.Equal(2L * part.Length, (await tickets.GetObjectMetadataAsync("tickets", "large", TestContext.Current.CancellationToken)).ContentLength);
        await tickets.DeleteObjectAsync("tickets", "a", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, await RefusalAsync(() => tickets.GetObjectAsync("tickets", "a")));
    }

    private static AmazonS3Client Client(S3 server, S3Key key) => new(
        key.AccessKey, key.SecretKey, new AmazonS3Config { ServiceURL = server.Endpoint.ToString(), AuthenticationRegion = S3.Region, ForcePathStyle = true, UseHttp = true });

    private static Task PutAsync(AmazonS3Client client, string bucket, string key, byte[] content) => client.PutObjectAsync(
        new() { BucketName = bucket, Key = key, InputStream = new MemoryStream(content), UseChunkEncoding = false }, TestContext.Current.CancellationToken);

    private static async Task<HttpStatusCode> RefusalAsync(Func<Task> action) => (await Assert.ThrowsAnyAsync<AmazonS3Exception>(action)).StatusCode;
}
