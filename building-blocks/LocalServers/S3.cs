using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aerona.LocalServers;

/// <summary>A key to an S3 bucket.</summary>
/// <param name="AccessKey">Public half.</param>
/// <param name="SecretKey">Secret half.</param>
public sealed record S3Key(string AccessKey, string SecretKey);

/// <summary>
/// An S3-compatible server: Debian's OpenStack Swift, with account, container, object and proxy server in the smallest arrangement there is (one device, one copy).
/// A user may do nothing but in the buckets that it was given.
/// </summary>
public sealed partial class S3 : LocalServer
{
    private const string Account = "aerona";
    private const string Administrator = "administrator";
    private const string Device = "device";

    private static readonly string[] Kinds = ["account", "container", "object"];
    private readonly Dictionary<string, int> ports;
    private readonly SortedDictionary<string, string> users;

    private S3(string folder)
        : base(folder)
    {
        ports = Kinds.Append("memcached").ToDictionary(name => name, name => Machine.KeptPort(Path.Combine(Folder, $"{name}-port")));
        users = File.Exists(UsersFile) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(UsersFile))! : new() { [Administrator] = Machine.Secret() };
    }

    /// <summary>Its address, path style.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    /// <summary>The only region there is.</summary>
    public static string Region => "us-east-1";

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="folder">Its configuration and everything it stores.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="users">Users that will want buckets; one that comes later costs a restart.</param>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static async Task<S3> StartAsync(string folder, CancellationToken cancellationToken, params string[] users)
    {
        foreach (var program in new[] { "proxy", "account", "container", "object" })
        {
            _ = Server(program);
        }

        var server = new S3(folder);
        foreach (var user in users)
        {
            server.MakeUser(user);
        }

        server.Configure();
        await server.MakeRingsAsync(cancellationToken);
        return await StartedAsync(server, cancellationToken);
    }

    /// <summary>Makes the private bucket unless it is there and gives the user, who is made likewise, the right to list, read, write and delete in it.</summary>
    /// <param name="bucket">Its name.</param>
    /// <param name="user">Who may do all that in it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="readers">Other users, who may list and read.</param>
    /// <returns>The user's key: one for all its buckets.</returns>
    public async Task<S3Key> AddBucketAsync(string bucket, string user, CancellationToken cancellationToken, params string[] readers)
    {
        if (!Names().IsMatch(bucket))
        {
            throw new ArgumentException($"'{bucket}' cannot name a bucket: 3 to 63 lower-case letters, digits and -", nameof(bucket));
        }

        if (readers.Append(user).Count(MakeUser) > 0)
        {
            Configure();
            await DisposeAsync();
            await StartAgainAsync(cancellationToken);
        }

        using var http = Client();
        var (storage, token) = await SignInAsync(http, cancellationToken);
        // The second holds the parts of uploads in parts; only an administrator may make either.
        foreach (var container in new[] { bucket, $"{bucket}+segments" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{storage}/{Uri.EscapeDataString(container)}");
            request.Headers.Add("X-Auth-Token", token);
            request.Headers.Add("X-Container-Read", string.Join(',', readers.Append(user).Select(name => $"{Account}:{name}")));
            request.Headers.Add("X-Container-Write", $"{Account}:{user}");
            using var response = await http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
        }

        return KeyOf(user);
    }

    /// <summary>The key of a user that was made.</summary>
    public S3Key KeyOf(string user) => new($"{Account}:{user}", users[user]);

    private string UsersFile => Path.Combine(Folder, "users.json");

    private protected override Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        _ = Machine.Program("memcached", "memcached");
        return ServerProcess.StartAsync(
            "The S3 server",
            [
                "/bin/sh", "-c", ServerProcess.Resource("swift.sh"), "swift", Folder, ports["memcached"].ToString(CultureInfo.InvariantCulture),
                .. Kinds.Append("proxy").Select(Server),
            ],
            Log, Variables, Folder, cancellationToken);
    }

    /// <summary>All listen, signing in finds memcached, and a look into the account the account server.</summary>
    private protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        foreach (var port in ports.Values)
        {
            if (!await Machine.ListensAsync(port, cancellationToken))
            {
                return false;
            }
        }

        try
        {
            using var http = Client();
            var (storage, token) = await SignInAsync(http, cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Get, storage);
            request.Headers.Add("X-Auth-Token", token);
            using var response = await http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;   // too slow an answer is none yet
        }
    }

    private async Task<(string Storage, string Token)> SignInAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/v1.0");
        request.Headers.Add("X-Auth-User", $"{Account}:{Administrator}");
        request.Headers.Add("X-Auth-Key", users[Administrator]);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (response.Headers.GetValues("X-Storage-Url").Single(), response.Headers.GetValues("X-Auth-Token").Single());
    }

    private HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Endpoint, Timeout = TimeSpan.FromMinutes(1) };

    /// <returns>True when it is new.</returns>
    private bool MakeUser(string user)
    {
        if (!Names().IsMatch(user) || user == Administrator)
        {
            throw new ArgumentException($"'{user}' cannot name a user: 3 to 63 lower-case letters, digits and -", nameof(user));
        }

        return users.TryAdd(user, Machine.Secret());
    }

    private void Configure()
    {
        Machine.WritePrivate(UsersFile, JsonSerializer.Serialize(users));
        Directory.CreateDirectory(Path.Combine(Folder, "devices", Device));
        File.WriteAllText(Path.Combine(Folder, "swift.conf"), $"""
            [swift-hash]
            swift_hash_path_suffix = {Machine.KeptSecret(Path.Combine(Folder, "hash-suffix"))}

            """);
        foreach (var kind in Kinds)
        {
            File.WriteAllText(Path.Combine(Folder, $"{kind}-server.conf"), $"""
                [DEFAULT]
                {Common(ports[kind])}
                devices = {Path.Combine(Folder, "devices")}
                mount_check = false
                disable_fallocate = true

                [pipeline:main]
                pipeline = {kind}-server

                [app:{kind}-server]
                use = egg:swift#{kind}
                # A listing is right at once, even on a slow machine.
                container_update_timeout = 30
                node_timeout = 60
                conn_timeout = 10

                """);
        }

        // A user without .admin may do what the access lists of containers allow, and no more.
        var lines = new StringBuilder();
        foreach (var (user, key) in users)
        {
            lines.Append(CultureInfo.InvariantCulture, $"user_{Account}_{user} = {key}{(user == Administrator ? " .admin" : "")}\n");
        }

        Machine.WritePrivate(Path.Combine(Folder, "proxy-server.conf"), $"""
            [DEFAULT]
            {Common(Port)}

            [pipeline:main]
            pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo proxy-server

            [app:proxy-server]
            use = egg:swift#proxy
            account_autocreate = true
            # There is no other device to turn to: ask it again rather than shut it out for a minute.
            error_suppression_limit = 1000000
            node_timeout = 60
            conn_timeout = 10

            [filter:tempauth]
            use = egg:swift#tempauth
            {lines}
            [filter:s3api]
            use = egg:swift#s3api
            location = {Region}
            # Access lists of Swift, which name users.
            s3_acl = false
            dns_compliant_bucket_names = true

            [filter:cache]
            use = egg:swift#memcache
            memcache_servers = 127.0.0.1:{ports["memcached"]}

            [filter:catch_errors]
            use = egg:swift#catch_errors
            [filter:gatekeeper]
            use = egg:swift#gatekeeper
            [filter:healthcheck]
            use = egg:swift#healthcheck
            [filter:listing_formats]
            use = egg:swift#listing_formats
            [filter:bulk]
            use = egg:swift#bulk
            [filter:copy]
            use = egg:swift#copy
            [filter:slo]
            use = egg:swift#slo
            [filter:dlo]
            use = egg:swift#dlo

            """);
    }

    private string Common(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        bind_ip = 127.0.0.1
        bind_port = {port}
        workers = 0
        user = {Environment.UserName}
        swift_dir = {Folder}
        log_level = WARNING
        """);

    /// <summary>Where what is stored. Made anew at every start, as a port may have changed: there is one device, and what lies on it stays.</summary>
    private Task MakeRingsAsync(CancellationToken cancellationToken) => ServerProcess.RunAsync(
        [
            "/usr/bin/python3", "-c", ServerProcess.Resource("swift-rings.py"), Folder, Device,
            .. Kinds.SelectMany(kind => new[] { kind, ports[kind].ToString(CultureInfo.InvariantCulture) }),
        ],
        Variables, Folder, cancellationToken);

    private static readonly Dictionary<string, string?> Variables = new() { ["PYTHONPATH"] = null, ["PYTHONHOME"] = null, ["http_proxy"] = null, ["https_proxy"] = null };

    private static string Server(string kind) => Machine.Program($"swift-{kind}-server", $"swift-{kind}");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{2,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
