using System.Collections.Concurrent;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Messaging.Tests;

public sealed record ChargeAnswer(string Outcome);

/// <summary>The world outside: a bank that does the same request once, and may be killed at either side of it.</summary>
public sealed class Bank
{
    public ConcurrentDictionary<Guid, int> Charges { get; } = [];

    public ConcurrentQueue<string> Calls { get; } = [];

    public Action BeforeEffect { get; set; } = () => { };

    public Action AfterEffect { get; set; } = () => { };

    public string Outcome { get; set; } = "charged";

    public ChargeAnswer Charge(Guid requestId, string how)
    {
        Calls.Enqueue(how);
        BeforeEffect();
        Charges.TryAdd(requestId, 1);
        AfterEffect();
        return new(Outcome);
    }
}

public sealed class ChargeCardConsumer(Bank bank) : EffectConsumer<ChargeCard, ChargeAnswer, SeatsDbContext>
{
    protected override string Key(ChargeCard command) => $"charge/{command.PaymentId}";

    protected override ChargeAnswer ClosedAnswer(ChargeCard command) => new("closed");

    protected override Task<ChargeAnswer> CallAsync(ChargeCard command, EffectIntent intent, CancellationToken cancellationToken) =>
        Task.FromResult(bank.Charge(intent.RequestId, "call"));

    protected override Task<ChargeAnswer> RecoverAsync(ChargeCard command, EffectIntent intent, CancellationToken cancellationToken) =>
        Task.FromResult(bank.Charge(intent.RequestId, "recover"));

    protected override bool IsFinal(ChargeAnswer answer) => answer.Outcome != "unknown";

    protected override Task RecordAsync(SeatsDbContext db, ChargeCard command, ChargeAnswer answer, CancellationToken cancellationToken)
    {
        db.Add(new Note { Key = command.PaymentId, Text = answer.Outcome });
        db.Publish(new CardCharged(command.PaymentId, answer.Outcome));
        return Task.CompletedTask;
    }
}

/// <summary>An effect happens once, whenever the process dies.</summary>
public abstract class EffectTests(Servers? servers) : OnEitherStack(servers)
{
    private const string Queue = "tests-charge-card-consumer";

    private readonly FakeTimeProvider _clock = new(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Bank _bank = new();
    private readonly Guid _payment = NewId.NextGuid();

    [Fact]
    public async Task A_command_is_noted_called_and_recorded()
    {
        await using var host = await StartAsync(Place);
        var open = new TaskCompletionSource<bool>();
        _bank.BeforeEffect = () => open.TrySetResult(host.Query<SeatsDbContext, bool>(db => db.Set<EffectIntent>().AnyAsync(intent => intent.Answer == null)).GetAwaiter().GetResult());

        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));

        await UntilRecorded(host, "charged");
        Assert.True(await open.Task);   // committed before the call
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(["call"], _bank.Calls);
        var intent = await host.Query<SeatsDbContext, EffectIntent>(db => db.Set<EffectIntent>().SingleAsync());
        Assert.Equal(("""{"outcome":"charged"}""", $"charge/{_payment}"), (intent.Answer, intent.Key));
    }

    [Fact]
    public async Task Killed_after_the_note_and_before_the_call_it_recovers_when_the_lease_is_over()
    {
        await RecoversAfter(killed => _bank.BeforeEffect = killed, chargesBefore: 0);
    }

    [Fact]
    public async Task Killed_after_the_call_and_before_the_record_it_asks_again_with_the_same_id_and_the_effect_stays_one()
    {
        await RecoversAfter(killed => _bank.AfterEffect = killed, chargesBefore: 1);
    }

    [Fact]
    public async Task Killed_before_the_note_it_calls_as_if_nothing_had_been()
    {
        await using (var silent = await StartAsync(Place, ("Messaging:RelayEnabled", "false")))
        {
            await silent.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await using var host = await StartAsync(Place);

        await UntilRecorded(host, "charged");
        Assert.Equal(["call"], _bank.Calls);
    }

    [Fact]
    public async Task The_same_command_again_is_answered_again_without_a_call()
    {
        await using var host = await StartAsync(Place);

        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));
        await UntilRecorded(host, "charged");
        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));

        await host.Until<SeatsDbContext>(async db => await db.Notes.CountAsync(note => note.Text == "charged") == 2, "the answer is given again");
        Assert.Equal(["call"], _bank.Calls);
    }

    [Fact]
    public async Task The_same_delivery_again_does_nothing()
    {
        await using var host = await StartAsync(Place);
        var messageId = NewId.NextGuid();

        for (var delivery = 1; delivery <= 2; delivery++)
        {
            await host.Bus.Publish(new ChargeCard(_payment), context => context.MessageId = messageId);
            await host.Until(() => host.Received(messageId, Queue) == delivery, "the delivery is acknowledged");
        }

        Assert.Equal(1, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Equal(["call"], _bank.Calls);
    }

    [Fact]
    public async Task A_key_closed_before_it_was_noted_is_never_called()
    {
        await using var host = await StartAsync(Place);
        await InTransaction(host, async db => Assert.Null(await db.CloseIfAbsentAsync($"charge/{_payment}", CancellationToken.None)));

        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));

        await UntilRecorded(host, "closed");
        Assert.Empty(_bank.Calls);
        await InTransaction(host, async db => Assert.True((await db.CloseIfAbsentAsync($"charge/{_payment}", CancellationToken.None))!.Closed));
    }

    [Fact]
    public async Task An_unknown_outcome_leaves_the_intent_open_and_the_next_command_recovers_at_once()
    {
        await using var host = await StartAsync(Place);
        _bank.Outcome = "unknown";
        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));
        await UntilRecorded(host, "unknown");
        await InTransaction(host, async db => Assert.Equal((null, false), await db.CloseIfAbsentAsync($"charge/{_payment}", CancellationToken.None) is { } open ? (open.Answer, open.Closed) : ("", true)));

        _bank.Outcome = "charged";
        await host.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));

        await UntilRecorded(host, "charged");
        Assert.Equal(["call", "recover"], _bank.Calls);
        Assert.Single(_bank.Charges);
    }

    private async Task RecoversAfter(Action<Action> killAt, int chargesBefore)
    {
        var first = await StartAsync(Place);
        Place? image = null;
        killAt(() =>
        {
            image ??= Place.CrashImage();
            throw new InvalidOperationException("this process is over");
        });
        await first.Save<SeatsDbContext>(db => db.Publish(new ChargeCard(_payment)));
        await first.Until<SeatsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:" + Queue), "the process got that far");
        await first.DisposeAsync();
        Assert.Equal(chargesBefore, _bank.Charges.Count);
        (_bank.BeforeEffect, _bank.AfterEffect) = (() => { }, () => { });
        _bank.Calls.Clear();

        _clock.Advance(TimeSpan.FromSeconds(10));   // the send's lease is over, the call's is not
        await using var left = image!;
        await using var second = await StartAsync(left);
        await second.Until<SeatsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:" + Queue), "it waits: somebody may be calling still");
        Assert.Empty(_bank.Calls);
        _clock.Advance(TimeSpan.FromSeconds(30));

        await UntilRecorded(second, "charged");
        await second.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal("recover", Assert.Single(_bank.Calls, call => call == "recover"));
        Assert.Single(_bank.Charges);
        Assert.Equal(1, await second.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Empty(await second.DeadLetters<SeatsDbContext>());
    }

    private Task<TestHost> StartAsync(Place place, params (string, string)[] settings) => TestHost.StartAsync(
        place, _clock, builder => builder.Services.AddSingleton(_bank), bus => bus.AddEffectConsumer<ChargeCardConsumer, SeatsDbContext>(), settings: settings);

    private Task UntilRecorded(TestHost host, string outcome) =>
        host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Key == _payment && note.Text == outcome), $"'{outcome}' is recorded");

    private static Task<int> InTransaction(TestHost host, Func<SeatsDbContext, Task> work) => host.Query<SeatsDbContext, int>(async db =>
    {
        await using var transaction = await Persistence.Transactions.BeginAsync(db, CancellationToken.None);
        await work(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync(CancellationToken.None);
        return 0;
    });
}

/// <summary>One process, files, the bus in memory.</summary>
public sealed class EmbeddedEffectTests() : EffectTests(null);

/// <summary>PostgreSQL and RabbitMQ.</summary>
public sealed class ServerEffectTests(Servers servers) : EffectTests(servers);
