using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Files;

/// <summary>Brings the file store and its links.</summary>
public static class FilesModule
{
    /// <summary>
    /// Adds <see cref="IFileStore"/> (a bucket when <c>S3:Bucket</c> is set, else a folder) and <see cref="LinkSigner"/>. Several modules of one process may
    /// call it.
    /// </summary>
    public static void AddFiles(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<FilesOptions>()
            .BindConfiguration("Files")
            .Configure(options =>
            {
                options.Folder = builder.Configuration["Data:Folder"] ?? options.Folder;
                options.PublicBaseUrl = builder.Configuration["PublicBaseUrl"] ?? options.PublicBaseUrl;
            })
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => LinkSigner.Of(services.GetRequiredService<IOptions<FilesOptions>>().Value));
        builder.Services.TryAddSingleton<DownloadRoute>();
        if (!string.IsNullOrWhiteSpace(builder.Configuration["S3:Bucket"]))
        {
            builder.AddS3();
            return;
        }

        builder.RequireInProduction("S3:Bucket", "documents in a folder are lost with the container");
        builder.Services.TryAddSingleton<DiskFileStore>();
        builder.Services.TryAddSingleton<IFileStore>(services => services.GetRequiredService<DiskFileStore>());
    }

    private static void AddS3(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(S3FileStore)))
        {
            return;
        }

        builder.Services.AddOptions<S3Options>().BindConfiguration("S3").ValidateDataAnnotations()
            .Validate(options => string.IsNullOrEmpty(options.AccessKey) == string.IsNullOrEmpty(options.SecretKey), "S3:AccessKey: must be set together with S3:SecretKey")
            .Validate(
                options => options.Endpoint is null || !string.IsNullOrEmpty(options.AccessKey),
                "S3:AccessKey: must be set with S3:Endpoint: only Amazon's own machines know who they are")
            .ValidateOnStart();
        builder.Services.AddSingleton<S3FileStore>();
        builder.Services.AddSingleton<IFileStore>(services => services.GetRequiredService<S3FileStore>());
        builder.Services.AddHealthChecks().AddCheck<S3Health>("documents", tags: ["ready"]);
        builder.Services.AddSingleton<S3Health>();
    }

    /// <summary>Serves the folder's links under <c>/files/{token}</c>; a bucket serves its own. Several modules of one process may call it: it is mapped once.</summary>
    public static void MapFiles(this WebApplication app)
    {
        if (app.Services.GetService<DiskFileStore>() is not null && app.Services.GetRequiredService<DownloadRoute>().IsFirst())
            app.MapDownload();
    }
}

/// <summary>Two equal routes would make every download ambiguous.</summary>
internal sealed class DownloadRoute
{
    private int mapped;

    public bool IsFirst() => Interlocked.Exchange(ref mapped, 1) == 0;
}

internal sealed class FilesOptions
{
    /// <summary>Holds <c>documents/</c> and <c>keys/</c>.</summary>
    [Required] public string Folder { get; set; } = "data";

    /// <summary><c>Files:LinkKeyFile</c>: 32 random bytes that all replicas share. Null: <c>keys/links.key</c> in the folder, made at the first use.</summary>
    public string? LinkKeyFile { get; set; }

    /// <summary>What links start with, without a slash at the end.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";
}
