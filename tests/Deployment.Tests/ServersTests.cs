using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aerona.LocalServers;
using Aerona.Messaging;
using Npgsql;

namespace Aerona.Deployment.Tests;

/// <summary>What compose gives the servers to begin with, given to real ones.</summary>
public sealed class ServersTests(SecretFiles secrets)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_script_makes_every_service_a_database_that_nobody_else_gets_into()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-postgres-").FullName;
        try
        {
            await using var server = await PostgreSql.StartAsync(folder, Stop);
            var admin = new NpgsqlConnectionStringBuilder(server.AdminConnectionString);

            var (code, output) = await RunAsync("/bin/sh", [".ci/compose/postgres/create-databases.sh"], secrets.Variables["postgres.env"].Concat(
            [
                new("POSTGRES_USER", admin.Username!), new("PGPASSWORD", admin.Password!), new("PGHOST", "127.0.0.1"), new("PGPORT", server.Port.ToString(CultureInfo.InvariantCulture)),
            ]));

            Assert.True(code == 0, output);
            Assert.All(secrets.Variables["postgres.env"].Values, secret => Assert.DoesNotContain(secret, output));
            foreach (var service in Service.All.Where(service => service.Module != "gateway"))
            {
                // What the service gets, but where the server is.
                var mine = new NpgsqlConnectionStringBuilder(secrets.Variables[$"{service.Module}.env"][$"ConnectionStrings__{service.Module}"]) { Host = "127.0.0.1", Port = server.Port, Pooling = false };
                Assert.Equal($"{service.Module} in {service.Module}", await AskAsync(mine, "CREATE TABLE t (i int); SELECT current_user || ' in ' || current_database()"));
                foreach (var other in new[] { "bookings", "payments", "postgres", "template1" }.Where(other => other != service.Module))
                {
                    var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(new(mine.ConnectionString) { Database = other }, "SELECT 'in'"));
                    Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
                }

                await Assert.ThrowsAsync<PostgresException>(() => AskAsync(mine, "CREATE ROLE stranger; SELECT 'made'"));
                await Assert.ThrowsAsync<PostgresException>(() => AskAsync(new(mine.ConnectionString) { Password = "guessed" }, "SELECT 'in'"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_broker_takes_the_definitions_and_knows_every_service_by_its_password_and_rights()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-rabbitmq-").FullName;
        try
        {
            await using var server = await RabbitMq.StartAsync(folder, Stop);

            await server.ControlAsync(Stop, "import_definitions", Path.Combine(secrets.Folder, "rabbitmq-definitions.json"));

            using var permissions = JsonDocument.Parse(await server.ControlAsync(Stop, "list_permissions", "-p", "aerona", "--formatter", "json", "--quiet"));
            var services = Service.All.Select(service => service.Module).Except(["gateway", "sandbox"]).ToList();
            Assert.Equal(
                services.Select(name => (name, RabbitMqRights.Of(name))).Order(Comparer<(string, RabbitMqRights)>.Create((one, other) => string.CompareOrdinal(one.Item1, other.Item1))),
                permissions.RootElement.EnumerateArray().Select(user => (user.GetProperty("user").GetString()!, new RabbitMqRights(
                    user.GetProperty("configure").GetString()!, user.GetProperty("write").GetString()!, user.GetProperty("read").GetString()!))).OrderBy(user => user.Item1, StringComparer.Ordinal));
            await server.ControlAsync(Stop, "authenticate_user", "bookings", secrets.Variables["bookings.env"]["RabbitMq__Password"]);
            await Assert.ThrowsAnyAsync<Exception>(() => server.ControlAsync(Stop, "authenticate_user", "bookings", secrets.Variables["payments.env"]["RabbitMq__Password"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> AskAsync(NpgsqlConnectionStringBuilder database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(Stop))!;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Tree.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Patience);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
