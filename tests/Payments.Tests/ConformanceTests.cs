using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aerona.Conformance;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Persistence;
using Aerona.Sandbox;
using Aerona.Simulation;
using Aerona.Simulation.Services;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Model = Aerona.Simulation.Services.Payments;
using PaymentState = Aerona.Payments.PaymentState;
using Taking = Aerona.Simulation.Services.Capture;

namespace Aerona.Payments.Tests;

/// <summary>
/// The simulator's model of this service and of PayPal beside the service and the sandbox's PayPal: it must have no virtue that the code lacks, and no fault either.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly (Kind, int)[] Likings =
    [
        (Kind.Next, 60), (Kind.Open, 2), (Kind.Approve, 2), (Kind.Authorize, 4), (Kind.LookUp, 6), (Kind.Capture, 4), (Kind.Void, 3), (Kind.Refund, 4), (Kind.Renew, 4), (Kind.Look, 4),
        (Kind.Answer, 8), (Kind.Die, 4), (Kind.TimePasses, 8), (Kind.PayPalDecides, 2),
    ];

    private enum Kind { Next, Open, Approve, Authorize, LookUp, Capture, Void, Refund, Renew, Look, Answer, Die, TimePasses, PayPalDecides }

    [Fact]
    public Task The_model_and_the_service_say_and_keep_the_same_in_any_history() => AgreeAsync(Histories.Some);

    [Fact]
    [Trait("long", "yes")]
    public Task The_model_and_the_service_say_and_keep_the_same_in_a_thousand_histories() => AgreeAsync(Histories.All);

    [Theory]
    [InlineData("void-without-ledger")]
    public Task A_model_with_one_rule_changed_is_told_from_the_service(string bug) => TellAsync(bug);

    [Theory]
    [Trait("long", "yes")]
    [InlineData("look-up-does-not-close")]
    [InlineData("void-during-authorise")]
    public Task A_model_with_another_rule_changed_is_told_from_the_service(string bug) => TellAsync(bug);

    private static async Task TellAsync(string bug)
    {
        await using var books = await Books.OpenAsync();

        var found = await Histories.FindAsync(Histories.All, Likings, 40, (steps, done) => PlayAsync(books, Bugs.Find(bug)!.Value, steps, done));

        Assert.IsType<DifferenceException>(found?.Problem);
        TestContext.Current.TestOutputHelper?.WriteLine(found.ToString());
    }

    private static async Task AgreeAsync(int seeds)
    {
        await using var books = await Books.OpenAsync();

        await Histories.AgreeAsync(seeds, Likings, 40, (steps, done) => PlayAsync(books, Bug.None, steps, done));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", books.Heard.OrderBy(said => said.Key.Name).Select(said => $"{said.Value} {said.Key.Name}")));

        Assert.Empty(
            new HashSet<Type>
            {
                typeof(PaymentOpened), typeof(PaymentNotPossible), typeof(PaymentApproved), typeof(PaymentAuthorized), typeof(PaymentDeclined), typeof(PaymentUnderReview),
                typeof(PaymentAbsent), typeof(PaymentCaptured), typeof(CapturePending), typeof(CaptureRefused), typeof(PaymentVoided), typeof(PaymentRefunded),
                typeof(RefundPending), typeof(RefundRefused), typeof(VoidPayment), typeof(RefundPayment),
            }.Except(books.Heard.Keys));   // worth something only while they come to everything
    }

    private static async Task PlayAsync(Books books, Bug bug, IReadOnlyList<Step<Kind>> steps, List<string> done)
    {
        var pair = new Pair(books, new Model(bug, refundsMayFail: true)) { Done = done, Heard = books.Heard };
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

    /// <summary>The service and the sandbox's PayPal, with the history between them.</summary>
    private sealed class Books(TestService payPal, TestService payments, OutsideWorld outside) : IAsyncDisposable
    {
        public TestService PayPal => payPal;

        public TestService Payments => payments;

        public OutsideWorld Outside => outside;

        public Dictionary<Type, int> Heard { get; } = [];

        public static async Task<Books> OpenAsync()
        {
            var silent = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None" };
            var payPal = await TestService.StartAsync(builder => builder.AddSandbox(), _ => { }, app => app.MapSandbox(), silent);
            var outside = new OutsideWorld();
            var payments = await TestService.StartAsync(
                builder =>
                {
                    builder.AddPayments();
                    builder.Services.AddSingleton<IInterceptor>(outside);
                    builder.Services.AddSingleton<FirstRefusals>();
                    builder.Services.ConfigureHttpClientDefaults(client =>
                        client.AddHttpMessageHandler(services => new Line(outside, services.GetRequiredService<FirstRefusals>())));
                },
                bus => bus.AddPaymentsConsumers(), app => app.MapPayments(),
                new Dictionary<string, string?>(silent)
                {
                    ["PayPal:BaseUrl"] = new Uri(payPal.Http.BaseAddress!, "/sandbox/paypal").AbsoluteUri,
                    ["PayPal:ClientId"] = "aerona-sandbox",
                    ["PayPal:ClientSecret"] = "aerona-sandbox-secret",
                });
            return new(payPal, payments, outside);
        }

        public async ValueTask DisposeAsync()
        {
            await payments.DisposeAsync();
            await payPal.DisposeAsync();
        }
    }

    /// <summary>What was refused under which request id: asked again PayPal says it again.</summary>
    private sealed class FirstRefusals : Dictionary<string, string>;

    /// <summary>The line to PayPal: it breaks before or after, and where the history says no it is PayPal's no.</summary>
    private sealed class Line(OutsideWorld outside, FirstRefusals refusals) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (path.Contains("/oauth2/", StringComparison.Ordinal))
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var verdict = await outside.AskAsync();
            outside.Left(verdict);
            if (verdict.Outcome == Outcome.LostBefore)
            {
                throw new HttpRequestException("the line broke before PayPal was asked");
            }

            var key = request.Headers.TryGetValues("PayPal-Request-Id", out var keys) ? keys.Single() : "";
            if (request.Method == HttpMethod.Post && verdict.Outcome == Outcome.Denied && !refusals.ContainsKey(key))
            {
                refusals[key] = path.EndsWith("/authorize", StringComparison.Ordinal) ? "INSTRUMENT_DECLINED"
                    : path.EndsWith("/reauthorize", StringComparison.Ordinal) ? "PAYER_CANNOT_PAY"
                    : path.EndsWith("/capture", StringComparison.Ordinal) || path.EndsWith("/refund", StringComparison.Ordinal) ? "TRANSACTION_REFUSED" : "PAYEE_ACCOUNT_RESTRICTED";
            }

            if (refusals.TryGetValue(key, out var issue))
            {
                if (verdict.Outcome == Outcome.LostAfter)
                {
                    throw new HttpRequestException("the line broke after PayPal was asked");
                }

                var body = JsonSerializer.Serialize(new { name = "UNPROCESSABLE_ENTITY", details = new[] { new { issue } } });
                return new(HttpStatusCode.UnprocessableEntity) { Content = new StringContent(body, Encoding.UTF8, "application/json"), RequestMessage = request };
            }

            var answer = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Post && verdict.Outcome == Outcome.LostAfter)
            {
                answer.Dispose();
                throw new HttpRequestException("the line broke after PayPal was asked");
            }

            return answer;
        }
    }

    /// <summary>Four payments of a booking, in the model and in the service.</summary>
    private sealed class Pair(Books books, Model model) : Comparison(model, books.Payments, books.Outside)
    {
        private static readonly Money Price = new(19990, "EUR");
        // A payment's refunds: one for all, some for a part, more together than was paid, and what is no amount of it.
        private static readonly Money[] Amounts = [Price, new(9995, "EUR"), new(9995, "EUR"), new(1, "EUR"), new(0, "EUR"), new(9995, "USD")];
        private static readonly TimeSpan[] Spans =
            [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(76), TimeSpan.FromMinutes(16), TimeSpan.FromHours(2), TimeSpan.FromDays(3.1)];

        private readonly Guid booking = Guid.NewGuid();
        private readonly Guid[] payments = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        private readonly Guid[] refunds = [.. Enumerable.Range(0, 4 * Amounts.Length).Select(_ => Guid.NewGuid())];
        private readonly Dictionary<(Guid, int), string> events = [];
        private readonly Dictionary<Guid, string> payers = [];
        private readonly Dictionary<Guid, string> orders = [];
        private readonly Dictionary<Guid, string> seenAtPayPal = [];
        private readonly HashSet<Guid> stale = [];
        private TimeSpan passed;

        public async Task TakeAsync(Step<Kind> step)
        {
            var payment = payments[step.One % payments.Length];
            switch (step.Kind)
            {
                case Kind.Next:
                    await GoOnAsync(Array.Find(payments, id => !IsOver(Row(id))) is var live && live != default ? live : payment, step);
                    break;
                case Kind.Open:
                    await DeliverAsync(new OpenPayment(booking, payment, Price, "R7KX2M", "HAN-SGN, 5 December 2026", null));
                    break;
                case Kind.Approve when Row(payment) is { HasOrder: true, PayPal.Order: PayPalOrder.Created }:
                    await ApproveAsync(payment, (step.Other / 4 % 8) switch { 0 or 1 => "review", 2 or 3 => "capture-pending", 4 or 5 => "refund-pending", _ => "happy" });
                    break;
                case Kind.Authorize:
                    await DeliverAsync(new AuthorizePayment(booking, payment));
                    break;
                case Kind.LookUp:
                    await DeliverAsync(new LookUpPayment(booking, payment, step.Other % 3, step.Other / 3 % 4 == 0));
                    break;
                case Kind.Capture:
                    await DeliverAsync(new CapturePayment(booking, payment, step.Other % 16 == 0 ? Price + Price : Price));
                    break;
                case Kind.Void:
                    await DeliverAsync(new VoidPayment(booking, payment));
                    break;
                case Kind.Refund:
                    var which = step.Other / 4 % Amounts.Length;
                    await DeliverAsync(new RefundPayment(booking, payment, RefundsOf(payment)[which], Amounts[which], "test"));
                    break;
                case Kind.Renew:
                    await DeliverAsync(new ReauthorizePayment(booking, payment));
                    break;
                case Kind.Look when Row(payment).HasOrder:
                    await LookAsync(payment);
                    break;
                case Kind.Answer when UnderWay > 0:
                    await AnswerAsync(step.One % UnderWay, step.Other);
                    break;
                case Kind.Die when UnderWay > 0:
                    var at = step.One % UnderWay;
                    stale.Add(PaymentOf(MessageOf(at)));
                    await DieAsync(at, step.Other % 2 == 0 && MayBeLost(at));
                    break;
                case Kind.TimePasses when passed < TimeSpan.FromDays(20):   // for less than a reservation lasts
                    var span = Spans[step.Other % Spans.Length];
                    passed += span;
                    Pass(span);
                    books.PayPal.Clock.AdjustTime(Now);
                    break;
                case Kind.PayPalDecides:
                    await DecideAsync(step.Other % 2 == 0);
                    break;
            }
        }

        private static bool IsOver(PaymentRow row) => row.Ledger.RefundedMinor == Price.MinorUnits || row is { Closed: true, State: Simulation.Services.PaymentState.NotPossible or Simulation.Services.PaymentState.Declined or Simulation.Services.PaymentState.Voided }
            or { Closed: true, HasAuthorisation: false } or { Exists: false, Open.State: IntentState.Closed };

        /// <summary>What a booking would do next with that payment: without it chance would hardly ever get as far as money.</summary>
        private Task GoOnAsync(Guid payment, Step<Kind> step)
        {
            if (Enumerable.Range(0, UnderWay).FirstOrDefault(at => PaymentOf(MessageOf(at)) == payment, -1) is var at and >= 0)
            {
                return AnswerAsync(at, step.Other);
            }

            var row = Row(payment);
            if (Array.Exists([row.Open, row.Authorize, row.Renew, row.Capture, row.CaptureRenewed, row.Void, row.LookUp, .. (row.Refunds ?? []).Select(refund => refund.Intent)], intent => intent.IsBusy(Now)))
            {
                return TakeAsync(step with { Kind = Kind.TimePasses, Other = 2 });     // for as long as somebody who died might still be at it
            }

            var kind = row switch
            {
                { Closed: true } => Kind.Void,
                { HasOrder: false } => Kind.Open,
                { PayPal.Order: PayPalOrder.Created } => Kind.Approve,
                { PayPal: { Capture: Taking.Pending } or { Authorisation: Authorisation.Pending } } => step.Other % 2 == 0 ? Kind.PayPalDecides : Kind.LookUp,
                { PayPal.Authorisation: Authorisation.None } => Kind.Authorize,
                { PayPal: { Authorisation: Authorisation.Created, Capture: Taking.None } } when row.Reserved && row.HonouredUntil <= Now && !row.Renewed => Kind.Renew,
                { PayPal: { Authorisation: Authorisation.Created, Capture: Taking.None } } => row.HasAuthorisation ? step.Other % 5 == 0 ? Kind.TimePasses : Kind.Capture : Kind.LookUp,
                { PayPal.Capture: Taking.Completed } => row.State == Simulation.Services.PaymentState.Captured ? Kind.Refund : Kind.LookUp,
                _ => Kind.Void,
            };
            return TakeAsync(step with { Kind = kind, One = Array.IndexOf(payments, payment), Other = kind == Kind.TimePasses ? Spans.Length - 1 : step.Other });
        }

        private PaymentRow Row(Guid payment) => Array.Find(model.Rows, row => row.Id == payment) ?? new(payment, booking);

        /// <summary>What PayPal decides follows from who pays, where it is not no.</summary>
        private async Task AnswerAsync(int at, int variety)
        {
            var answers = Answers(at).Where(outcome => outcome switch
            {
                Outcome.Ok => !Answers(at).Contains(Outcome.Pending) || Pending(at) is false,
                Outcome.Pending => Pending(at),
                Outcome.LostAfter => MayBeLost(at),
                _ => true,
            }).ToList();

            // Mostly what PayPal mostly does.
            var expected = answers.Contains(Outcome.Ok) ? Outcome.Ok : answers.Contains(Outcome.Pending) ? Outcome.Pending : answers[0];
            stale.Add(PaymentOf(MessageOf(at)));
            await AnswerAsync(at, variety % 3 > 0 ? expected : answers[variety / 3 % answers.Count]);
        }

        /// <summary>Whether this payer's call, were it made now, would be left undecided.</summary>
        private bool Pending(int at)
        {
            var row = Row(PaymentOf(MessageOf(at)));
            if (MessageOf(at) is RefundPayment)
            {
                return payers.GetValueOrDefault(row.Id) == "refund-pending";
            }

            return row.PayPal.Authorisation == Authorisation.None ? payers.GetValueOrDefault(row.Id) == "review" : payers.GetValueOrDefault(row.Id) == "capture-pending";
        }

        /// <summary>Lost is only what is decided, and the answer to a call that does something: one that only looks is lost before or not at all.</summary>
        private bool MayBeLost(int at) => !(Answers(at).Contains(Outcome.Pending) && Pending(at)) && MessageOf(at) switch
        {
            VoidPayment undo => Row(undo.PaymentId).HasAuthorisation,
            ReauthorizePayment renew => Row(renew.PaymentId).PayPal is { Authorisation: Authorisation.Created, Capture: Taking.None, Renewed: false },
            _ => true,
        };

        private async Task ApproveAsync(Guid payment, string payer)
        {
            using var answer = await books.PayPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderOfAsync(payment)}/approve", new { payer });
            if (answer.StatusCode == HttpStatusCode.Conflict)
            {
                return;     // too late
            }

            answer.EnsureSuccessStatusCode();
            Done.Add($"{payer} approves {Name(payment)}");
            payers[payment] = payer;
            stale.Add(payment);
            model.Approve(payment);
            await SameAsync([]);
        }

        private async Task DecideAsync(bool accept)
        {
            if (Array.Find(model.Rows, row => Array.Exists(row.PayPal.Refunds ?? [], refund => refund.State == GivingBack.Pending)) is { } giving)
            {
                var refund = Array.Find(giving.PayPal.Refunds!, refund => refund.State == GivingBack.Pending)!.Id;
                Done.Add($"PayPal decides {(accept ? "for" : "against")} refund {Number(refund)} of {Name(giving.Id)}");
                using var decided = await books.PayPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderOfAsync(giving.Id)}/decision", new { accept, refund });
                decided.EnsureSuccessStatusCode();
                stale.Add(giving.Id);
                model.DecideRefund(giving.Id, refund, accept);
                await SameAsync([]);
                return;
            }

            if (Array.Find(model.Rows, row => row.PayPal is { Authorisation: Authorisation.Pending, Capture: Taking.None } || row.PayPal.Capture == Taking.Pending) is not { } row)
            {
                return;
            }

            Done.Add($"PayPal decides {(accept ? "for" : "against")} {Name(row.Id)}");
            using var answer = await books.PayPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderOfAsync(row.Id)}/decision", new { accept });
            answer.EnsureSuccessStatusCode();
            stale.Add(row.Id);
            if (row.PayPal.Capture == Taking.Pending)
            {
                model.DecideCapture(row.Id, accept);
            }
            else
            {
                model.DecideReview(row.Id, accept);
            }

            await SameAsync([]);
        }

        /// <summary>An event of PayPal's is looked at: it lies stored and was found to be PayPal's.</summary>
        private async Task LookAsync(Guid payment)
        {
            var seen = new PayPalEvent(booking, payment, Row(payment).PayPal.Event());
            if (!events.TryGetValue((payment, seen.Number), out var id))
            {
                events[(payment, seen.Number)] = id = $"WH-{Guid.NewGuid():N}";
                var order = await OrderOfAsync(payment);
                await books.Payments.Query<PaymentsDbContext, int>(db =>
                {
                    db.Add(new WebhookEvent
                    {
                        EventId = id,
                        EventType = "CHECKOUT.ORDER.APPROVED",
                        Body = $$$"""{"resource_type":"checkout-order","resource":{"id":"{{{order}}}"}}""",
                        AuthAlgo = "",
                        CertUrl = "",
                        TransmissionId = "",
                        TransmissionSig = "",
                        TransmissionTime = "",
                        ReceivedAt = Now.AddYears(1),   // for as long as a history takes nobody gives it up
                        State = WebhookState.Parked,
                    });
                    return db.SaveChangesAsync();
                });
            }

            await DeliverAsync(seen, new ProcessPayPalEvent(id));
        }

        private async Task<string> OrderOfAsync(Guid payment) => orders.TryGetValue(payment, out var known) ? known
            : orders[payment] = (await books.Payments.Query<PaymentsDbContext, string?>(db => db.Payments.Where(row => row.Id == payment).Select(row => row.OrderId).SingleAsync()))!;

        private static Guid PaymentOf(object message) => (Guid)message.GetType().GetProperty("PaymentId")!.GetValue(message)!;

        protected override bool IsPaced(object message) => message is RefundPayment or PayPalEvent or ProcessPayPalEvent;

        protected override string? Words(object message) => message switch
        {
            OpenPayment x => $"OpenPayment {Name(x.PaymentId)}",
            PaymentOpened x => $"PaymentOpened {Name(x.PaymentId)}",
            PaymentNotPossible x => $"PaymentNotPossible {Name(x.PaymentId)} {x.Reason}",
            PaymentApproved x => $"PaymentApproved {Name(x.PaymentId)}",
            AuthorizePayment x => $"AuthorizePayment {Name(x.PaymentId)}",
            PaymentAuthorized x => $"PaymentAuthorized {Name(x.PaymentId)} {x.Amount} honoured until {x.HonouredUntil:O}",
            PaymentDeclined x => $"PaymentDeclined {Name(x.PaymentId)} {x.Reason}",
            PaymentUnderReview x => $"PaymentUnderReview {Name(x.PaymentId)}",
            LookUpPayment x => $"LookUpPayment {Name(x.PaymentId)} {x.LookUp}{(x.CloseIfAbsent ? ", to be closed" : "")}",
            PaymentAbsent x => $"PaymentAbsent {Name(x.PaymentId)} {x.LookUp}",
            CapturePayment x => $"CapturePayment {Name(x.PaymentId)} {x.Price}",
            PaymentCaptured x => $"PaymentCaptured {Name(x.PaymentId)} {x.Amount}",
            CapturePending x => $"CapturePending {Name(x.PaymentId)}",
            CaptureRefused x => $"CaptureRefused {Name(x.PaymentId)} {x.Reason}",
            VoidPayment x => $"VoidPayment {Name(x.PaymentId)}",
            PaymentVoided x => $"PaymentVoided {Name(x.PaymentId)} {x.Voided?.ToString() ?? "nothing"}",
            RefundPayment x => $"RefundPayment {Name(x.PaymentId)} {Number(x.RefundId)} {x.Amount}",
            PaymentRefunded x => $"PaymentRefunded {Name(x.PaymentId)} {Number(x.RefundId)} {x.Amount}",
            RefundPending x => $"RefundPending {Name(x.PaymentId)} {Number(x.RefundId)}",
            RefundRefused x => $"RefundRefused {Name(x.PaymentId)} {Number(x.RefundId)} {x.Reason}",
            ReauthorizePayment x => $"ReauthorizePayment {Name(x.PaymentId)}",
            PayPalEvent x => $"look at event {x.Number} of {Name(x.PaymentId)}",
            ProcessPayPalEvent x when events.FirstOrDefault(one => one.Value == x.EventId) is { Value: not null } of => $"look at event {of.Key.Item2} of {Name(of.Key.Item1)}",
            BookingNoted => null,   // for the timeline
            _ => throw new InvalidOperationException($"{message.GetType().Name} is not expected here"),
        };

        protected override IEnumerable<string> ModelKeeps()
        {
            foreach (var payment in payments)
            {
                var row = Row(payment);
                var name = Name(payment);
                yield return $"{name} intents: open {Words(row.Open)}, authorize {Words(row.Authorize)}, reauthorize {Words(row.Renew)}, capture {Words(row.Capture)}, renewed {Words(row.CaptureRenewed)}, void {Words(row.Void)}, look-up {Words(row.LookUp)}";
                foreach (var refund in RefundsOf(payment).Select(row.RefundOf).OfType<RefundRow>())
                {
                    yield return $"{name} refund {Number(refund.Id)} of {refund.Amount}: {refund.State} {refund.Reason}, {Words(refund.Intent)}";
                }

                if (!row.Exists)
                {
                    continue;
                }

                yield return $"{name} {row.State}{(row.Closed ? " closed" : "")} {row.Reason}: {(row.HasOrder ? "order" : "no order")}, {(row.HasAuthorisation ? row.Renewed ? "renewed" : "authorisation" : "nothing")} {(row.Reserved ? row.HonouredUntil.ToString("O") : "")}, {row.VoidTries} tries";
                yield return $"{name} ledger: {row.Ledger.Authorised} {row.Ledger.Voided} {row.Ledger.Captured} {row.Ledger.RefundedMinor}";
                if (row.HasOrder)
                {
                    var book = row.PayPal;
                    var status = (book.Authorisation, book.Capture) switch
                    {
                        (Authorisation.Created, Taking.Pending or Taking.Completed) => "CAPTURED",
                        (Authorisation.None, _) => "",
                        var (authorisation, _) => authorisation.ToString().ToUpperInvariant(),
                    };
                    yield return $"{name} at PayPal: {status}{(book.Renewed ? " renewed" : "")} captured {(book.Capture == Taking.Completed ? 1 : 0)} of {book.Captures}, refunded {book.RefundedMinor}, voided {(book.Authorisation == Authorisation.Voided ? 1 : 0)}";
                }
            }
        }

        protected override async Task<List<string>> ServiceKeepsAsync()
        {
            var (rows, lines, refundRows, intents) = await books.Payments.Query<PaymentsDbContext, (List<Payment>, List<LedgerEntry>, List<Refund>, Dictionary<string, EffectIntent>)>(async db =>
            {
                var keys = payments.SelectMany(KeysOf).ToList();
                return (
                    await PaymentsAsync(db),
                    await db.Ledger.AsNoTracking().Where(line => line.BookingId == booking).ToListAsync(),
                    await db.Refunds.AsNoTracking().Where(refund => refunds.Contains(refund.Id)).ToListAsync(),
                    await db.Set<EffectIntent>().AsNoTracking().Where(intent => keys.Contains(intent.Key)).ToDictionaryAsync(intent => intent.Key));
            });
            List<string> kept = [];
            foreach (var payment in payments)
            {
                var name = Name(payment);
                var words = KeysOf(payment).Select(key => Words(intents.GetValueOrDefault(key))).ToList();
                kept.Add($"{name} intents: open {words[0]}, authorize {words[1]}, reauthorize {words[2]}, capture {words[3]}, renewed {words[4]}, void {words[5]}, look-up {words[6]}");
                foreach (var refund in RefundsOf(payment).Select(id => refundRows.Find(row => row.Id == id)).OfType<Refund>())
                {
                    kept.Add($"{name} refund {Number(refund.Id)} of {refund.Amount}: {refund.State} {refund.Reason}, {Words(intents.GetValueOrDefault(Effects.Refund(refund.Id)))}");
                }

                if (rows.Find(row => row.Id == payment) is not { } row)
                {
                    continue;
                }

                kept.Add($"{name} {row.State}{(row.IsClosed ? " closed" : "")} {row.Reason}: {(row.OrderId is null ? "no order" : "order")}, {(row.AuthorizationId is not null ? row.IsRenewed ? "renewed" : "authorisation" : "nothing")} {row.HonouredUntil:O}, {row.VoidTries} tries");
                kept.Add($"{name} ledger: {Sum(LedgerKind.Authorised) / Price.MinorUnits} {Sum(LedgerKind.Voided) / Price.MinorUnits} {Sum(LedgerKind.Captured) / Price.MinorUnits} {Sum(LedgerKind.Refunded)}");
                if (row.OrderId is not null)
                {
                    if (!stale.Remove(payment) && seenAtPayPal.TryGetValue(payment, out var seen))
                    {
                        kept.Add(seen);     // PayPal has not been asked for anything since
                        continue;
                    }

                    var book = await books.PayPal.Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{row.OrderId}");
                    kept.Add(seenAtPayPal[payment] = $"{name} at PayPal: {book.GetProperty("authorizationStatus").GetString()}{(book.GetProperty("renewalId").GetString() is null ? "" : " renewed")} captured {Prices(book, "captured")} of {book.GetProperty("captureIds").GetArrayLength()}, refunded {(long)(100 * decimal.Parse(book.GetProperty("books").GetProperty("refunded").GetProperty("amount").GetString()!, CultureInfo.InvariantCulture))}, voided {Prices(book, "voided")}");
                }

                long Sum(LedgerKind kind) => lines.Where(line => line.PaymentId == payment && line.Kind == kind).Sum(line => line.AmountMinor);
            }

            return kept;

            static int Prices(JsonElement book, string of) =>
                (int)(decimal.Parse(book.GetProperty("books").GetProperty(of).GetProperty("amount").GetString()!, CultureInfo.InvariantCulture) / Price.Amount);
        }

        private async Task<List<Payment>> PaymentsAsync(PaymentsDbContext db)
        {
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            List<Payment> rows = [];
            foreach (var id in await db.Payments.Where(row => row.BookingId == booking).Select(row => row.Id).ToListAsync())
            {
                rows.Add(await db.LockPaymentAsync(id, CancellationToken.None));
            }

            return rows;
        }

        private string[] KeysOf(Guid payment) =>
        [
            Effects.Open(payment), Effects.Authorize(payment), Effects.Reauthorize(payment), Effects.Capture(payment, renewed: false), Effects.Capture(payment, renewed: true),
            Effects.Void(payment), Effects.LookUp(payment), .. RefundsOf(payment).Select(Effects.Refund),
        ];

        private Guid[] RefundsOf(Guid payment) => refunds[(Array.IndexOf(payments, payment) * Amounts.Length)..][..Amounts.Length];

        private int Number(Guid refund) => Array.IndexOf(refunds, refund) % Amounts.Length;

        private static string Words(Intent intent) => intent.State == IntentState.Open ? $"open, leased until {intent.LeaseUntil:O}" : intent.State.ToString();

        private static string Words(EffectIntent? intent) => intent switch
        {
            null => "None",
            { Closed: true } => "Closed",
            { Answer: not null } => "Done",
            _ => $"open, leased until {intent.LeaseUntil:O}",
        };

        private string Name(Guid payment) => $"payment {Array.IndexOf(payments, payment)}";
    }
}
