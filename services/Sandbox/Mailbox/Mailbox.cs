using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using MimeKit;

namespace Aerona.Sandbox.Mailbox;

/// <summary>The traveller's inbox, played: shows the mails that were sent. It has no sign-in and belongs on a developer's machine alone.</summary>
public static class Mailbox
{
    /// <summary>
    /// <c>GET /sandbox/mailbox</c> (page), <c>/sandbox/mailbox/messages?to=</c> (list), <c>/sandbox/mailbox/messages/{id}</c> (its HTML, in a sandbox of the browser), and
    /// below that <c>/text</c>, <c>/source</c> and <c>/attachments/{number}</c>.
    /// </summary>
    public static void MapMailbox(this WebApplication app)
    {
        var folder = new MailFolder(app.Configuration);
        var mailbox = app.MapGroup("/sandbox/mailbox").AllowAnonymous().ExcludeFromDescription();
        mailbox.MapGet("", (string? to, string? message, HttpResponse response, CancellationToken stop) => ShowPage(folder, to, message, response, stop));
        mailbox.MapGet("/messages", async (string? to, CancellationToken stop) => new MailList(await folder.ListAsync(to, stop)));
        mailbox.MapGet("/messages/{id}", (string id, HttpResponse response, CancellationToken stop) => ShowHtml(folder, id, response, stop));
        mailbox.MapGet("/messages/{id}/text", (string id, HttpResponse response, CancellationToken stop) => ShowText(folder, id, response, stop));
        mailbox.MapGet("/messages/{id}/source", (string id, HttpResponse response) => ShowSource(folder, id, response));
        mailbox.MapGet("/messages/{id}/attachments/{number:int}", (string id, int number, HttpResponse response, CancellationToken stop) => Download(folder, id, number, response, stop));
    }

    private static async Task<ContentHttpResult> ShowPage(MailFolder folder, string? to, string? message, HttpResponse response, CancellationToken cancellationToken)
    {
        var mails = await folder.ListAsync(to, cancellationToken);
        var id = message ?? mails.FirstOrDefault()?.Id;
        using var open = id is null ? null : await folder.FindAsync(id, cancellationToken);
        Guard(response, "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'");
        return TypedResults.Content(MailboxPage.Render(mails, to, open is null ? null : (id!, open)), "text/html; charset=utf-8");
    }

    // Whatever the mail holds: no script, no form, nothing fetched from outside.
    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ShowHtml(MailFolder folder, string id, HttpResponse response, CancellationToken cancellationToken)
    {
        using var message = await folder.FindAsync(id, cancellationToken);
        if (message is null)
            return NotFound();

        Guard(response, "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'");
        return TypedResults.Content(message.HtmlBody ?? $"<!doctype html><title>mail</title><pre>{MailboxPage.Encode(message.TextBody ?? "")}</pre>", "text/html; charset=utf-8");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ShowText(MailFolder folder, string id, HttpResponse response, CancellationToken cancellationToken)
    {
        using var message = await folder.FindAsync(id, cancellationToken);
        if (message is null)
            return NotFound();

        Guard(response, "sandbox; default-src 'none'");
        return TypedResults.Content(message.TextBody ?? "", "text/plain; charset=utf-8");
    }

    private static Results<PhysicalFileHttpResult, ProblemHttpResult> ShowSource(MailFolder folder, string id, HttpResponse response)
    {
        if (folder.PathOf(id) is not { } file)
            return NotFound();

        Guard(response, "sandbox; default-src 'none'");
        return TypedResults.PhysicalFile(file, "text/plain; charset=utf-8");
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Download(
        MailFolder folder, string id, int number, HttpResponse response, CancellationToken cancellationToken)
    {
        using var message = await folder.FindAsync(id, cancellationToken);
        if (message?.Attachments.OfType<MimePart>().ElementAtOrDefault(number - 1) is not { Content: { } content } attachment)
            return NotFound();

        using var bytes = new MemoryStream();
        await content.DecodeToAsync(bytes, cancellationToken);
        Guard(response, "sandbox; default-src 'none'");
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(attachment.FileName ?? $"attachment-{number}");
        response.Headers.ContentDisposition = disposition.ToString();
        return TypedResults.Bytes(bytes.ToArray(), attachment.ContentType.MimeType);
    }

    private static void Guard(HttpResponse response, string policy)
    {
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("mail.not_found", "There is no such mail or attachment.");
}

/// <summary>Newest first.</summary>
internal sealed record MailList(IReadOnlyList<MailSummary> Messages);
