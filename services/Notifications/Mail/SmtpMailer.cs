using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Aerona.Notifications.Mail;

/// <summary>
/// Hands mails to an SMTP server over a few connections that stay open. What may pass is told from what will not, and from an answer that was lost after the whole
/// message had been handed over.
/// </summary>
internal sealed partial class SmtpMailer(IOptions<SmtpOptions> options, TimeProvider clock, ILogger<SmtpMailer> log) : IMailer, IAsyncDisposable
{
    /// <summary>Longer unused, it is asked first whether it still stands; much longer, the server has hung up.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SmtpOptions smtp = options.Value;
    private readonly SemaphoreSlim turns = new(options.Value.MaxConnections);
    private readonly ConcurrentStack<(SmtpClient Client, DateTimeOffset UsedAt)> open = new();
    private readonly Lazy<X509Certificate2Collection?> trusted = new(() => options.Value.TrustedCertificateFile is { } file ? Certificates(file) : null);

    public async Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        if (message.MessageId is null)
        {
            throw new ArgumentException("a mail without a Message-ID could not be recognised when it is repeated", nameof(message));
        }

        await turns.WaitAsync(cancellationToken);
        var handed = new HandedOver();
        SmtpClient? client = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            limit.CancelAfter(smtp.Timeout);
            client = await ConnectionAsync(limit.Token);
            limit.CancelAfter(smtp.Timeout * 2);   // the envelope's answers, and the message's
            await client.SendAsync(Format(message), message, limit.Token, handed);
            open.Push((client, clock.GetUtcNow()));
            client = null;
        }
        catch (SmtpCommandException refusal) when (IsFinal(refusal))
        {
            LogRefused(message.MessageId, (int)refusal.StatusCode, refusal.ErrorCode);
            throw new MailRefusedException("mail.rejected", refusal);
        }
        catch (SmtpCommandException busy)
        {
            throw new MailDelayedException("mail.server_busy", $"{smtp.Host} does not take it now: {(int)busy.StatusCode} {busy.Message}", busy);
        }
        catch (NotSupportedException unsupported)   // an address in letters that the server cannot take (RFC 6531)
        {
            throw new MailRefusedException("mail.address_unsupported", unsupported);
        }
        catch (AuthenticationException refused)
        {
            throw new MailDelayedException("mail.login_refused", $"Smtp:Username with Smtp:Password is not accepted by {smtp.Host}: {refused.Message}", refused);
        }
        catch (SslHandshakeException untrusted)
        {
            throw new MailDelayedException(
                "mail.certificate_untrusted",
                $"Smtp:Host {smtp.Host}: its certificate is not trusted, does not bear that name, or it speaks no TLS on this port: {untrusted.GetBaseException().Message}", untrusted);
        }
        catch (Exception lost) when (handed.Wholly && lost is IOException or SocketException or ProtocolException or TimeoutException or OperationCanceledException)
        {
            LogAnswerLost(message.MessageId, lost.Message);
            throw new MailAnswerLostException(lost);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailDelayedException("mail.server_unreachable", $"Smtp:Host {smtp.Host} did not answer within {smtp.Timeout.TotalSeconds:0} s (Smtp:Timeout)", silent);
        }
        catch (Exception away) when (away is IOException or SocketException or ProtocolException or TimeoutException or ServiceNotConnectedException)
        {
            throw new MailDelayedException("mail.server_unreachable", $"Smtp:Host {smtp.Host} cannot be reached: {away.Message}", away);
        }
        finally
        {
            client?.Dispose();   // in what state it is, nobody knows
            turns.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (open.TryPop(out var idle))
        {
            using (idle.Client)
            {
                await HangUpAsync(idle.Client);
            }
        }

        turns.Dispose();
    }

    /// <summary>The certificates of a PEM file; throws <see cref="IOException"/> or <see cref="System.Security.Cryptography.CryptographicException"/>.</summary>
    public static X509Certificate2Collection Certificates(string file)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    /// <summary>
    /// Nobody at that address, or a message it will never take: sending it again is useless. A sender or a command that is refused is our set-up's fault, not the
    /// mail's: it waits until that is put right.
    /// </summary>
    private static bool IsFinal(SmtpCommandException refusal) =>
        (int)refusal.StatusCode >= 500 && refusal.ErrorCode is (SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted);

    private static FormatOptions Format(MimeMessage message)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = message.To.Mailboxes.Any(mailbox => mailbox.IsInternational);
        return format;
    }

    private async Task<SmtpClient> ConnectionAsync(CancellationToken cancellationToken)
    {
        while (open.TryPop(out var idle))
        {
            if (clock.GetUtcNow() - idle.UsedAt < Fresh || await StillStandsAsync(idle.Client, cancellationToken))
            {
                return idle.Client;
            }

            idle.Client.Dispose();
        }

        return await ConnectAsync(cancellationToken);
    }

    private async Task<SmtpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new SmtpClient { Timeout = (int)smtp.Timeout.TotalMilliseconds, CheckCertificateRevocation = smtp.CheckCertificateRevocation };
        if (smtp.TrustedCertificateFile is not null)
        {
            client.ServerCertificateValidationCallback = IsTrusted;
        }

        try
        {
            await client.ConnectAsync(smtp.Host!, smtp.Port ?? DefaultPort, Socket, cancellationToken);
            if (smtp.Username is { Length: > 0 } name)
            {
                await client.AuthenticateAsync(name, smtp.Password ?? "", cancellationToken);
            }

            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private int DefaultPort => smtp.Security switch { SmtpSecurity.Tls => 465, SmtpSecurity.None => 25, _ => 587 };

    private SecureSocketOptions Socket => smtp.Security switch
    {
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,   // not "when available": whoever sits in between could say it is not
    };

    private static async Task<bool> StillStandsAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.NoOpAsync(cancellationToken);
            return true;
        }
        catch (Exception gone) when (gone is IOException or ServiceNotConnectedException or CommandException or ProtocolException)
        {
            return false;
        }
    }

    private static async Task HangUpAsync(SmtpClient client)
    {
        try
        {
            await client.DisconnectAsync(quit: true, CancellationToken.None);
        }
        catch (Exception gone) when (gone is IOException or CommandException or ProtocolException)
        {
            // It hung up first.
        }
    }

    /// <summary>Trusted by the machine, or issued by one of the file's certificates; the name must be right in either case.</summary>
    internal bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 presented)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(trusted.Value!);
        own.ChainPolicy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        own.ChainPolicy.RevocationMode = smtp.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        return own.Build(presented);
    }

    /// <summary>Whether all of a message has gone out, so that only the answer is missing.</summary>
    private sealed class HandedOver : ITransferProgress
    {
        public bool Wholly { get; private set; }

        public void Report(long bytesTransferred, long totalSize) => Wholly = bytesTransferred >= totalSize;

        public void Report(long bytesTransferred) => Wholly = true;   // of a size not known: when in doubt, it has
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MessageId} was handed over and not answered: {Reason}")]
    private partial void LogAnswerLost(string messageId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MessageId} was refused for good: {Status} {Error}")]
    private partial void LogRefused(string messageId, int status, SmtpErrorCode error);
}
