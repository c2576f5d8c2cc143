using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Aerona.LocalServers;

/// <summary>
/// An SMTP server (Debian's aiosmtpd) that keeps every mail as an <c>.eml</c> file. Takes mail only after STARTTLS, with a certificate of its own for <c>localhost</c> and
/// 127.0.0.1, and a login.
/// </summary>
public sealed class Smtp : LocalServer
{
    private const string Package = "python3-aiosmtpd";
    private const string Python = "/usr/bin/python3";   // Debian's, which finds Debian's packages

    private Smtp(string folder, string mails)
        : base(folder) => Mails = Path.GetFullPath(mails);

    /// <summary>The folder that mails are put into; a mail's name starts with its date.</summary>
    public string Mails { get; }

    /// <summary>PEM file; a client that trusts it, trusts this server. .NET does when <c>SSL_CERT_FILE</c> names it.</summary>
    public string CertificateFile => Path.Combine(Folder, "certificate.pem");

    /// <summary>Starts it and waits until it greets.</summary>
    /// <param name="folder">Its certificate, users and log.</param>
    /// <param name="mails">Where mails are put.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static async Task<Smtp> StartAsync(string folder, string mails, CancellationToken cancellationToken)
    {
        if (!File.Exists(Python) || !Directory.Exists("/usr/lib/python3/dist-packages/aiosmtpd"))
        {
            throw Machine.Missing("aiosmtpd", Package);
        }

        var server = new Smtp(folder, mails);
        server.MakeCertificate();
        if (!File.Exists(server.UsersFile))
        {
            Machine.WritePrivate(server.UsersFile, "{}");
        }

        return await StartedAsync(server, cancellationToken);
    }

    /// <summary>Lets that user log in, from now on.</summary>
    public void AddUser(string user, string password)
    {
        var users = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(UsersFile))!;
        users[user] = password;
        Machine.WritePrivate(UsersFile, JsonSerializer.Serialize(users));
    }

    private string UsersFile => Path.Combine(Folder, "users.json");

    private string KeyFile => Path.Combine(Folder, "key.pem");

    private protected override async Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var program = Path.Combine(Folder, "smtp.py");
        await File.WriteAllTextAsync(program, ServerProcess.Resource("smtp.py"), cancellationToken);
        return await ServerProcess.StartAsync(
            "The SMTP server", [Python, "-P", program, Port.ToString(CultureInfo.InvariantCulture), Folder, Mails], Log,
            new Dictionary<string, string?> { ["PYTHONPATH"] = null, ["PYTHONHOME"] = null, ["PYTHONUTF8"] = "1" }, Folder, cancellationToken);
    }

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
            var greeting = new byte[4];
            return await socket.ReceiveAsync(greeting, cancellationToken) == 4 && Encoding.ASCII.GetString(greeting) == "220 ";
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void MakeCertificate()
    {
        if (File.Exists(CertificateFile))
        {
            return;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        Machine.WritePrivate(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }
}
