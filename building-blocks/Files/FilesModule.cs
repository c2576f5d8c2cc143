using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Files;

/// <summary>Brings the file store and its links.</summary>
public static class FilesModule
{
    /// <summary>Adds <see cref="IFileStore"/> and <see cref="LinkSigner"/>. Several modules of one process may call it.</summary>
    public static void AddFiles(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<FilesOptions>()
            .Configure(options =>
            {
                options.Folder = builder.Configuration["Data:Folder"] ?? options.Folder;
                options.PublicBaseUrl = builder.Configuration["PublicBaseUrl"] ?? options.PublicBaseUrl;
            })
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => new LinkSigner(services.GetRequiredService<IOptions<FilesOptions>>().Value.Folder));
        builder.Services.TryAddSingleton<DownloadRoute>();
        builder.Services.TryAddSingleton<DiskFileStore>();
        builder.Services.TryAddSingleton<IFileStore>(services => services.GetRequiredService<DiskFileStore>());
    }

    /// <summary>Serves the links of <see cref="IFileStore.Link"/> under <c>/files/{token}</c>. Several modules of one process may call it: it is mapped once.</summary>
    public static void MapFiles(this WebApplication app)
    {
        if (app.Services.GetRequiredService<DownloadRoute>().IsFirst())
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

    /// <summary>What links start with, without a slash at the end.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";
}
