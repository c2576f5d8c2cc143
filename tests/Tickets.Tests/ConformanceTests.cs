using Aerona.Conformance;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.Files;
using Aerona.Messaging;
using Aerona.Simulation;
using Aerona.Simulation.Services;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Model = Aerona.Simulation.Services.Tickets;

namespace Aerona.Tickets.Tests;

/// <summary>The simulator's model of this service beside the service: it must have no virtue that the code lacks, and no fault either.</summary>
public sealed class ConformanceTests
{
    private static readonly (Kind, int)[] Likings = [(Kind.Issue, 4), (Kind.Store, 5), (Kind.Answer, 4), (Kind.Die, 1), (Kind.TimePasses, 3), (Kind.End, 2)];

    private enum Kind { Issue, Store, Answer, Die, TimePasses, End }

    [Fact]
    public Task The_model_and_the_service_say_and_keep_the_same_in_any_history() => AgreeAsync(Histories.Some);

    [Fact]
    [Trait("long", "yes")]
    public Task The_model_and_the_service_say_and_keep_the_same_in_a_thousand_histories() => AgreeAsync(Histories.All);

    [Fact]
    public async Task A_model_with_one_rule_changed_is_told_from_the_service()
    {
        await using var books = await Books.OpenAsync();

        var found = await Histories.FindAsync(Histories.All, Likings, 15, (steps, done) => PlayAsync(books, Bug.ForgetfulInbox, steps, done));

        Assert.IsType<DifferenceException>(found?.Problem);
        Assert.Equal(2, found.Steps);       // issued, and issued again
    }

    private static async Task AgreeAsync(int seeds)
    {
        await using var books = await Books.OpenAsync();

        await Histories.AgreeAsync(seeds, Likings, 15, (steps, done) => PlayAsync(books, Bug.None, steps, done));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", books.Heard.OrderBy(said => said.Key.Name).Select(said => $"{said.Value} {said.Key.Name}")));

        // Worth something only while they come to everything.
        Assert.Empty(new HashSet<Type> { typeof(TicketsIssued), typeof(TicketsPending), typeof(DocumentsStored), typeof(StoreDocuments), typeof(CouponsEnded) }.Except(books.Heard.Keys));
    }

    private static async Task PlayAsync(Books books, Bug bug, IReadOnlyList<Step<Kind>> steps, List<string> done)
    {
        var pair = new Pair(books, new Model(bug)) { Done = done, Heard = books.Heard };
        await pair.BeginAsync();
        try
        {
            foreach (var step in steps)
            {
                await pair.TakeAsync(step);
            }
        }
        finally
        {
            await pair.EndAsync();
        }
    }

    /// <summary>The service with a file store that does as it is told.</summary>
    private sealed class Books(TestService service, OutsideWorld outside, PlayedStore store) : IAsyncDisposable
    {
        public TestService Service => service;

        public OutsideWorld Outside => outside;

        public PlayedStore Store => store;

        public Dictionary<Type, int> Heard { get; } = [];

        public int Orders { get; set; }

        public static async Task<Books> OpenAsync()
        {
            var outside = new OutsideWorld();
            var store = new PlayedStore(outside);
            var service = await TestService.StartAsync(
                builder =>
                {
                    builder.AddTickets();
                    builder.Services.AddSingleton<IInterceptor>(outside);
                    builder.Services.AddSingleton<IFileStore>(store);
                },
                bus => bus.AddTicketsConsumers(), app => app.MapTickets(), new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None" });
            return new(service, outside, store);
        }

        public ValueTask DisposeAsync() => service.DisposeAsync();
    }

    private sealed class PlayedStore(OutsideWorld outside) : IFileStore
    {
        public HashSet<string> Written { get; } = [];

        public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
        {
            if (!key.StartsWith("receipts/", StringComparison.Ordinal))
            {
                return;     // stored with the receipt, after it: to the model they are one
            }

            var verdict = await outside.AskAsync();
            outside.Left(verdict);
            if (verdict.Outcome != Outcome.LostBefore)
            {
                Written.Add(key);
            }

            if (verdict is { Outcome: not Outcome.Ok, Dies: false })
            {
                throw new IOException("the store did not answer");
            }
        }

        public Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Uri Link(string key, string fileName, TimeSpan validFor) => throw new NotSupportedException();

        public IAsyncEnumerable<StoredFile> ListAsync(string prefix, CancellationToken cancellationToken) => throw new IOException("nobody sweeps here");

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>Three orders, in the model and in the service.</summary>
    private sealed class Pair(Books books, Model model) : Comparison(model, books.Service, books.Outside)
    {
        private static readonly TimeSpan[] Spans = [TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(41), TimeSpan.FromMinutes(10)];

        private readonly List<IssueTickets> orders = [.. Enumerable.Range(0, 3).Select(_ => Order(books.Orders++))];
        private readonly Guid[] cancellations = [Guid.NewGuid(), Guid.NewGuid()];
        private readonly int writtenBefore = books.Store.Written.Count;

        public async Task TakeAsync(Step<Kind> step)
        {
            var order = orders[step.One % orders.Count];
            switch (step.Kind)
            {
                case Kind.Issue:
                    await DeliverAsync(order with { TicketNumbers = [.. order.TicketNumbers.Take((step.Other % 5) switch { 0 => 0, 1 => 1, _ => int.MaxValue })] });
                    break;
                case Kind.Store:
                    await DeliverAsync(order.StoreDocuments());
                    break;
                case Kind.Answer when UnderWay > 0:
                    var answers = Answers(step.One % UnderWay);
                    await AnswerAsync(step.One % UnderWay, step.Other % 2 == 0 ? Outcome.Ok : answers[step.Other / 2 % answers.Count]);
                    break;
                case Kind.Die when UnderWay > 0:
                    await DieAsync(step.One % UnderWay, step.Other % 2 == 0);
                    break;
                case Kind.End:
                    await DeliverAsync(new EndCoupons(
                        order.BookingId, cancellations[step.Other % 2], order.OrderId,
                        [.. from passenger in order.Passengers from segment in order.Offer.Segments select new CouponKey(passenger.Id, segment.Ordinal)],
                        step.Other / 2 % 2 == 0 ? CouponEnd.Void : CouponEnd.Refunded));
                    break;
                case Kind.TimePasses:
                    Pass(Spans[step.Other % Spans.Length]);
                    break;
            }
        }

        /// <summary>An order that has no tickets yet, and a store that does not answer.</summary>
        protected override bool ComesAgainAfter(Exception problem) => problem is IOException or InvalidOperationException { Source: "Aerona.Tickets" };

        protected override string? Words(object message) => message switch
        {
            IssueTickets x => $"IssueTickets {Name(x.OrderId)} with {x.TicketNumbers.Count} numbers",
            TicketsIssued x => $"TicketsIssued {Name(x.OrderId)} {x.TicketNumbers[0].Number}",
            TicketsPending x => $"TicketsPending {Name(x.OrderId)}",
            StoreDocuments x => $"StoreDocuments {Name(x.OrderId)}",
            EndCoupons x => $"EndCoupons {Name(x.OrderId)} {x.End} by {Array.IndexOf(cancellations, x.CancellationId)}",
            CouponsEnded x => $"CouponsEnded {Array.IndexOf(cancellations, x.CancellationId)} {string.Join(' ', x.Ended)}, not {string.Join(' ', x.NotEnded)}",
            DocumentsStored x => $"DocumentsStored {Name(x.OrderId)} {x.Documents[0].Kind}",
            _ => throw new InvalidOperationException($"{message.GetType().Name} is not expected here"),
        };

        protected override IEnumerable<string> ModelKeeps() => orders
            .Select(order => Array.Find(model.Rows, row => row.OrderId == order.OrderId) ?? new(order.OrderId, order.BookingId, "", Tickets: 0))
            .Select(row => $"{Name(row.OrderId)} {row.Tickets} tickets {row.Number}{(row.End is { } end ? $" {end} by {Array.IndexOf(cancellations, row.EndedBy)}" : "")}, {(row.Stored ? "stored" : "not stored")}, documents {Words(row.Documents)}")
            .Append($"{model.Rows.Count(row => row.Written)} files");

        protected override Task<List<string>> ServiceKeepsAsync() => books.Service.Query<TicketsDbContext, List<string>>(async db =>
        {
            var ids = orders.ConvertAll(order => order.OrderId);
            var keys = ids.ConvertAll(id => $"documents/{id}");
            var intents = await db.Set<EffectIntent>().AsNoTracking().Where(intent => keys.Contains(intent.Key)).ToDictionaryAsync(intent => intent.Key);
            var tickets = (await db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons).Where(ticket => ids.Contains(ticket.OrderId)).ToListAsync()).ToLookup(ticket => ticket.OrderId);
            var stored = await db.Documents.AsNoTracking().Where(document => ids.Contains(document.OrderId) && document.Kind == DocumentKinds.ItineraryReceipt).Select(document => document.OrderId).ToListAsync();
            return
            [
                .. orders.Select(order =>
                    $"{Name(order.OrderId)} {tickets[order.OrderId].Count() / order.Passengers.Count} tickets {(tickets[order.OrderId].Any() ? order.TicketNumbers[0].Number : "")}"
                    + $"{string.Join("; ", tickets[order.OrderId].SelectMany(ticket => ticket.Coupons).Where(coupon => coupon.EndedBy is not null).Select(coupon => $" {coupon.Status} by {Array.IndexOf(cancellations, coupon.EndedBy!.Value)}").Distinct())}, "
                    + $"{(stored.Contains(order.OrderId) ? "stored" : "not stored")}, documents {Words(intents.GetValueOrDefault($"documents/{order.OrderId}"))}"),
                $"{books.Store.Written.Count - writtenBefore} files",
            ];
        });

        private static IssueTickets Order(int number)
        {
            var family = Orders.Family();
            return family with
            {
                BookingId = Guid.NewGuid(),
                OrderId = Guid.NewGuid(),
                TicketNumbers = [.. family.TicketNumbers.Select((ticket, at) => ticket with { Number = $"001{2_400_000_000 + (number * 10) + at}" })],
            };
        }

        private static string Words(Intent intent) => intent.State == IntentState.Open ? $"open, leased until {intent.LeaseUntil:O}" : intent.State.ToString();

        private static string Words(EffectIntent? intent) => intent switch
        {
            null => "None",
            { Answer: not null } => "Done",
            _ => $"open, leased until {intent.LeaseUntil:O}",
        };

        private string Name(Guid orderId) => $"order {orders.FindIndex(order => order.OrderId == orderId)}";
    }
}
