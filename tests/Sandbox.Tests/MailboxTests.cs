using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Sandbox.Mailbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using MimeKit;
using Xunit;

namespace Aerona.Sandbox.Tests;

public sealed class MailboxTests
{
    private static readonly byte[] Receipt = [.. "%PDF-1.7"u8, 0, 255];

    [Fact]
    public async Task Mails_are_listed_newest_first_with_where_they_lie()
    {
        await using var box = await Box.StartAsync();
        var older = box.Put("20261201T093000Z-booking-confirmed.a", "alice@example.org", "Nguyễn, confirmed");
        var newer = box.Put("20261201T094500Z-booking-failed.b", "bob@example.org", "Not completed");

        var list = await box.GetJsonAsync("/sandbox/mailbox/messages");

        var mails = list.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal([newer, older], mails.Select(mail => mail.GetProperty("file").GetString()));
        Assert.Equal(["20261201T094500Z-booking-failed.b", "20261201T093000Z-booking-confirmed.a"], mails.Select(mail => mail.GetProperty("id").GetString()));
        Assert.Equal(["bob@example.org", "alice@example.org"], mails.Select(mail => mail.GetProperty("to").GetString()));
        Assert.Equal("Nguyễn, confirmed", mails[1].GetProperty("subject").GetString());
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 9, 30, 0, TimeSpan.Zero), mails[1].GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_list_can_be_of_one_recipient_letter_case_aside()
    {
        await using var box = await Box.StartAsync();
        box.Put("a", "alice@example.org", "For Alice");
        box.Put("b", "bob@example.org", "For Bob");

        var list = await box.GetJsonAsync("/sandbox/mailbox/messages?to=ALICE@example.org");

        Assert.Equal("For Alice", Assert.Single(list.GetProperty("messages").EnumerateArray()).GetProperty("subject").GetString());
        Assert.Empty((await box.GetJsonAsync("/sandbox/mailbox/messages?to=lice@example.org")).GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task An_empty_or_missing_folder_is_an_empty_list_and_a_page_that_says_what_to_do()
    {
        await using var box = await Box.StartAsync();

        Assert.Empty((await box.GetJsonAsync("/sandbox/mailbox/messages")).GetProperty("messages").EnumerateArray());
        Assert.Contains("./aerona demo", await box.Http.GetStringAsync("/sandbox/mailbox"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mails_html_is_shown_as_it_is_in_a_sandbox_without_scripts_or_anything_from_outside()
    {
        await using var box = await Box.StartAsync();
        box.Put("a", "alice@example.org", "Hello", "<h1>Hi</h1><script>alert(1)</script>");

        using var answer = await box.Http.GetAsync("/sandbox/mailbox/messages/a");

        Assert.Equal("<h1>Hi</h1><script>alert(1)</script>", await answer.Content.ReadAsStringAsync());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("sandbox;", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_shows_the_chosen_mail_in_a_frame_that_runs_nothing_and_encodes_what_is_in_its_headers()
    {
        await using var box = await Box.StartAsync();
        box.Put("a", "alice@example.org", "<img src=x onerror=alert(1)>");
        box.Put("b", "bob@example.org", "Newer");

        var page = await box.Http.GetStringAsync("/sandbox/mailbox?message=a&to=%22%3E%3Cscript%3E");

        Assert.Contains("<iframe title=\"The mail as HTML\" sandbox=\"\" src=\"/sandbox/mailbox/messages/a\">", page, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attachment_downloads_byte_for_byte_and_text_and_source_are_there()
    {
        await using var box = await Box.StartAsync();
        box.Put("a", "alice@example.org", "Hello");

        using var answer = await box.Http.GetAsync("/sandbox/mailbox/messages/a/attachments/1");

        Assert.Equal(Receipt, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("text", (await box.Http.GetStringAsync("/sandbox/mailbox/messages/a/text")).TrimEnd());
        Assert.Contains("Subject: Hello", await box.Http.GetStringAsync("/sandbox/mailbox/messages/a/source"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sandbox/mailbox/messages/nothing")]
    [InlineData("/sandbox/mailbox/messages/..%2Fsecret")]
    [InlineData("/sandbox/mailbox/messages/..%5Csecret/source")]
    [InlineData("/sandbox/mailbox/messages/%2Fetc%2Fpasswd/text")]
    [InlineData("/sandbox/mailbox/messages/a/attachments/2")]
    [InlineData("/sandbox/mailbox/messages/a/attachments/0")]
    public async Task What_is_not_there_or_outside_the_folder_is_not_found(string address)
    {
        await using var box = await Box.StartAsync();
        box.Put("a", "alice@example.org", "Hello");
        await File.WriteAllTextAsync(Path.Combine(box.Folder, "secret.eml"), "Subject: secret\r\n\r\nsecret");

        using var answer = await box.Http.GetAsync(address);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A host with the mailbox alone, in a folder of its own.</summary>
    private sealed class Box : IAsyncDisposable
    {
        private readonly WebApplication app;

        private Box(WebApplication app, string folder) => (this.app, Http, Folder) = (app, app.GetTestClient(), folder);

        public string Folder { get; }

        public HttpClient Http { get; }

        public static async Task<Box> StartAsync()
        {
            var folder = Directory.CreateTempSubdirectory("aerona-mailbox-").FullName;
            var builder = WebApplication.CreateBuilder();
            builder.WebHost.UseTestServer();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Folder"] = folder });
            builder.AddAeronaDefaults();
            var app = builder.Build();
            app.MapAeronaDefaults();
            app.MapMailbox();
            await app.StartAsync();
            return new(app, folder);
        }

        /// <summary>Puts a mail there, its date from its name if that starts with one; gives its path.</summary>
        public string Put(string id, string to, string subject, string html = "<p>html</p>")
        {
            using var message = new MimeMessage { Subject = subject, Date = id.StartsWith("20261201T093000Z", StringComparison.Ordinal) ? new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero) : new(2026, 12, 1, 9, 45, 0, TimeSpan.Zero) };
            message.From.Add(new MailboxAddress("Aerona", "bookings@aerona.example"));
            message.To.Add(new MailboxAddress("", to));
            var body = new BodyBuilder { TextBody = "text", HtmlBody = html };
            body.Attachments.Add("receipt.pdf", Receipt, ContentType.Parse("application/pdf"));
            message.Body = body.ToMessageBody();
            var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "mail")).FullName, $"{id}.eml");
            message.WriteTo(file);
            return file;
        }

        public async Task<JsonElement> GetJsonAsync(string address) => await Http.GetFromJsonAsync<JsonElement>(address);

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
