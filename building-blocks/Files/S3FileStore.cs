using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Aerona.Files;

/// <summary>Objects of a private bucket. Links are the bucket's own, signed for minutes; nothing passes through us.</summary>
internal sealed class S3FileStore : IFileStore, IDisposable
{
    private const int Retries = 2;

    private readonly S3Options options;
    private readonly TimeProvider clock;
    private readonly AmazonS3Client client;
    private readonly AmazonS3Client links;
    private readonly string? linkEndpoint;

    public S3FileStore(IOptions<S3Options> options, TimeProvider clock)
    {
        this.options = options.Value;
        this.clock = clock;
        client = Client(this.options, this.options.Endpoint);
        linkEndpoint = this.options.PublicEndpoint ?? this.options.Endpoint;
        links = Client(this.options, linkEndpoint);
    }

    public Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
    {
        FileKeys.CheckType(FileKeys.Check(key), contentType);
        return ExplainAsync(async () => await client.PutObjectAsync(
            new()
            {
                BucketName = options.Bucket,
                Key = key,
                ContentType = contentType,
                InputStream = new MemoryStream(content.ToArray(), writable: false),
                UseChunkEncoding = false,   // not every S3-compatible server takes the frames off again
            },
            cancellationToken));
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        FileKeys.Check(key);
        return ExplainAsync(async () =>
        {
            try
            {
                using var answer = await client.GetObjectAsync(options.Bucket, key, cancellationToken);
                using var content = new MemoryStream();
                await answer.ResponseStream.CopyToAsync(content, cancellationToken);
                return content.ToArray();
            }
            catch (AmazonS3Exception problem) when (problem.StatusCode == HttpStatusCode.NotFound && problem.ErrorCode != "NoSuchBucket")
            {
                return null;
            }
        });
    }

    public Uri Link(string key, string fileName, TimeSpan validFor)
    {
        FileKeys.CheckLife(validFor);
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(fileName);
        return new(links.GetPreSignedURL(new()
        {
            BucketName = options.Bucket,
            Key = FileKeys.Check(key),
            Verb = HttpVerb.GET,
            Expires = clock.GetUtcNow().Add(validFor).UtcDateTime,
            Protocol = linkEndpoint?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) == true ? Protocol.HTTP : Protocol.HTTPS,
            ResponseHeaderOverrides = { ContentDisposition = disposition.ToString(), ContentType = FileKeys.ContentType(key), CacheControl = "no-store" },
        }));
    }

    public async IAsyncEnumerable<StoredFile> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = options.Bucket, Prefix = FileKeys.CheckPrefix(prefix) };
        ListObjectsV2Response page;
        do
        {
            page = await ExplainAsync(() => client.ListObjectsV2Async(request, cancellationToken));
            foreach (var file in page.S3Objects ?? [])
                yield return new(file.Key, new(file.LastModified!.Value.ToUniversalTime()));

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        FileKeys.Check(key);
        return ExplainAsync(async () => await client.DeleteObjectAsync(options.Bucket, key, cancellationToken));
    }

    /// <summary>Null when the bucket is there and ours; else what is wrong.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.HeadBucketAsync(new() { BucketName = options.Bucket }, cancellationToken);
            return null;
        }
        catch (Exception problem) when (problem is AmazonServiceException or AmazonClientException or HttpRequestException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Explain(problem);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        links.Dispose();
    }

    private static AmazonS3Client Client(S3Options options, string? endpoint)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.ForcePathStyle ?? endpoint is not null,
            Timeout = options.Timeout,
            MaxErrorRetry = Retries,
            // What SigV4 signs protects the bytes; checksums beside it are not understood everywhere.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        else
        {
            config.ServiceURL = endpoint;
        }

        return options.AccessKey is { Length: > 0 } key ? new(key, options.SecretKey, config) : new(config);
    }

    private async Task<T> ExplainAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception problem) when (problem is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new IOException(Explain(problem), problem);
        }
    }

    private string Explain(Exception problem) => $"S3:Bucket {options.Bucket} at {options.Endpoint ?? "Amazon"}: " + problem switch
    {
        AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } => "there is no such bucket",
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } or AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
            "S3:AccessKey with S3:SecretKey may not use it",
        AmazonS3Exception { ErrorCode: var code, StatusCode: var status } => $"it answered {(int)status} {code}",
        _ => $"it does not answer: {problem.GetBaseException().Message}",
    };
}
