using Aerona.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Aerona.Files;

/// <summary>
/// Fetches a file by its link: the signature is the permission. 404 <c>file.not_found</c> for a link not made here, changed, or whose file is gone;
/// 410 <c>file.link_expired</c>.
/// </summary>
internal static class Download
{
    public static void MapDownload(this WebApplication app) =>
        app.MapMethods("/files/{token}", [HttpMethods.Get, HttpMethods.Head], DownloadFile).AllowAnonymous().ExcludeFromDescription();

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> DownloadFile(
        string token, DiskFileStore store, TimeProvider clock, HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (store.Read(token) is not { } link)
            return Problems.NotFound("file.not_found", "No file is behind this link.");

        if (clock.GetUtcNow() >= link.ExpiresAt)
            return Problems.Refused(StatusCodes.Status410Gone, "file.link_expired", "This link has expired. Open the booking's documents again for a fresh one.");

        if (await store.GetAsync(link.Key, cancellationToken) is not { } content)
            return Problems.NotFound("file.not_found", "No file is behind this link.");

        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(link.FileName);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.Bytes(content, FileKeys.ContentType(link.Key));
    }
}
