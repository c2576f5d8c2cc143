using System.Reflection;
using Aerona.Airlines;
using Aerona.Bookings;
using Aerona.Notifications;
using Aerona.Operations;
using Aerona.Payments;
using Aerona.Persistence;
using Aerona.Sandbox;
using Aerona.Search;
using Aerona.Tickets;
using Aerona.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aerona.Messaging.Tests;

/// <summary>Every service's schema on PostgreSQL.</summary>
public sealed class MigrationTests(Servers servers)
{
    private static readonly Dictionary<string, Action<WebApplicationBuilder>> Services = new(StringComparer.Ordinal)
    {
        ["operations"] = builder => builder.AddOperations(),
        ["airlines"] = builder => builder.AddAirlines(),
        ["search"] = builder => builder.AddSearch(),
        ["bookings"] = builder => builder.AddBookings(),
        ["payments"] = builder => builder.AddPayments(),
        ["tickets"] = builder => builder.AddTickets(),
        ["notifications"] = builder => builder.AddNotifications(),
        ["sandbox"] = builder => builder.AddSandbox(),
        ["users"] = builder => builder.AddUsers(),
    };

    public static TheoryData<string> Names => [.. Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_empty_database_gets_the_schema_of_the_model_even_when_three_processes_start_at_once(string name)
    {
        var database = await servers.NewDatabaseAsync();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(name, database)));

        foreach (var host in hosts)
        {
            using (host)
            {
                await UntilProblemIs(host, name, null);
                var db = Db(host);
                Assert.False(db.Database.HasPendingModelChanges(), $"the model of {name} has changed: add a migration (docs/decisions/0007-postgresql-rabbitmq.md)");
                Assert.Empty(await db.Database.GetPendingMigrationsAsync());
                await host.StopAsync();
            }
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var history = source.CreateCommand("SELECT count(*) FROM \"__EFMigrationsHistory\"");
        using var one = await StartAsync(name, database);
        Assert.Equal((long)Db(one).Database.GetMigrations().Count(), await history.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_ledger_on_PostgreSQL_cannot_be_changed_nor_be_out_of_balance()
    {
        var database = await servers.NewDatabaseAsync();
        using var host = await StartAsync("payments", database);
        await UntilProblemIs(host, "payments", null);
        await using var source = NpgsqlDataSource.Create(database);
        await InsertAsync("'PayPal', 'Customer', 'EUR', 100, 'CAPTURE-1'");

        string[] refused =
        [
            "UPDATE ledger_entry SET amount_minor = 1", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry", Insert("'PayPal', 'PayPal', 'EUR', 100, 'CAPTURE-2'"),
            Insert("'PayPal', 'Customer', 'EUR', 0, 'CAPTURE-3'"), Insert("'PayPal', 'Customer', '', 5, 'CAPTURE-4'"), Insert("'PayPal', 'Customer', 'EUR', 100, 'CAPTURE-1'"),
        ];
        foreach (var sql in refused)
        {
            await using var command = source.CreateCommand(sql);
            await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        }

        await using var count = source.CreateCommand("SELECT sum(amount_minor)::bigint FROM ledger_entry");
        Assert.Equal(100L, await count.ExecuteScalarAsync());
        await host.StopAsync();

        static string Insert(string values) =>
            "INSERT INTO ledger_entry (payment_id, booking_id, kind, at, debit, credit, currency, amount_minor, reference) VALUES (gen_random_uuid(), gen_random_uuid(), 'Captured', now(), " + values + ")";

        async Task InsertAsync(string values)
        {
            await using var command = source.CreateCommand(Insert(values));
            await command.ExecuteNonQueryAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_service_at_start_compares_with_the_names_of_all_its_migrations(string name)
    {
        using var host = await StartAsync(name, "Host=localhost;Port=1;Database=none;Username=none;Password=none");   // only what is written in the assembly is looked at
        var db = Db(host);

        var written = db.GetType().Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(one => one.Value == "migration").Select(one => one.Key);

        Assert.Equal(db.Database.GetMigrations(), written.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_that_only_starts_has_its_model_made_when_it_is_told_to_warm_up(bool warmUp)
    {
        var database = await servers.NewDatabaseAsync();
        using (var first = await StartAsync("payments", database))
        {
            await UntilProblemIs(first, "payments", null);
        }

        var made = 0;
        using var host = await StartAsync("payments", database, [("Database:WarmUp", warmUp.ToString())], services => services.AddSingleton<IInterceptor>(_ =>
        {
            made++;   // whoever makes a context asks for its interceptors
            return new NoInterceptor();
        }));
        await UntilProblemIs(host, "payments", null);

        Assert.Equal(warmUp ? 1 : 0, made);
    }

    [Fact]
    public async Task A_newer_schema_is_named_and_left_alone()
    {
        var database = await servers.NewDatabaseAsync();
        using (var host = await StartAsync("payments", database))
        {
            await UntilProblemIs(host, "payments", null);
        }

        await ExecuteAsync(database, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_FromTheFuture', '99')");
        using var older = await StartAsync("payments", database);

        await UntilProblemIs(older, "payments", "29990101000000_FromTheFuture");
        Assert.False(older.Services.GetRequiredService<DatabaseReadiness>().IsReady(Db(older).GetType()));
    }

    [Fact]
    public async Task An_older_schema_is_named_when_the_service_may_not_change_it_and_used_once_somebody_has()
    {
        var database = await servers.NewDatabaseAsync();
        using var waiting = await StartAsync("payments", database, ("Database:Migrate", "false"));
        await UntilProblemIs(waiting, "payments", "older than this version");

        using var migrating = await StartAsync("payments", database);

        await UntilProblemIs(waiting, "payments", null);
    }

    [Fact]
    public async Task Tables_that_the_service_did_not_make_are_left_alone_and_named()
    {
        var database = await servers.NewDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE payment (id int); INSERT INTO payment VALUES (1)");
        using var host = await StartAsync("payments", database);

        await UntilProblemIs(host, "payments", "tables of others");
        await using var source = NpgsqlDataSource.Create(database);
        await using var count = source.CreateCommand("SELECT count(*) FROM payment");
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    /// <summary>A host with the service's database and nothing else of it.</summary>
    private static Task<IHost> StartAsync(string name, string database, params (string Key, string Value)[] settings) => StartAsync(name, database, settings, _ => { });

    private static async Task<IHost> StartAsync(string name, string database, (string Key, string Value)[] settings, Action<IServiceCollection> add)
    {
        var service = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Sandbox" });
        Services[name](service);
        var registered = Assert.Single(service.Services, one => one.ServiceType == typeof(RegisteredDatabase)).ImplementationInstance as RegisteredDatabase;
        Assert.Equal(name, registered!.Name);

        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create($"ConnectionStrings:{name}", (string?)database)]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        typeof(DatabaseRegistration).GetMethod(nameof(DatabaseRegistration.AddDatabase), BindingFlags.Public | BindingFlags.Static)!
            .MakeGenericMethod(registered.Context).Invoke(null, [builder, name]);
        add(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class NoInterceptor : IInterceptor;

    private static DbContext Db(IHost host) =>
        (DbContext)host.Services.CreateScope().ServiceProvider.GetRequiredService(host.Services.GetRequiredService<RegisteredDatabase>().Context);

    private static async Task UntilProblemIs(IHost host, string name, string? expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(limit.Token)).Entries[$"database-{name}"];
            if (expected is null ? entry.Status == HealthStatus.Healthy : entry.Description?.Contains(expected, StringComparison.Ordinal) == true)
            {
                return;
            }

            Assert.False(limit.IsCancellationRequested, $"{name} says '{entry.Description}', not '{expected}'");
            await look.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
