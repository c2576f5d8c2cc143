using System.Security.Cryptography.X509Certificates;
using Aerona.LocalServers;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Aerona.BuildingBlocks.Tests.LocalServers;

public sealed class SmtpTests
{
    [Fact]
    public async Task Mail_is_kept_whole_under_its_date_and_a_killed_server_takes_more_on_the_same_port()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder);
        var port = server.Port;
        using (var client = await SignedInAsync(server))
        {
            await client.SendAsync(Mail("Nguyễn Thị Hạnh"), TestContext.Current.CancellationToken);
            await client.SendAsync(Mail("Nguyễn Thị Hạnh"), TestContext.Current.CancellationToken);   // what is delivered twice shows twice
        }

        await server.KillAsync();
        await server.StartAgainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(port, server.Port);
        using (var client = await SignedInAsync(server))
        {
            await client.SendAsync(Mail("Dora Brown", "other"), TestContext.Current.CancellationToken);
        }

        var files = Directory.EnumerateFiles(server.Mails).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["20261201T080910Z-confirmation.2.eml", "20261201T080910Z-confirmation.eml", "20261201T080910Z-other.eml"], files);
        var kept = await MimeMessage.LoadAsync(Path.Combine(server.Mails, files[1]), TestContext.Current.CancellationToken);
        Assert.Equal("Nguyễn Thị Hạnh", Assert.Single(kept.To.Mailboxes).Name);
        Assert.Equal("Đặt chỗ\r\n", kept.TextBody!.ReplaceLineEndings("\r\n"));
        Assert.Equal("traveller@example.org", kept.Headers["Delivered-To"]);
    }

    [Theory]
    [InlineData(true, "wrong")]
    [InlineData(false, "secret")]
    public async Task A_wrong_password_is_refused_at_once_and_without_tls_no_login_is_offered(bool tls, string password)
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder);
        using var client = new SmtpClient { ServerCertificateValidationCallback = (_, certificate, _, _) => IsOf(server, certificate) };
        await client.ConnectAsync("127.0.0.1", server.Port, tls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, TestContext.Current.CancellationToken);

        if (tls)
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync("notifications", password, TestContext.Current.CancellationToken));
        }
        else
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => client.AuthenticateAsync("notifications", password, TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(Mail("Dora Brown"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(server.Mails));
    }

    private static async Task<Smtp> StartAsync(TemporaryFolder folder)
    {
        var server = await Smtp.StartAsync(Path.Combine(folder.Path, "smtp"), Path.Combine(folder.Path, "mail"), TestContext.Current.CancellationToken);
        server.AddUser("notifications", "secret");
        return server;
    }

    private static async Task<SmtpClient> SignedInAsync(Smtp server)
    {
        var client = new SmtpClient { ServerCertificateValidationCallback = (_, certificate, _, _) => IsOf(server, certificate) };
        await client.ConnectAsync("127.0.0.1", server.Port, SecureSocketOptions.StartTls, TestContext.Current.CancellationToken);
        await client.AuthenticateAsync("notifications", "secret", TestContext.Current.CancellationToken);
        return client;
    }

    private static bool IsOf(Smtp server, X509Certificate? certificate)
    {
        using var own = X509CertificateLoader.LoadCertificateFromFile(server.CertificateFile);
        return own.GetCertHashString() == certificate?.GetCertHashString();
    }

    private static MimeMessage Mail(string name, string id = "confirmation") => new()
    {
        From = { new MailboxAddress("Aerona", "bookings@aerona.example") },
        To = { new MailboxAddress(name, "traveller@example.org") },
        Subject = "Your booking 7K2F9P",
        Date = new DateTimeOffset(2026, 12, 1, 9, 9, 10, TimeSpan.FromHours(1)),
        MessageId = $"{id}@aerona.example",
        Body = new TextPart("plain") { Text = "Đặt chỗ\r\n" },
    };
}
