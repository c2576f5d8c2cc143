using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aerona.Messaging;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona secrets [--folder DIR]</c>: makes what docker-compose.yml reads from <c>.secrets/</c>. Every value is random and made once: it stands in
/// <c>values.env</c> and is kept from then on; the other files are written from it, one for each container. The folder is its owner's alone (700), and so is
/// every file (600).
/// </summary>
internal static partial class Secrets
{
    internal const string Values = "values.env";

    /// <summary>The secret of the program that <c>./aerona demo</c> is.</summary>
    internal const string DemoClient = "CLIENT_DEMO";

    private const string SigningKey = "signing.pem";
    private const string PushKey = "PUSH";
    private const string Definitions = "rabbitmq-definitions.json";
    private const int Length = 40;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Services with a database of their own; its name is its role's name too.</summary>
    private static readonly string[] Databases = ["operations", "airlines", "search", "bookings", "payments", "tickets", "notifications", "users", "sandbox"];

    /// <summary>Services on the bus.</summary>
    private static readonly string[] OnTheBus = ["operations", "airlines", "search", "bookings", "payments", "tickets", "notifications", "users"];

    /// <summary>Services that keep or read documents.</summary>
    private static readonly string[] WithDocuments = ["tickets", "notifications"];

    public static int Run(string[] args)
    {
        try
        {
            var arguments = new Arguments(args, ["folder"], []);
            if (arguments.Words.Count > 0)
            {
                throw new UsageException($"there is nothing to do with '{arguments.Words[0]}'");
            }

            var folder = Path.GetFullPath(arguments["folder"] ?? ".secrets");
            var written = Make(folder);
            Console.WriteLine(written.Count == 0 ? $"{folder}: all there, nothing changed" : $"{folder}: wrote {string.Join(", ", written)}");
            return 0;
        }
        catch (UsageException problem)
        {
            Console.Error.WriteLine($"aerona secrets: {problem.Message}");
            return 2;
        }
    }

    /// <summary>Makes what is missing; returns the names of the files that were written.</summary>
    /// <exception cref="UsageException">A file that is there cannot be used; the message says which line and why.</exception>
    internal static IReadOnlyList<string> Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new UsageException("the files would be everybody's to read: run it under Linux, macOS or WSL");
        }

        Directory.CreateDirectory(folder, OwnerReadsAndWrites | UnixFileMode.UserExecute);
        File.SetUnixFileMode(folder, OwnerReadsAndWrites | UnixFileMode.UserExecute);
        var values = Read(Path.Combine(folder, Values));
        // First the files for the containers are composed, which draws the missing values; then all is written, the values first.
        var files = Containers(name => values.TryGetValue(name, out var value) ? value : values[name] = Draw(name));
        List<string> written = [];
        Write(folder, Values, Lines(values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => (value.Key, value.Value))), written);
        foreach (var (name, content) in files)
        {
            Write(folder, name, content, written);
        }

        if (!File.Exists(Path.Combine(folder, SigningKey)))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(folder, SigningKey, key.ExportPkcs8PrivateKeyPem() + "\n", written);
        }

        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.SetUnixFileMode(file, OwnerReadsAndWrites);
        }

        return written;
    }

    /// <summary>By chance; of a key on P-256 its private part in hexadecimal.</summary>
    private static string Draw(string name)
    {
        if (name != PushKey)
        {
            return RandomNumberGenerator.GetString(Alphabet, Length);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToHexStringLower(key.ExportParameters(includePrivateParameters: true).D!);
    }

    private static List<(string Name, string Content)> Containers(Func<string, string> secret)
    {
        string Database(string name) => secret($"DATABASE_{name.ToUpperInvariant()}");
        string Broker(string name) => secret($"BROKER_{name.ToUpperInvariant()}");

        List<(string, string)> files =
        [
            ("postgres.env", Lines([
                ("POSTGRES_PASSWORD", secret("DATABASE_SUPERUSER")),
                .. Databases.Select(name => ($"AERONA_{name.ToUpperInvariant()}_PASSWORD", Database(name))),
            ])),
            (Definitions, BrokerDefinitions(Broker)),
            ("valkey.env", Lines([("AERONA_VALKEY_BOOKINGS_PASSWORD", secret("CACHE_BOOKINGS"))])),
            ("s3.env", Lines(WithDocuments.SelectMany(name => new[]
            {
                ($"AERONA_S3_{name.ToUpperInvariant()}_ACCESS_KEY", secret($"DOCUMENTS_{name.ToUpperInvariant()}_ACCESS")),
                ($"AERONA_S3_{name.ToUpperInvariant()}_SECRET_KEY", secret($"DOCUMENTS_{name.ToUpperInvariant()}_SECRET")),
            }))),
            ("mailpit.env", Lines([("MP_SMTP_AUTH", $"notifications:{secret("MAIL")}")])),
            ("elasticsearch.env", Lines([("ELASTIC_PASSWORD", secret("ELASTICSEARCH"))])),
        ];
        foreach (var name in Databases)
        {
            List<(string, string)> variables = [($"ConnectionStrings__{name}", $"Host=postgres;Port=5432;Database={name};Username={name};Password={Database(name)}")];
            if (OnTheBus.Contains(name))
            {
                variables.AddRange([("RabbitMq__Username", name), ("RabbitMq__Password", Broker(name))]);
            }

            if (WithDocuments.Contains(name))
            {
                variables.AddRange([
                    ("S3__AccessKey", secret($"DOCUMENTS_{name.ToUpperInvariant()}_ACCESS")),
                    ("S3__SecretKey", secret($"DOCUMENTS_{name.ToUpperInvariant()}_SECRET")),
                ]);
            }

            variables.AddRange(name switch
            {
                "bookings" => [("ConnectionStrings__redis", $"valkey:6379,user=bookings,password={secret("CACHE_BOOKINGS")}")],
                "payments" => [("PayPal__ClientSecret", secret("PAYPAL")), ("Tokens__ClientSecret", secret("CLIENT_PAYMENTS"))],
                "users" =>
                [
                    ("Users__MasterSecret", secret("USERS_MASTER")), ("Users__Clients__0__Secret", secret("CLIENT_PAYMENTS")), ("Users__Clients__1__Secret", secret(DemoClient)),
                ],
                "airlines" => [("Suppliers__zz__AccessToken", secret("ZZ")), ("Suppliers__zz__WebhookSecrets__0", secret("ZZ_WEBHOOKS"))],
                "sandbox" =>
                [
                    ("Sandbox__PayPal__ClientSecret", secret("PAYPAL")), ("Sandbox__Zz__AccessToken", secret("ZZ")),
                    ("Sandbox__Zz__WebhookSecret", secret("ZZ_WEBHOOKS")),
                ],
                "notifications" =>
                [
                    ("Smtp__Username", "notifications"), ("Smtp__Password", secret("MAIL")),
                    ("Webhooks__SealingSecret", secret("WEBHOOKS")), ("Push__PrivateKey", secret(PushKey)),
                ],
                _ => (IEnumerable<(string, string)>)[],
            });
            files.Add(($"{name}.env", Lines(variables)));
        }

        return files;
    }

    /// <summary>What RabbitMQ imports at start: a virtual host, and for each service a user without tags who may do there what it needs and no more.</summary>
    private static string BrokerDefinitions(Func<string, string> password) => JsonSerializer.Serialize(
        new
        {
            vhosts = new[] { new { name = "aerona" } },
            users = OnTheBus.Select(name => new
            {
                name,
                password_hash = Hash(password(name)),
                hashing_algorithm = "rabbit_password_hashing_sha256",
                tags = Array.Empty<string>(),
            }),
            permissions = OnTheBus.Select(name => (Name: name, Rights: RabbitMqRights.Of(name))).Select(user => new
            {
                user = user.Name,
                vhost = "aerona",
                configure = user.Rights.Configure,
                write = user.Rights.Write,
                read = user.Rights.Read,
            }),
        },
        Readable) + "\n";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// RabbitMQ's salted SHA-256: four bytes of salt, then the hash of salt and password. The salt is drawn from the password itself, which is random and as long as
    /// a key: so the same password gives the same file.
    /// </summary>
    private static string Hash(string password)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        var salt = HMACSHA256.HashData(secret, "aerona broker salt"u8)[..4];
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. secret])]);
    }

    private static Dictionary<string, string> Read(string file)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (var (number, line) in File.Exists(file) ? File.ReadLines(file).Index() : [])
        {
            if (Line().Match(line) is not { Success: true } match || !values.TryAdd(match.Groups["name"].Value, match.Groups["value"].Value))
            {
                throw new UsageException($"{file}, line {number + 1}: not NAME=value, with a name once and 16 to 128 letters and digits as its value");
            }
        }

        return values;
    }

    private static string Lines(IEnumerable<(string Name, string Value)> variables) =>
        string.Concat(variables.Select(variable => $"{variable.Name}={variable.Value}\n"));

    private static void Write(string folder, string name, string content, List<string> written)
    {
        var file = Path.Combine(folder, name);
        if (File.Exists(file) && File.ReadAllText(file) == content)
        {
            return;
        }

        var draft = Path.Combine(folder, $".{name}.draft");
        File.Delete(draft);
        // Nobody else's from its first byte on, and whole when it has its name.
        var exclusively = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            exclusively.UnixCreateMode = OwnerReadsAndWrites;
        }

        using (var stream = new FileStream(draft, exclusively))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
        written.Add(name);
    }

    [GeneratedRegex("^(?<name>[A-Z0-9_]+)=(?<value>[A-Za-z0-9]{16,128})$")]
    private static partial Regex Line();
}
