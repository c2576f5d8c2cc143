using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Messaging.Tests;

public abstract class PersistenceTests(Servers? servers) : OnEitherStack(servers)
{
    [Fact]
    public async Task Values_come_back_as_they_were_saved()
    {
        using var host = await StartAsync<FaresDbContext>();
        var saved = new Fare
        {
            Id = "F1",
            Price = new(12950, "EUR"),
            Penalty = new(1300, "JPY"),
            Cabin = Cabin.PremiumEconomy,
            FallbackCabin = Cabin.Economy,
            PricedAt = new(2026, 12, 1, 10, 0, 0, TimeSpan.FromHours(7)),
            ExpiresAt = new(2026, 12, 1, 4, 0, 0, TimeSpan.Zero),
            DepartsLocal = new(2026, 12, 5, 23, 55, 0),
            DepartsOn = new(2026, 12, 5),
            Lines = [new("p1", PriceLineKind.Tax, "GB", "GB", true, new(100, "EUR"))],
        };
        await Query<FaresDbContext, int>(host, db => db.Add(saved).Context.SaveChangesAsync());

        var found = await Query<FaresDbContext, Fare>(host, db => db.Fares.SingleAsync());

        Assert.Equal(new Money(12950, "EUR"), found.Price);
        Assert.Equal(new Money(1300, "JPY"), found.Penalty);
        Assert.Equal(Cabin.PremiumEconomy, found.Cabin);
        Assert.Equal(Cabin.Economy, found.FallbackCabin);
        Assert.Equal(saved.PricedAt, found.PricedAt);
        Assert.Equal(TimeSpan.Zero, found.PricedAt.Offset);
        Assert.Equal(saved.ExpiresAt, found.ExpiresAt);
        Assert.Equal(saved.DepartsLocal, found.DepartsLocal);
        Assert.Equal(saved.DepartsOn, found.DepartsOn);
        Assert.Equal(saved.Lines, found.Lines);
    }

    [Fact]
    public async Task What_is_absent_comes_back_absent_and_can_be_set_and_cleared_later()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(1, "EUR") }).Context.SaveChangesAsync());

        Assert.Null((await Query<FaresDbContext, Fare>(host, db => db.Fares.SingleAsync())).Penalty);
        await Change(new Money(5, "USD"));
        Assert.Equal(new Money(5, "USD"), (await Query<FaresDbContext, Fare>(host, db => db.Fares.SingleAsync())).Penalty);
        await Change(null);
        Assert.Null((await Query<FaresDbContext, Fare>(host, db => db.Fares.SingleAsync())).Penalty);

        Task<int> Change(Money? penalty) => Query<FaresDbContext, int>(host, async db =>
        {
            (await db.Fares.SingleAsync()).Penalty = penalty;
            return await db.SaveChangesAsync();
        });
    }

    [Fact]
    public async Task Instants_and_amounts_are_compared_and_ordered_by_the_database()
    {
        using var host = await StartAsync<FaresDbContext>();
        var noon = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        await Query<FaresDbContext, int>(host, db =>
        {
            db.AddRange(
                new Fare { Id = "late", Price = new(200, "EUR"), PricedAt = noon.AddHours(1) },
                new Fare { Id = "early", Price = new(1000, "EUR"), PricedAt = noon.AddHours(-1).ToOffset(TimeSpan.FromHours(9)) });
            return db.SaveChangesAsync();
        });

        var early = await Query<FaresDbContext, string>(host, db => db.Fares.Where(fare => fare.PricedAt < noon).Select(fare => fare.Id).SingleAsync());
        var byPrice = await Query<FaresDbContext, List<string>>(
            host, db => db.Fares.OrderBy(fare => fare.Price.MinorUnits).Select(fare => fare.Id).ToListAsync());

        Assert.Equal("early", early);
        Assert.Equal(["late", "early"], byPrice);
    }

    [Fact]
    public async Task A_changed_list_kept_as_json_is_noticed()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(1, "EUR") }).Context.SaveChangesAsync());

        await Query<FaresDbContext, int>(host, async db =>
        {
            (await db.Fares.SingleAsync()).Lines.Add(new("p1", PriceLineKind.BaseFare, "FARE", null, false, new(1, "EUR")));
            return await db.SaveChangesAsync();
        });

        Assert.Single((await Query<FaresDbContext, Fare>(host, db => db.Fares.SingleAsync())).Lines);
    }

    [Fact]
    public async Task Fifty_concurrent_writers_lose_nothing_and_none_finds_the_file_busy()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(0, "EUR") }).Context.SaveChangesAsync());

        await Task.WhenAll(Enumerable.Range(0, 50).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
            {
                await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = $"{writer}/{round}", Price = new(1, "EUR") }).Context.SaveChangesAsync());
                await Query<FaresDbContext, int>(host, async db =>
                {
                    await using var transaction = await db.BeginAsync(CancellationToken.None);
                    var fare = await db.LockAsync<Fare>("F1", CancellationToken.None);
                    fare.Price += new Money(1, "EUR");
                    await db.SaveChangesAsync();
                    await transaction.CommitAsync(CancellationToken.None);
                    return 0;
                });
                await Query<FaresDbContext, int>(
                    host, db => db.Fares.Where(fare => fare.Id == $"{writer}/{round}").ExecuteUpdateAsync(set => set.SetProperty(fare => fare.Cabin, Cabin.First)));
            }
        })));

        Assert.Equal(new Money(500, "EUR"), await Query<FaresDbContext, Money>(host, db => db.Fares.Where(fare => fare.Id == "F1").Select(fare => fare.Price).SingleAsync()));
        Assert.Equal(500, await Query<FaresDbContext, int>(host, db => db.Fares.CountAsync(fare => fare.Cabin == Cabin.First)));
    }

    [Fact]
    public async Task A_save_that_fails_opens_the_gate_again()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(1, "EUR") }).Context.SaveChangesAsync());

        await Assert.ThrowsAsync<DbUpdateException>(
            () => Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(1, "EUR") }).Context.SaveChangesAsync()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Query<FaresDbContext, int>(
            host, db => db.Add(new Fare { Id = "F2", Price = new(1, "EUR") }).Context.SaveChangesAsync(new CancellationToken(canceled: true))));
        await Assert.ThrowsAnyAsync<DbException>(() => Query<FaresDbContext, int>(host, db => db.Database.ExecuteSqlAsync($"UPDATE nothing SET a = 1")));

        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F3", Price = new(1, "EUR") }).Context.SaveChangesAsync()).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_transaction_that_is_not_committed_leaves_nothing_and_opens_the_gate()
    {
        using var host = await StartAsync<FaresDbContext>();

        await Query<FaresDbContext, int>(host, async db =>
        {
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            db.Add(new Fare { Id = "F1", Price = new(1, "EUR") });
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.BeginAsync(CancellationToken.None));
            return await db.SaveChangesAsync();
        });

        Assert.Equal(0, await Query<FaresDbContext, int>(host, db => db.Fares.CountAsync()));
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F2", Price = new(1, "EUR") }).Context.SaveChangesAsync()).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_row_is_locked_before_it_is_read_and_only_in_a_transaction()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(1, "EUR") }).Context.SaveChangesAsync());

        await Query<FaresDbContext, int>(host, async db =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.LockAsync<Fare>("F1", CancellationToken.None));
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            Assert.Null(await db.TryLockAsync<Fare>("F2", CancellationToken.None));
            await Assert.ThrowsAsync<KeyNotFoundException>(() => db.LockAsync<Fare>("F2", CancellationToken.None));
            Assert.Equal("F1", (await db.LockAsync<Fare>("F1", CancellationToken.None)).Id);
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.LockAsync<Fare>("F1", CancellationToken.None));
            return 0;
        });
    }

    private protected async Task<IHost> StartAsync<TDbContext>() where TDbContext : DbContext
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Folder"] = Place.Folder,
            ["ConnectionStrings:fares"] = Place.Settings.GetValueOrDefault("ConnectionStrings:trips"),
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddDatabase<TDbContext>("fares");
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            await host.Services.GetRequiredService<DatabaseReadiness>().WaitAsync<TDbContext>(TestContext.Current.CancellationToken);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private protected static async Task<TResult> Query<TDbContext, TResult>(IHost host, Func<TDbContext, Task<TResult>> query) where TDbContext : DbContext
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TDbContext>());
    }

    public sealed class Fare
    {
        public required string Id { get; init; }

        public Money Price { get; set; }

        public Money? Penalty { get; set; }

        public Cabin Cabin { get; set; }

        public Cabin? FallbackCabin { get; set; }

        public DateTimeOffset PricedAt { get; set; }

        public DateTimeOffset? ExpiresAt { get; set; }

        public DateTime DepartsLocal { get; set; }

        public DateOnly DepartsOn { get; set; }

        public List<PriceLine> Lines { get; set; } = [];
    }

    public sealed class OtherFare
    {
        public int Id { get; init; }
    }

    public sealed class FaresDbContext(DbContextOptions<FaresDbContext> options) : DbContext(options)
    {
        public DbSet<Fare> Fares => Set<Fare>();

        protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Fare>().Property(fare => fare.Lines).HasJson();
    }

    public sealed class OtherFaresDbContext(DbContextOptions<OtherFaresDbContext> options) : DbContext(options)
    {
        protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<OtherFare>();
    }
}

/// <summary>Files.</summary>
public sealed class EmbeddedPersistenceTests() : PersistenceTests(null)
{
    [Fact]
    public async Task Tables_and_columns_have_snake_case_names_and_readable_values()
    {
        using var host = await StartAsync<FaresDbContext>();
        await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "F1", Price = new(12950, "EUR"), Cabin = Cabin.PremiumEconomy }).Context.SaveChangesAsync());

        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Place.Folder, "fares.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT price_minor_units || price_currency || cabin FROM fare WHERE departs_local IS NOT NULL AND penalty_currency IS NULL";

        Assert.Equal("12950EURPremiumEconomy", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_file_of_another_schema_is_moved_aside_and_one_of_the_same_is_kept()
    {
        using (var host = await StartAsync<FaresDbContext>())
        {
            await Query<FaresDbContext, int>(host, db => db.Add(new Fare { Id = "kept", Price = new(1, "EUR") }).Context.SaveChangesAsync());
            await host.StopAsync();
        }

        using (var host = await StartAsync<FaresDbContext>())
        {
            Assert.Equal("kept", await Query<FaresDbContext, string>(host, db => db.Fares.Select(fare => fare.Id).SingleAsync()));
            await host.StopAsync();
        }

        using (var host = await StartAsync<OtherFaresDbContext>())
        {
            Assert.Equal(0, await Query<OtherFaresDbContext, int>(host, db => db.Set<OtherFare>().CountAsync()));
            await host.StopAsync();
        }

        var aside = Assert.Single(Directory.GetFiles(Place.Folder, "fares.*.old.db"));
        await using var connection = new SqliteConnection($"Data Source={aside};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM fare";
        Assert.Equal("kept", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_second_process_is_kept_off_the_file()
    {
        using var host = await StartAsync<FaresDbContext>();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(StartAsync<FaresDbContext>);

        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
    }
}

/// <summary>PostgreSQL.</summary>
public sealed class ServerPersistenceTests(Servers servers) : PersistenceTests(servers);
