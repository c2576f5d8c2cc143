using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aerona.Notifications.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Tests;

/// <summary>What came over the wire for one mail.</summary>
/// <param name="Recipients">The arguments of RCPT as they came.</param>
/// <param name="Data">The bytes between DATA and the dot that ends them, dots unstuffed.</param>
internal sealed record Arrived(string Sender, IReadOnlyList<string> Recipients, byte[] Data);

/// <summary>A small SMTP server without TLS that keeps every byte and answers as the test says.</summary>
internal sealed class RawSmtp : IAsyncDisposable
{
    /// <summary>As an answer: none, and the connection stays.</summary>
    public const string Silence = "…";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Task> sessions = [];
    private readonly Task accepting;
    private int connections;

    public RawSmtp()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public ConcurrentQueue<Arrived> Mails { get; } = [];

    /// <summary>Every command line, in order.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    public int Connections => connections;

    /// <summary>The answer to a command; null: the usual one. An empty answer hangs up.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>The answer to a whole message, which is kept before; null: 250. An empty answer hangs up.</summary>
    public Func<Arrived, string?> Taken { get; set; } = _ => null;

    /// <param name="timeout">Seconds; shorter only for a server that says nothing.</param>
    public SmtpMailer Mailer(int timeout = 25) => new(
        Options.Create(new SmtpOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, Security = SmtpSecurity.None, MaxConnections = 2, Timeout = TimeSpan.FromSeconds(timeout) }),
        TimeProvider.System, NullLogger<SmtpMailer>.Instance);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await Task.WhenAll([accepting, .. sessions]);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                Interlocked.Increment(ref connections);
                sessions.Add(TalkAsync(socket));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task TalkAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        var (sender, recipients) = ("", new List<string>());
        try
        {
            await SayAsync(stream, "220 test ESMTP");
            while (await LineAsync(stream) is { } line)
            {
                var command = Encoding.UTF8.GetString(line);
                Commands.Enqueue(command);
                var said = Answer(command);
                if (said is "")
                {
                    return;
                }

                if (said is Silence)
                {
                    continue;
                }

                switch (command.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await SayAsync(stream, "250-test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 10000000");
                        continue;
                    case "MAIL":
                        (sender, recipients) = (command, []);
                        break;
                    case "RCPT" when said is null:
                        recipients.Add(command["RCPT TO:".Length..]);
                        break;
                    case "DATA" when said is null:
                        await SayAsync(stream, "354 go on");
                        var mail = new Arrived(sender, recipients, await DataAsync(stream));
                        Mails.Enqueue(mail);
                        if (Taken(mail) is not { } answer)
                        {
                            break;
                        }
                        else if (answer.Length == 0)
                        {
                            return;
                        }
                        else
                        {
                            await SayAsync(stream, answer);
                            continue;
                        }

                    case "QUIT":
                        await SayAsync(stream, "221 bye");
                        return;
                }

                await SayAsync(stream, said ?? "250 OK");
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // the client hung up, or the test is over
        }
    }

    private async Task SayAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), stop.Token);

    private async Task<byte[]> DataAsync(NetworkStream stream)
    {
        using var data = new MemoryStream();
        while (await LineAsync(stream) is { } line && line is not [(byte)'.'])
        {
            data.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
            data.Write("\r\n"u8);
        }

        return data.ToArray();
    }

    /// <summary>Up to CR LF, without it; a CR or LF that stands alone is a byte as any other. Null at the end.</summary>
    private async Task<byte[]?> LineAsync(NetworkStream stream)
    {
        using var line = new MemoryStream();
        var one = new byte[1];
        while (await stream.ReadAsync(one, stop.Token) == 1)
        {
            line.WriteByte(one[0]);
            if (line.Length >= 2 && line.GetBuffer().AsSpan(0, (int)line.Length).EndsWith("\r\n"u8))
            {
                return line.ToArray()[..^2];
            }
        }

        return null;
    }
}
