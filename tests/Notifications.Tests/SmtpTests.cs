using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aerona.LocalServers;
using Aerona.Notifications.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

/// <summary>The mailer against a real SMTP server that wants TLS and a login.</summary>
public sealed class SmtpTests(SmtpTests.Server server) : IClassFixture<SmtpTests.Server>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_arrives_with_its_message_id_and_content_and_a_connection_is_used_again()
    {
        await using var mailer = Mailer();
        var (first, second) = (NewMail(), NewMail("ann@münchen.example"));

        await mailer.SendAsync(first, Stop);
        await mailer.SendAsync(second, Stop);
        await mailer.SendAsync(first, Stop);   // as after a crash

        var arrived = server.Mails(first.MessageId!);
        Assert.Equal(2, arrived.Count);
        Assert.All(arrived, mail => Assert.Equal(("ann@example.org", "Prüfung 1 €", "Grüße\n"), (mail.To.Mailboxes.Single().Address, mail.Subject, mail.TextBody!.ReplaceLineEndings("\n"))));
        Assert.Equal(arrived[0].ToString(), arrived[1].ToString());
        Assert.Single(server.Mails(second.MessageId!));
        Assert.Equal(1, server.Logins(mailer: server.User));
    }

    [Fact]
    public async Task Many_at_once_all_arrive()
    {
        await using var mailer = Mailer();
        var mails = Enumerable.Range(0, 30).Select(_ => NewMail()).ToList();

        await Task.WhenAll(mails.Select(mail => mailer.SendAsync(mail, Stop)));

        Assert.All(mails, mail => Assert.Single(server.Mails(mail.MessageId!)));
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_passes_when_it_is_put_right()
    {
        await using var mailer = Mailer(password: "wrong");

        var problem = await Assert.ThrowsAsync<MailDelayedException>(() => mailer.SendAsync(NewMail(), Stop));

        Assert.StartsWith("Smtp:Username with Smtp:Password is not accepted", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_gets_no_mail_and_no_password()
    {
        await using var mailer = Mailer(trusted: false);

        var problem = await Assert.ThrowsAsync<MailDelayedException>(() => mailer.SendAsync(NewMail(), Stop));

        Assert.Contains("certificate is not trusted", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_certificate_for_another_name_or_of_another_server_is_refused()
    {
        await using var mailer = Mailer();
        using var own = X509CertificateLoader.LoadCertificateFromFile(server.Smtp.CertificateFile);
        using var key = ECDsa.Create();
        using var another = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));

        Assert.True(mailer.IsTrusted(this, own, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(mailer.IsTrusted(this, own, null, SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.False(mailer.IsTrusted(this, own, null, SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.False(mailer.IsTrusted(this, another, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(mailer.IsTrusted(this, null, null, SslPolicyErrors.RemoteCertificateNotAvailable));
    }

    [Fact]
    public async Task A_server_that_is_down_is_thrown_and_the_same_mail_goes_out_when_it_is_back()
    {
        await using var mailer = Mailer();
        var mail = NewMail();
        await mailer.SendAsync(NewMail(), Stop);   // a connection stands, which dies with the server

        await server.Smtp.KillAsync();
        var away = await Assert.ThrowsAsync<MailDelayedException>(() => mailer.SendAsync(mail, Stop));
        Assert.Equal("mail.server_unreachable", away.Code);
        Assert.Empty(server.Mails(mail.MessageId!));
        await server.Smtp.StartAgainAsync(Stop);
        await mailer.SendAsync(mail, Stop);

        Assert.Single(server.Mails(mail.MessageId!));
    }

    [Fact]
    public async Task Nobody_at_that_address_is_final_and_a_busy_mailbox_is_not()
    {
        await using var mailer = Mailer();

        var refused = await Assert.ThrowsAsync<MailRefusedException>(() => mailer.SendAsync(NewMail("nobody@example.org"), Stop));
        var busy = await Assert.ThrowsAsync<MailDelayedException>(() => mailer.SendAsync(NewMail("busy@example.org"), Stop));
        await mailer.SendAsync(NewMail(), Stop);   // and neither harms the next

        Assert.Equal("mail.rejected", refused.Code);
        Assert.Equal("mail.server_busy", busy.Code);
    }

    private SmtpMailer Mailer(string? password = null, bool trusted = true, string host = "127.0.0.1") => new(
        Options.Create(new SmtpOptions
        {
            Host = host,
            Port = server.Smtp.Port,
            Username = server.NextUser(),
            Password = password ?? Server.Password,
            TrustedCertificateFile = trusted ? server.Smtp.CertificateFile : null,
            CheckCertificateRevocation = false,
            MaxConnections = 3,
        }),
        TimeProvider.System, NullLogger<SmtpMailer>.Instance);

    private static MimeMessage NewMail(string to = "ann@example.org") => new(
        [new MailboxAddress("Aerona", "bookings@aerona.example")], [MailboxAddress.Parse(to)], "Prüfung 1 €", new TextPart("plain") { Text = "Grüße\n" })
    {
        MessageId = $"booking-confirmed.{Guid.NewGuid():n}@aerona.example",
        Date = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero),
    };

    public sealed class Server : IAsyncLifetime
    {
        public const string Password = "correct horse";

        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-smtp-");
        private int users;

        public Smtp Smtp { get; private set; } = null!;

        public string User { get; private set; } = "";

        public async ValueTask InitializeAsync() => Smtp = await Smtp.StartAsync(Path.Combine(folder.FullName, "server"), Path.Combine(folder.FullName, "mails"), Stop);

        /// <summary>A user of its own for each mailer, so that its logins can be counted.</summary>
        public string NextUser()
        {
            User = $"notifications-{Interlocked.Increment(ref users)}";
            Smtp.AddUser(User, Password);
            return User;
        }

        public IReadOnlyList<MimeMessage> Mails(string messageId) => [.. Directory.EnumerateFiles(Smtp.Mails, "*.eml").Order(StringComparer.Ordinal)
            .Select(file => MimeMessage.Load(new MemoryStream(File.ReadAllBytes(file)))).Where(mail => mail.MessageId == messageId)];

        public int Logins(string mailer)
        {
            using var log = new StreamReader(new FileStream(Smtp.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return log.ReadToEnd().Split('\n').Count(line => line.Contains("login of", StringComparison.Ordinal) && line.Contains(mailer, StringComparison.Ordinal) && !line.Contains("REFUSED", StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            if (Smtp is not null)
            {
                await Smtp.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }
}
