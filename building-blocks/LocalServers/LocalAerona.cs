using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Aerona.Messaging;

namespace Aerona.LocalServers;

/// <summary>How to run all of Aerona on this machine.</summary>
public sealed class LocalAeronaPlan
{
    /// <summary>Everything is kept here: data, logs, ports and secrets; the same folder again goes on where it stopped.</summary>
    public required string Folder { get; init; }

    /// <summary>The gateway's port; null: a free one, kept from then on.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>How many processes of a service, such as <c>bookings</c>; one of each that is not named.</summary>
    public IReadOnlyDictionary<string, int> Replicas { get; init; } = new Dictionary<string, int>();

    /// <summary>Settings of every process on top of those that it needs, such as <c>World:Days</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>What the services are told in <c>ASPNETCORE_ENVIRONMENT</c>. The sandbox, which refuses Production, is always told Sandbox.</summary>
    public string EnvironmentName { get; init; } = "Sandbox";

    /// <summary>Whether the house airline fails as the sandbox's scenarios say (the plug-in of services/Sandbox).</summary>
    public bool AirlineScenarios { get; init; } = true;

    /// <summary>Told, in words, how far the start is.</summary>
    public Action<string> Progress { get; init; } = _ => { };
}

/// <summary>
/// All of Aerona, one process per service behind the gateway, on PostgreSQL, RabbitMQ, Redis, SMTP and S3 servers of its own; each with its own role, broker user,
/// key and password, which are random and kept in the data folder. All of it ends with this process, however that ends.
/// </summary>
public sealed class LocalAerona : IAsyncDisposable
{
    private const string VirtualHost = "aerona";
    private const string Bucket = "aerona-documents";

    private readonly LocalAeronaPlan options;
    private readonly string root;
    private readonly string configuration;
    private readonly Dictionary<string, IReadOnlyList<LocalProcess>> services = [];
    private readonly Dictionary<string, string> connectionStrings = [];
    private string? publicBaseUrl;
    private S3Key? ticketsKey;
    private S3Key? notificationsKey;
    private PostgreSql? postgreSql;
    private RabbitMq? rabbitMq;
    private Redis? redis;
    private Smtp? smtp;
    private S3? s3;

    private LocalAerona(LocalAeronaPlan options)
    {
        this.options = options;
        Folder = Path.GetFullPath(options.Folder);
        (root, configuration) = Built();
    }

    /// <summary>The services by their database's name, in the order of a booking; the folders and names they go by.</summary>
    private static readonly (string Service, string Project, string Name)[] All =
    [
        ("sandbox", "Sandbox", "sandbox"),
        ("users", "Users", "user-service"),
        ("operations", "Operations", "operations-service"),
        ("airlines", "Airlines", "airline-integration-service"),
        ("search", "Search", "flight-search-service"),
        ("bookings", "Bookings", "booking-service"),
        ("payments", "Payments", "payment-service"),
        ("tickets", "Tickets", "ticket-service"),
        ("notifications", "Notifications", "notification-service"),
    ];

    /// <summary>The sandbox speaks HTTP only.</summary>
    private static IEnumerable<string> OnTheBus => All.Select(service => service.Service).Where(service => service != "sandbox");

    /// <summary>Data, logs, ports and secrets.</summary>
    public string Folder { get; }

    /// <summary>The one public address.</summary>
    public Uri Gateway => new(PublicBaseUrl);

    /// <summary>The processes by module, such as <c>bookings</c>; <c>gateway</c> and <c>sandbox</c> too.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<LocalProcess>> Services => services;

    /// <summary>One database and role per service.</summary>
    public PostgreSql PostgreSql => postgreSql!;

    /// <summary>Virtual host <c>aerona</c>, one user per service.</summary>
    public RabbitMq RabbitMq => rabbitMq!;

    /// <summary>The second level of caches.</summary>
    public Redis Redis => redis!;

    /// <summary>Keeps the mails where the sandbox's mailbox shows them.</summary>
    public Smtp Smtp => smtp!;

    /// <summary>Keeps the documents.</summary>
    public S3 S3 => s3!;

    /// <summary>The file among the secrets that holds the one of the program <c>aerona-demo</c>, which is staff here.</summary>
    public const string DemoSecret = "client-demo";

    /// <summary>The key that signs guests' tokens and the links in mails.</summary>
    private string SigningKeyFile => Path.Combine(Folder, "keys", "signing.pem");

    /// <summary>Everything that runs, servers first.</summary>
    public IReadOnlyList<(string Name, LocalServer Server)> Running =>
    [
        ("postgresql", PostgreSql), ("rabbitmq", RabbitMq), ("redis", Redis), ("s3", S3), ("smtp", Smtp),
        .. services.Values.SelectMany(each => each).Select(process => (process.Name, (LocalServer)process)),
    ];

    /// <summary>The service's own role at its own database.</summary>
    public string ConnectionString(string service) => connectionStrings[service];

    /// <summary>Starts the servers, then all services; returns when all are ready. What started is stopped again when something does not.</summary>
    /// <exception cref="InvalidOperationException">A package is missing, a service is not built or something does not start; the message says what.</exception>
    public static async Task<LocalAerona> StartAsync(LocalAeronaPlan options, CancellationToken cancellationToken)
    {
        var aerona = new LocalAerona(options);
        try
        {
            Directory.CreateDirectory(aerona.Folder);
            aerona.MakeSigningKey();
            options.Progress("Starting PostgreSQL, RabbitMQ, Redis, S3 and SMTP ...");
            await aerona.StartServersAsync(cancellationToken);
            aerona.PlanServices();
            options.Progress("Starting the services ...");
            await aerona.StartServicesAsync(cancellationToken);
            await aerona.WaitUntilReadyAsync(cancellationToken);
            return aerona;
        }
        catch
        {
            await aerona.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits, for two minutes at the longest, until every process is ready and the gateway has seen that it is: such as after one was started again.</summary>
    /// <exception cref="InvalidOperationException">Some are not; the message says what the gateway answers.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var processes = services.Values.SelectMany(each => each).ToList();
        var gateway = services["gateway"][0];
        try
        {
            while (!(await Task.WhenAll(processes.Select(process => process.IsReadyAsync(limit.Token)))).All(ready => ready) || !await gateway.IsHealthyAsync(limit.Token))
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"not everything is ready after two minutes; the gateway says: {await gateway.HealthAsync(cancellationToken)}");
        }
    }

    /// <summary>Stops what runs, in order: the gateway, the services, the servers.</summary>
    public async ValueTask DisposeAsync()
    {
        if (services.TryGetValue("gateway", out var gateway))
        {
            await DisposeAsync(gateway);
        }

        await DisposeAsync(services.Where(service => service.Key != "gateway").SelectMany(service => service.Value));
        await DisposeAsync(new LocalServer?[] { postgreSql, rabbitMq, redis, smtp, s3 }.OfType<LocalServer>());
    }

    /// <summary>Kills what runs.</summary>
    public Task KillAsync() => Task.WhenAll(
        services.Values.SelectMany(each => each).Concat(new LocalServer?[] { postgreSql, rabbitMq, redis, smtp, s3 }.OfType<LocalServer>()).Select(server => server.KillAsync()));

    private static Task DisposeAsync(IEnumerable<LocalServer> servers) => Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));

    private Task StartServersAsync(CancellationToken cancellationToken) => TogetherAsync(
        [
            StartPostgreSqlAsync,
            StartRabbitMqAsync,
            async stop => redis = await Redis.StartAsync(Path.Combine(Folder, "redis"), stop),
            StartS3Async,
            StartSmtpAsync,
        ],
        cancellationToken);

    private async Task StartPostgreSqlAsync(CancellationToken cancellationToken)
    {
        postgreSql = await PostgreSql.StartAsync(Path.Combine(Folder, "postgresql"), cancellationToken);
        foreach (var (service, _, _) in All)
        {
            connectionStrings[service] = await postgreSql.AddDatabaseAsync(service, service, Secret($"database-{service}"), cancellationToken);
        }
    }

    private async Task StartRabbitMqAsync(CancellationToken cancellationToken)
    {
        rabbitMq = await RabbitMq.StartAsync(Path.Combine(Folder, "rabbitmq"), cancellationToken);
        await rabbitMq.AddUsersAsync(
            VirtualHost,
            [.. OnTheBus.Select(service => (Service: service, Rights: RabbitMqRights.Of(service)))
                .Select(user => new RabbitMqUser(user.Service, Secret($"broker-{user.Service}"), user.Rights.Configure, user.Rights.Write, user.Rights.Read))],
            cancellationToken);
    }

    private async Task StartS3Async(CancellationToken cancellationToken)
    {
        s3 = await S3.StartAsync(Path.Combine(Folder, "s3"), cancellationToken, "tickets", "notifications");
        ticketsKey = await s3.AddBucketAsync(Bucket, "tickets", cancellationToken, "notifications");
        notificationsKey = s3.KeyOf("notifications");
    }

    private async Task StartSmtpAsync(CancellationToken cancellationToken)
    {
        smtp = await Smtp.StartAsync(Path.Combine(Folder, "smtp"), Path.Combine(Folder, "sandbox", "mail"), cancellationToken);
        smtp.AddUser("notifications", Secret("mail"));
    }

    /// <summary>Fixes every address before the first starts, as they know each other by address.</summary>
    private void PlanServices()
    {
        // The gateway is told where the services are, they are told what it is called: its port comes first.
        var gatewayFolder = Path.Combine(Folder, "gateway");
        var gatewayPort = options.GatewayPort ?? Machine.KeptPort(Path.Combine(Directory.CreateDirectory(gatewayFolder).FullName, "port"));
        publicBaseUrl = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{gatewayPort}");
        foreach (var (service, project, name) in All)
        {
            services[service] = [.. Enumerable.Range(1, Math.Max(1, options.Replicas.GetValueOrDefault(service, 1))).Select(number =>
                Plan(number == 1 ? name : $"{name}-{number}", project, null, process => Settings(service, process)))];
        }

        services["gateway"] = [Plan("gateway", "Gateway", gatewayPort, GatewaySettings)];
    }

    private LocalProcess Plan(string name, string project, int? port, Func<LocalProcess, IReadOnlyDictionary<string, string>> settings) =>
        new(name, Path.Combine(Folder, name), Program(project), port, settings);

    /// <summary>Together, as in a cluster: each waits for what it needs. But who publishes flights at the very first start comes when those who listen have their queues.</summary>
    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        await TogetherAsync([.. Starts(service => service != "operations")], cancellationToken);
        await TogetherAsync([.. Starts(service => service == "operations")], cancellationToken);
    }

    private IEnumerable<Func<CancellationToken, Task>> Starts(Func<string, bool> which) =>
        services.Where(service => which(service.Key)).SelectMany(service => service.Value).Select(process => (Func<CancellationToken, Task>)process.StartAgainAsync);

    /// <summary>Waits for all. The first failure is thrown once the others, which need not go on, have stopped.</summary>
    private static async Task TogetherAsync(IReadOnlyList<Func<CancellationToken, Task>> starts, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? first = null;
        await Task.WhenAll(starts.Select(start => Task.Run(async () =>
        {
            try
            {
                await start(stop.Token);
            }
            catch (Exception problem)
            {
                Interlocked.CompareExchange(ref first, problem, null);
                await stop.CancelAsync();
            }
        })));
        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    /// <summary>What a service is told, by environment variables as everywhere.</summary>
    private Dictionary<string, string> Settings(string service, LocalProcess process)
    {
        var settings = Common(process);
        settings["ConnectionStrings:" + service] = connectionStrings[service];
        settings["Tokens:SigningKeyFile"] = SigningKeyFile;
        settings["Services:Users"] = string.Join(';', Addresses("users"));
        if (service != "sandbox")
        {
            settings["RabbitMq:Host"] = "127.0.0.1";
            settings["RabbitMq:Port"] = Text(RabbitMq.Port);
            settings["RabbitMq:VirtualHost"] = VirtualHost;
            settings["RabbitMq:Username"] = service;
            settings["RabbitMq:Password"] = Secret($"broker-{service}");
        }

        switch (service)
        {
            case "sandbox":
                settings["ASPNETCORE_ENVIRONMENT"] = "Sandbox";
                settings["Sandbox:PayPal:ClientSecret"] = Secret("paypal");
                settings["Sandbox:PayPal:PublicBaseUrl"] = PublicBaseUrl;
                settings["Sandbox:Zz:AccessToken"] = Secret("zz");
                settings["Sandbox:Zz:WebhookSecret"] = Secret("zz-webhooks");
                settings["Sandbox:Zz:WebhookUrl"] = $"{PublicBaseUrl}/v1/webhooks/airlines/zz";
                break;
            case "airlines":
                settings["Suppliers:zz:Protocol"] = "duffel";
                settings["Suppliers:zz:BaseUrl"] = $"{Addresses("sandbox")[0]}/sandbox/zz";
                settings["Suppliers:zz:AccessToken"] = Secret("zz");
                settings["Suppliers:zz:WebhookSecrets:0"] = Secret("zz-webhooks");
                if (options.AirlineScenarios)
                {
                    settings["Plugins:0"] = Program("Sandbox");
                }

                break;
            case "bookings":
                settings["ForwardedHeaders:KnownProxies"] = "127.0.0.0/8";
                settings["Services:Airlines"] = Addresses("airlines")[0];
                settings["ConnectionStrings:redis"] = Redis.ConnectionString;
                settings.TryAdd("LookUp:PerAddress", "10000");   // everybody calls from this one machine
                break;
            case "users":
                settings["Users:MasterSecret"] = Secret("users-master");
                AddClient(settings, 0, "payment-service", Secret("client-payments"), ["airlines", "tickets"], ["service"]);
                if (options.EnvironmentName == "Sandbox")
                {
                    AddClient(settings, 1, "aerona-demo", Secret(DemoSecret), [.. OnTheBus.Where(other => other != "users")], ["support", "finance", "operations"]);
                }

                break;
            case "payments":
                settings["Tokens:ClientId"] = "payment-service";
                settings["Tokens:ClientSecret"] = Secret("client-payments");
                settings["Services:Airlines"] = Addresses("airlines")[0];
                settings["Services:Tickets"] = Addresses("tickets")[0];
                settings["PayPal:BaseUrl"] = $"{Addresses("sandbox")[0]}/sandbox/paypal";
                settings["PayPal:ClientId"] = "aerona-sandbox";
                settings["PayPal:ClientSecret"] = Secret("paypal");
                settings["PayPal:WebhookUrl"] = $"{PublicBaseUrl}/v1/webhooks/paypal";
                break;
            case "tickets":
                AddDocuments(settings, ticketsKey!);
                break;
            case "notifications":
                AddDocuments(settings, notificationsKey!);
                settings["Smtp:Host"] = "localhost";
                settings["Smtp:Port"] = Text(Smtp.Port);
                settings["Smtp:Security"] = "StartTls";
                settings["Smtp:Username"] = "notifications";
                settings["Smtp:Password"] = Secret("mail");
                settings["Smtp:TrustedCertificateFile"] = Smtp.CertificateFile;
                settings["Smtp:CheckCertificateRevocation"] = "false";   // nobody but itself vouches for it
                break;
        }

        return Variables(settings);
    }

    private static void AddClient(Dictionary<string, string> settings, int at, string id, string secret, IReadOnlyList<string> scopes, IReadOnlyList<string> roles)
    {
        var key = $"Users:Clients:{at}";
        (settings[$"{key}:ClientId"], settings[$"{key}:Name"], settings[$"{key}:Secret"]) = (id, id, secret);
        foreach (var (name, values) in new[] { ("Scopes", scopes), ("Roles", roles) })
        {
            foreach (var (value, index) in values.Select((value, index) => (value, index)))
            {
                settings[$"{key}:{name}:{index}"] = value;
            }
        }
    }

    private Dictionary<string, string> GatewaySettings(LocalProcess process)
    {
        var settings = Common(process);
        // Both loopback addresses: "localhost" is what people type.
        settings["ASPNETCORE_URLS"] = PublicBaseUrl;
        settings["ConnectionStrings:redis"] = Redis.ConnectionString;
        settings.TryAdd("RateLimits:Factor", "1000");   // everybody calls from this one machine
        foreach (var (service, project, _) in All)
        {
            settings[$"Services:{project}"] = string.Join(';', Addresses(service));
        }

        return Variables(settings);
    }

    private Dictionary<string, string> Common(LocalProcess process) => new(options.Settings)
    {
        ["ASPNETCORE_ENVIRONMENT"] = options.EnvironmentName,
        ["ASPNETCORE_URLS"] = process.Address.GetLeftPart(UriPartial.Authority),
        ["PublicBaseUrl"] = PublicBaseUrl,
        ["Data:Folder"] = process.Folder,
        // Ten processes on one machine: a young generation of 4 MiB instead of the size of the processor's cache, and memory that was freed is given back.
        ["DOTNET_GCgen0size"] = "0x400000",
        ["MALLOC_ARENA_MAX"] = "2",
        ["MALLOC_MMAP_THRESHOLD_"] = "65536",
        ["MALLOC_TRIM_THRESHOLD_"] = "65536",
    };

    private void AddDocuments(Dictionary<string, string> settings, S3Key key)
    {
        settings["S3:Bucket"] = Bucket;
        settings["S3:Endpoint"] = S3.Endpoint.GetLeftPart(UriPartial.Authority);
        settings["S3:Region"] = S3.Region;
        settings["S3:AccessKey"] = key.AccessKey;
        settings["S3:SecretKey"] = key.SecretKey;
    }

    private static Dictionary<string, string> Variables(Dictionary<string, string> settings) =>
        settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    private List<string> Addresses(string service) => [.. services[service].Select(process => process.Address.GetLeftPart(UriPartial.Authority))];

    private string PublicBaseUrl => publicBaseUrl!;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Secret(string name) => Machine.KeptSecret(Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "secrets")).FullName, name));

    private void MakeSigningKey()
    {
        if (!File.Exists(SigningKeyFile))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(SigningKeyFile)!);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Machine.WritePrivate(SigningKeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }

    private string Program(string project)
    {
        var program = Path.Combine(root, "services", project, "bin", configuration, "net10.0", $"Aerona.{project}.dll");
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException($"services/{project} is not built as {configuration}: dotnet build services/AllInOne -c {configuration}");
    }

    /// <summary>The services lie beside the program that runs, built as it is: <c>…/bin/{configuration}/net10.0</c> below the folder with the solution.</summary>
    private static (string Root, string Configuration) Built()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = output; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aerona.sln")) && output.Parent is { } configuration)
            {
                return (folder.FullName, configuration.Name);
            }
        }

        throw new InvalidOperationException($"{output.FullName} lies in no checkout of Aerona with its services beside it");
    }
}
