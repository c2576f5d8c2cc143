using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

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
    public async Task Rows_written_in_bulk_are_those_that_EF_Core_would_have_written()
    {
        using var host = await StartAsync<ServerPersistenceTests.VouchersDbContext>();
        var empty = new ServerPersistenceTests.Voucher { DepartsLocal = new(2026, 12, 5, 23, 55, 7, 120), DepartsOn = new(2026, 12, 5), Text = new string('ß', 300) };
        ServerPersistenceTests.Voucher[] ours = [Copy(ServerPersistenceTests.Whole), Copy(empty)];
        ServerPersistenceTests.Voucher[] theirs = [Copy(ServerPersistenceTests.Whole), Copy(empty)];
        await Query<ServerPersistenceTests.VouchersDbContext, int>(host, db =>
        {
            db.AddRange(theirs);
            return db.SaveChangesAsync();
        });

        Assert.Equal(2, await InTransaction<ServerPersistenceTests.VouchersDbContext>(host, db => db.UpsertAsync(ours, version: null, TestContext.Current.CancellationToken)));

        var found = await Query<ServerPersistenceTests.VouchersDbContext, List<ServerPersistenceTests.Voucher>>(host, db => db.Vouchers.AsNoTracking().ToListAsync());
        for (var at = 0; at < 2; at++)
        {
            var (mine, other) = (found.Single(voucher => voucher.Id == ours[at].Id), found.Single(voucher => voucher.Id == theirs[at].Id));
            Assert.Equal(await Columns(host, other.Id), await Columns(host, mine.Id));
            Assert.Equivalent(Copy(other, mine.Id), mine, strict: true);
        }
    }

    [Fact]
    public async Task In_bulk_a_higher_version_replaces_a_row_but_for_what_it_keeps_and_a_lower_one_leaves_it()
    {
        using var host = await StartAsync<ServerPersistenceTests.VouchersDbContext>();
        var (known, unknown) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Task<int> Write(params ServerPersistenceTests.Voucher[] vouchers) => InTransaction<ServerPersistenceTests.VouchersDbContext>(
            host, db => db.UpsertAsync(vouchers, nameof(ServerPersistenceTests.Voucher.Count), TestContext.Current.CancellationToken, kept: nameof(ServerPersistenceTests.Voucher.Much)));

        Assert.Equal(1, await Write(new ServerPersistenceTests.Voucher { Id = known, Count = 2, Text = "second", Much = 1 }));
        Assert.Equal(1, await Write(new ServerPersistenceTests.Voucher { Id = known, Count = 1, Text = "first" }, new ServerPersistenceTests.Voucher { Id = unknown }));
        Assert.Equal("second", (await Query<ServerPersistenceTests.VouchersDbContext, ServerPersistenceTests.Voucher>(host, db => db.Vouchers.SingleAsync(x => x.Id == known))).Text);
        Assert.Equal(1, await Write(new ServerPersistenceTests.Voucher { Id = known, Count = 3, Text = "third", Much = 2 }));
        Assert.Equal(0, await Write());

        var found = await Query<ServerPersistenceTests.VouchersDbContext, ServerPersistenceTests.Voucher>(host, db => db.Vouchers.SingleAsync(x => x.Id == known));
        Assert.Equal(("third", 3, 1), (found.Text, found.Count, found.Much));
    }

    private static ServerPersistenceTests.Voucher Copy(ServerPersistenceTests.Voucher of, Guid? id = null) => new()
    {
        Id = id ?? Guid.CreateVersion7(),
        Cabin = of.Cabin,
        Fallback = of.Fallback,
        PricedAt = of.PricedAt,
        ExpiresAt = of.ExpiresAt,
        DepartsLocal = of.DepartsLocal,
        DepartsOn = of.DepartsOn,
        Text = of.Text,
        Count = of.Count,
        Much = of.Much,
        IsUsed = of.IsUsed,
        Seal = of.Seal,
        Lines = of.Lines,
    };

    private static Task<int> InTransaction<TDbContext>(IHost host, Func<TDbContext, Task<int>> work) where TDbContext : DbContext => Query<TDbContext, int>(host, async db =>
    {
        await using var transaction = await db.BeginAsync(TestContext.Current.CancellationToken);
        var result = await work(db);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        return result;
    });

    /// <summary>What stands in the columns but the id's, as the provider gives it, with its type.</summary>
    private static Task<List<string>> Columns(IHost host, Guid id) => Query<ServerPersistenceTests.VouchersDbContext, List<string>>(host, async db =>
    {
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"SELECT * FROM voucher WHERE lower(CAST(id AS text)) = '{id}'";
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return [.. Enumerable.Range(0, reader.FieldCount).Where(column => reader.GetName(column) != "id").Select(column =>
            $"{reader.GetName(column)} {reader.GetValue(column).GetType()} {(reader.GetValue(column) is byte[] bytes ? Convert.ToHexString(bytes) : reader.GetValue(column))}")];
    });

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
public sealed class ServerPersistenceTests(Servers servers) : PersistenceTests(servers)
{
    internal static readonly Voucher Whole = new()
    {
        Id = Guid.CreateVersion7(),
        Cabin = Cabin.PremiumEconomy,
        Fallback = Cabin.Economy,
        PricedAt = new(2026, 12, 1, 10, 0, 0, TimeSpan.FromHours(7)),
        ExpiresAt = new(2026, 12, 1, 4, 0, 0, TimeSpan.Zero),
        DepartsLocal = new(2026, 12, 5, 23, 55, 0),
        DepartsOn = new(2026, 12, 5),
        Text = "Überraschung '\"",
        Count = 7,
        Much = long.MaxValue,
        IsUsed = true,
        Seal = [0, 1, 255],
        Lines = [new("p1", PriceLineKind.Tax, "GB", "GB", true, new(100, "EUR"))],
    };

    [Fact]
    public async Task What_is_written_past_EF_Core_is_what_EF_Core_would_have_written_and_is_read_alike()
    {
        using var host = await StartAsync<VouchersDbContext>();
        var empty = new Voucher { Id = Guid.CreateVersion7(), Fallback = null, Seal = null };
        foreach (var voucher in (Voucher[])[Whole, empty])
        {
            await Query<VouchersDbContext, int>(host, db => Execute(db, RowMap.Of(db, typeof(Voucher))!.Insert(voucher)));

            var byEfCore = await Query<VouchersDbContext, Voucher>(host, db => db.Vouchers.SingleAsync(x => x.Id == voucher.Id));
            var direct = (Voucher)(await Query<VouchersDbContext, LoadedRow?>(host, db => Load(db, voucher.Id)))!.Entity;

            Assert.Equivalent(byEfCore, direct, strict: true);
            Assert.Equal(voucher.PricedAt, direct.PricedAt);
            Assert.Equal(voucher.Lines, direct.Lines);
            Assert.Equal((voucher.Cabin, voucher.Fallback, voucher.Text, voucher.Count, voucher.Much, voucher.IsUsed), (direct.Cabin, direct.Fallback, direct.Text, direct.Count, direct.Much, direct.IsUsed));
            Assert.Equal((voucher.ExpiresAt, voucher.DepartsLocal, voucher.DepartsOn), (direct.ExpiresAt, direct.DepartsLocal, direct.DepartsOn));
            Assert.Equal(voucher.Seal, direct.Seal);
        }
    }

    [Fact]
    public async Task Only_what_was_changed_is_written_and_only_while_nobody_else_has_changed_the_row()
    {
        using var host = await StartAsync<VouchersDbContext>();
        await Query<VouchersDbContext, int>(host, db => db.Add(Whole).Context.SaveChangesAsync());
        await Query<VouchersDbContext, int>(host, async db =>
        {
            var map = RowMap.Of(db, typeof(Voucher))!;
            var (first, second) = ((await Load(db, Whole.Id))!, (await Load(db, Whole.Id))!);
            Assert.Null(map.Update(first));

            var changed = (Voucher)first.Entity;
            (changed.Count, changed.Lines, changed.Fallback) = (8, [.. changed.Lines, changed.Lines[0]], null);
            var update = map.Update(first)!;
            Assert.Equal(2 + 3, update.Parameters.Count);   // key and version, and what was changed
            await Execute(db, update);
            ((Voucher)second.Entity).Text = "late";
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Execute(db, map.Update(second)!));
            Assert.Equal(PostgresErrorCodes.DivisionByZero, refused.SqlState);
            await Assert.ThrowsAsync<PostgresException>(() => Execute(db, map.Delete(second)));

            var found = await db.Vouchers.AsNoTracking().SingleAsync();
            Assert.Equal((8, 2, null, Whole.Text), (found.Count, found.Lines.Count, found.Fallback, found.Text));
            await Execute(db, map.Delete((await Load(db, Whole.Id))!));
            Assert.Equal(0, await db.Vouchers.CountAsync());
            return 0;
        });
    }

    [Fact]
    public async Task Money_is_written_in_its_two_columns_and_ids_that_the_database_gives_are_left_to_it()
    {
        using var host = await StartAsync<VouchersDbContext>();
        await Query<VouchersDbContext, int>(host, async db =>
        {
            var map = RowMap.Of(db, typeof(Payout))!;
            Assert.False(map.CanBeLoaded);
            Assert.True(map.GetsIdFromDatabase(new Payout()));
            await Execute(db, map.Insert(new Payout { Amount = new(1250, "EUR") }));
            await Execute(db, map.Insert(new Payout { Amount = new(3, "JPY") }));
            Assert.Equal([new(1250, "EUR"), new(3, "JPY")], await db.Set<Payout>().OrderBy(payout => payout.Id).Select(payout => payout.Amount).ToListAsync());
            Assert.Null(RowMap.Of(db, typeof(Fare)));   // its price may be absent: that is EF Core's to say
            return 0;
        });
    }

    private static async Task<int> Execute(DbContext db, NpgsqlBatchCommand command)
    {
        await using var connection = new NpgsqlConnection(db.Database.GetConnectionString());
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        return await batch.ExecuteNonQueryAsync();
    }

    private static async Task<LoadedRow?> Load(DbContext db, Guid id)
    {
        var map = RowMap.Of(db, typeof(Voucher))!;
        await using var connection = new NpgsqlConnection(db.Database.GetConnectionString());
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand($"SELECT {map.Columns} FROM {map.Table} WHERE {map.Key} = $1", connection) { Parameters = { new() { Value = id } } };
        await using var reader = await select.ExecuteReaderAsync();
        return await reader.ReadAsync() ? map.Load(reader, 0) : null;
    }

    public sealed class Voucher
    {
        public Guid Id { get; set; }

        public Cabin Cabin { get; set; }

        public Cabin? Fallback { get; set; }

        public DateTimeOffset PricedAt { get; set; }

        public DateTimeOffset? ExpiresAt { get; set; }

        public DateTime DepartsLocal { get; set; }

        public DateOnly DepartsOn { get; set; }

        public string? Text { get; set; }

        public int Count { get; set; }

        public long? Much { get; set; }

        public bool IsUsed { get; set; }

        public byte[]? Seal { get; set; }

        public List<PriceLine> Lines { get; set; } = [];
    }

    public sealed class Payout
    {
        public long Id { get; set; }

        public Money Amount { get; set; }
    }

    public sealed class VouchersDbContext(DbContextOptions<VouchersDbContext> options) : DbContext(options)
    {
        public DbSet<Voucher> Vouchers => Set<Voucher>();

        protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Voucher>().Property(voucher => voucher.Lines).HasJson();
            modelBuilder.Entity<Payout>();
            modelBuilder.Entity<Fare>().Property(fare => fare.Lines).HasJson();
        }
    }
}
