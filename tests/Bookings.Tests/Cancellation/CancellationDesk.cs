using System.Net;
using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Cancellation;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Cancellation;

/// <summary>A confirmed booking at the desk; the tests play the airline, the ticket office and PayPal.</summary>
internal sealed class CancellationDesk(BookingDesk desk, Guid bookingId, string token) : IAsyncDisposable
{
    public static readonly CouponKey[] All = [new("p1", 1), new("p2", 1), new("p3", 1)];

    public BookingDesk Desk => desk;

    public TestService Service => desk.Service;

    public Guid BookingId => bookingId;

    public string Token => token;

    public static async Task<CancellationDesk> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var desk = await BookingDesk.StartAsync(settings: settings);
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        return new(desk, id, token);
    }

    public string Path(Guid? cancellation = null) => $"/v1/bookings/{bookingId}/cancellations{(cancellation is { } id ? $"/{id}" : "")}";

    /// <summary>Asks for a cancellation and lets its saga begin.</summary>
    public async Task<Guid> AskAsync(object? body = null, string? by = null)
    {
        var response = await desk.PostAsync(Path(), body, by ?? token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var id = (await BookingDesk.JsonAsync(response)).GetProperty("id").GetGuid();
        await Service.ConsumeAsync((await Service.Published<CancellationRequested>()).Single(x => x.CancellationId == id));
        return id;
    }

    /// <summary>Plays the airline's quote; gives its id.</summary>
    public async Task<Guid> QuoteAsync(Guid id, Money? refund, IReadOnlyList<CouponKey>? coupons = null, RefundRule rule = RefundRule.FareRule, bool isVoid = false)
    {
        var asked = (await Service.Published<QuoteCancellation>()).Last(x => x.CancellationId == id);
        await Service.ConsumeAsync(new CancellationQuoted(
            bookingId, id, asked.QuoteId, coupons ?? All,
            [new("p1", null, PriceLineKind.BaseFare, "FARE", BookingDesk.Price, refund, refund is null ? RefundRule.Unknown : rule)], refund,
            refund is null ? RefundRule.Unknown : rule, isVoid, desk.Now.AddMinutes(30)));
        return asked.QuoteId;
    }

    /// <summary>Confirms, and lets the saga and the booking agree on the lock.</summary>
    public async Task ConfirmAsync(Guid id, Guid quote, string? by = null)
    {
        var response = await desk.PostAsync($"{Path(id)}/confirmations", new { quoteId = quote, acceptUnknownAmount = true }, by ?? token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await Service.ConsumeAsync((await Service.Published<CancellationConfirmed>()).Last(x => x.CancellationId == id));
    }

    public async Task LockAsync(Guid id)
    {
        await Service.ConsumeAsync((await Service.Published<ServicingRequested>()).Last(x => x.ServicingId == id));
        foreach (var granted in (await Service.Published<ServicingGranted>()).Where(x => x.ServicingId == id).TakeLast(1))
        {
            await Service.ConsumeAsync(granted);
        }

        foreach (var denied in (await Service.Published<ServicingDenied>()).Where(x => x.ServicingId == id).TakeLast(1))
        {
            await Service.ConsumeAsync(denied);
        }
    }

    /// <summary>Plays the airline that cancels and the office that ends the coupons; the booking hears of it.</summary>
    public async Task CancelAsync(Guid id, Money? gives, IReadOnlyList<CouponKey>? coupons = null)
    {
        var gone = coupons ?? All;
        await Service.ConsumeAsync(new QuotedOrderCancelled(bookingId, id, gone, gives, coupons is null));
        await Service.ConsumeAsync(new CouponsEnded(bookingId, id, gone, []));
        await HearAsync(id);
    }

    /// <summary>Delivers to the booking what the saga told it.</summary>
    public async Task HearAsync(Guid id)
    {
        foreach (var ended in (await Service.Published<ServicingEnded>()).Where(x => x.ServicingId == id))
        {
            await Service.ConsumeAsync(ended);
        }

        foreach (var released in (await Service.Published<ServicingReleased>()).Where(x => x.ServicingId == id))
        {
            await Service.ConsumeAsync(released);
        }

        foreach (var cancelled in await Service.Published<BookingCancelled>())
        {
            await Service.ConsumeAsync(cancelled);
        }
    }

    /// <summary>Plays a PayPal that gives the money back.</summary>
    public async Task RefundAsync(Guid id)
    {
        var refund = (await Service.Published<RefundPayment>()).Last(x => CancellationIds.OfRefund(x.RefundId) == id);
        await Service.ConsumeAsync(new PaymentRefunded(bookingId, refund.PaymentId, refund.RefundId, refund.Amount));
    }

    public Task<CancellationState> SagaAsync(Guid id) =>
        Service.Query<BookingsDbContext, CancellationState>(db => db.Cancellations.AsNoTracking().SingleAsync(saga => saga.CorrelationId == id));

    /// <summary>Lets the state's time end.</summary>
    public async Task PastDeadlineAsync(Guid id)
    {
        var saga = await SagaAsync(id);
        Service.Clock.SetUtcNow(saga.DeadlineAt!.Value);
        await Service.ConsumeAsync(new CancellationDeadline(id), saga.DeadlineToken);
    }

    public async Task<JsonElement> ViewAsync(Guid id) => await BookingDesk.JsonAsync(await desk.GetAsync(Path(id), token));

    public Task<JsonElement> BookingAsync() => desk.ViewAsync(bookingId, token);

    public async ValueTask DisposeAsync() => await desk.DisposeAsync();
}
