using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Return;

/// <summary>Where PayPal sends the payer's browser. Coming back proves nothing: the order is fetched.</summary>
internal static class ReturnPages
{
    public static void MapReturnPages(this WebApplication app)
    {
        var payments = app.MapGroup("/v1/payments").WithTags("Payments");
        payments.MapGet("/return", ReturnAsync).WithName("PayPalReturn").WithSummary("PayPal sends the payer's browser here after the approval")
            .Produces(StatusCodes.Status200OK, contentType: "text/html").Produces(StatusCodes.Status302Found).Produces(StatusCodes.Status404NotFound, contentType: "text/html");
        payments.MapGet("/cancelled", CancelledAsync).WithName("PayPalCancelled").WithSummary("PayPal sends the payer's browser here when the payer gave up")
            .Produces(StatusCodes.Status200OK, contentType: "text/html").Produces(StatusCodes.Status302Found).Produces(StatusCodes.Status404NotFound, contentType: "text/html");
    }

    private static async Task<IResult> ReturnAsync(
        string? token, PaymentsDbContext db, PayPalClient payPal, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, token, cancellationToken) is not { } found)
        {
            return NotOurs();
        }

        var state = found.State;
        if (state < PaymentState.Approved)
        {
            var facts = await payPal.ShowAsync(found.Id, found.OrderId!, cancellationToken);
            state = await LearnAsync(db, found.Id, facts, time.GetUtcNow(), cancellationToken);
        }

        return Elsewhere(found, state >= PaymentState.Approved ? "approved" : "pending") ?? (state switch
        {
            _ when found.IsClosed && state < PaymentState.Captured => PaymentPage.Show(
                "This payment is closed", "Nothing was taken from you, and what may have been reserved is given back. You can start a new booking.", found),
            < PaymentState.Approved => PaymentPage.Show(
                "We are checking with PayPal", "Your approval has not reached us yet. You need not do anything: your booking shows it as soon as it does.", found),
            _ => PaymentPage.Show(
                "Thank you, that is approved", "Nothing is taken before the airline has confirmed your seats. Your booking shows how it goes on.", found),
        });
    }

    private static async Task<IResult> CancelledAsync(string? token, PaymentsDbContext db, CancellationToken cancellationToken) =>
        await FindAsync(db, token, cancellationToken) is { } found
            ? Elsewhere(found, "cancelled") ?? PaymentPage.Show(
                "You did not approve the payment", "Nothing was taken. Your seats are still held for a while: the link in your booking leads back to PayPal.", found)
            : NotOurs();

    private static Task<Payment?> FindAsync(PaymentsDbContext db, string? token, CancellationToken cancellationToken) =>
        token is { Length: > 0 and <= 36 }
            ? db.Payments.AsNoTracking().SingleOrDefaultAsync(payment => payment.OrderId == token, cancellationToken)
            : Task.FromResult<Payment?>(null);

    private static async Task<PaymentState> LearnAsync(
        PaymentsDbContext db, Guid paymentId, PaymentFacts facts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var payment = await db.LockPaymentAsync(paymentId, cancellationToken);
        payment.LearnAndTell(db, facts, now);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return payment.State;
    }

    /// <summary>The shop's own page, where the booking named one that a browser may be sent to.</summary>
    private static IResult? Elsewhere(Payment payment, string outcome) =>
        Uri.TryCreate(payment.ReturnUrl, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? Results.Redirect(new UriBuilder(url) { Query = $"{url.Query.TrimStart('?')}&booking={payment.BookingId}&payment={outcome}".TrimStart('&') }.Uri.AbsoluteUri)
            : null;

    private static IResult NotOurs() =>
        PaymentPage.Show("We do not know this payment", "The address may have been cut short. Your booking shows where it stands.", null, 404);
}
