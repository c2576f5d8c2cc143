using System.Collections.Concurrent;
using System.Globalization;
using Aerona.LocalServers;
using MassTransit;
using Npgsql;

[assembly: AssemblyFixture(typeof(Aerona.Messaging.Tests.Servers))]

namespace Aerona.Messaging.Tests;

/// <summary>Where two services have their data and their bus: a folder, or databases and a virtual host of their own. It outlives the hosts that use it.</summary>
public sealed class Place : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aerona-messaging-");
    private readonly Func<Task> _clean;

    private Place(IReadOnlyDictionary<string, string> settings, Func<Task> clean)
    {
        Settings = new Dictionary<string, string>(settings) { ["Data:Folder"] = _folder.FullName };
        _clean = clean;
    }

    public string Folder => _folder.FullName;

    /// <summary>What a host needs to be told to use it.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    public bool IsEmbedded => !Settings.ContainsKey("RabbitMq:Host");

    public static Place Embedded() => new(new Dictionary<string, string>(), () => Task.CompletedTask);

    /// <summary>Where another process is.</summary>
    public static Place Given(IReadOnlyDictionary<string, string> settings) => new(settings, () => Task.CompletedTask);

    /// <summary>The same, told something else.</summary>
    public Place With(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(Settings);
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return Given(all);
    }

    public static Place OnServers(IReadOnlyDictionary<string, string> settings, Func<Task> clean) => new(settings, clean);

    /// <summary>What a process that is killed now would leave. On servers that is what stands there.</summary>
    public Place CrashImage()
    {
        if (!IsEmbedded)
        {
            return this;
        }

        var image = Embedded();
        foreach (var file in Directory.GetFiles(Folder).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(image.Folder, Path.GetFileName(file)));
        }

        return image;
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder.Exists)
        {
            await _clean();
            _folder.Delete(recursive: true);
            _folder.Refresh();
        }
    }
}

/// <summary>One PostgreSQL and one RabbitMQ for all tests that ask for them, started with the first; each test gets databases and a virtual host of its own.</summary>
public sealed class Servers : IAsyncDisposable
{
    private const string User = "tests", Password = "tests";
    private const int HostsAtOnce = 12;   // the broker's tool takes a second to start, whatever it is told

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly ConcurrentQueue<string> _virtualHosts = [];
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"aerona-servers-{Guid.NewGuid():N}"));   // PostgreSQL runs as somebody else who must get in
    private int _count;

    public PostgreSql PostgreSql { get; private set; } = null!;

    public RabbitMq RabbitMq { get; private set; } = null!;

    public async Task<Place> NewPlaceAsync()
    {
        await _one.WaitAsync();
        try
        {
            if (PostgreSql is null)
            {
                var (postgreSql, rabbitMq) = (
                    PostgreSql.StartAsync(Path.Combine(_folder.FullName, "postgresql"), CancellationToken.None),
                    RabbitMq.StartAsync(Path.Combine(_folder.FullName, "rabbitmq"), CancellationToken.None));
                (PostgreSql, RabbitMq) = (await postgreSql, await rabbitMq);
                await ExecuteAsync($"CREATE ROLE {User} LOGIN PASSWORD '{Password}'");
            }

            if (_virtualHosts.IsEmpty)
            {
                await AddVirtualHostsAsync();
            }
        }
        finally
        {
            _one.Release();
        }

        Assert.True(_virtualHosts.TryDequeue(out var name));
        await ExecuteAsync($"CREATE DATABASE trips_{name} OWNER {User}");
        await ExecuteAsync($"CREATE DATABASE seats_{name} OWNER {User}");
        return Place.OnServers(
            new Dictionary<string, string>
            {
                ["ConnectionStrings:trips"] = ConnectionString($"trips_{name}"),
                ["ConnectionStrings:seats"] = ConnectionString($"seats_{name}"),
                ["RabbitMq:Host"] = "127.0.0.1",
                ["RabbitMq:Port"] = RabbitMq.Port.ToString(CultureInfo.InvariantCulture),
                ["RabbitMq:VirtualHost"] = name,
                ["RabbitMq:Username"] = User,
                ["RabbitMq:Password"] = Password,
            },
            () =>
            {
                NpgsqlConnection.ClearAllPools();   // idle connections of databases that nobody will use again
                return Task.CompletedTask;
            });
    }

    /// <summary>Another database on the same server, and its connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var place = await NewPlaceAsync();
        return place.Settings["ConnectionStrings:trips"];
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgreSql.AdminConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        var delayed = "";
        if (RabbitMq is not null)
        {
            // Whatever the suite did: nothing may ask the broker for its plugin for delays.
            delayed = await RabbitMq.ControlAsync(
                CancellationToken.None, "eval",
                """[N || V <- rabbit_vhost:list_names(), X <- rabbit_exchange:list(V), {resource, _, exchange, N} <- [element(2, X)], """
                + """(binary:match(N, <<"_delay">>) =/= nomatch) orelse (element(3, X) =:= 'x-delayed-message')].""");
            await RabbitMq.DisposeAsync();
        }

        if (PostgreSql is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await PostgreSql.DisposeAsync();
        }

        _folder.Delete(recursive: true);
        Assert.Equal("[]", delayed is "" ? "[]" : delayed.Trim());
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = PostgreSql.Port,
        Database = database,
        Username = User,
        Password = Password,
    }.ConnectionString;

    private async Task AddVirtualHostsAsync()
    {
        if (_count == 0)
        {
            await RabbitMq.AddUserAsync("first", User, Password, "", "", "", CancellationToken.None);
        }

        var names = Enumerable.Range(0, HostsAtOnce).Select(_ => $"t{++_count}").ToList();
        var rights = RabbitMqRights.Of("tests");   // what a service's user has, and no more
        var add = string.Join(", ", names.Select(name =>
            $"ok = rabbit_vhost:add({Text(name)}, {Text("tests")}), ok = rabbit_auth_backend_internal:set_permissions("
            + $"{Text(User)}, {Text(name)}, {Text(rights.Configure)}, {Text(rights.Write)}, {Text(rights.Read)}, {Text("tests")})"));
        await RabbitMq.ControlAsync(CancellationToken.None, "eval", $"{add}, ok.");
        names.ForEach(_virtualHosts.Enqueue);
    }

    private static string Text(string value) => $"<<\"{value.Replace("\\", "\\\\", StringComparison.Ordinal)}\">>";
}

/// <summary>Tests that must hold in one process with files and on servers alike.</summary>
public abstract class OnEitherStack(Servers? servers) : IAsyncLifetime
{
    private Place? _place;

    private protected Place Place => _place!;

    public async ValueTask InitializeAsync() => _place = servers is null ? Place.Embedded() : await servers.NewPlaceAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Place.DisposeAsync();
    }
}
