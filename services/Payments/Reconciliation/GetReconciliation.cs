using System.Globalization;
using System.Text;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Payments.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Reconciliation;

/// <summary>How the books agree.</summary>
/// <param name="LastRun">When they were compared last; null: never.</param>
/// <param name="Differences">What stands, the oldest first; with <c>all=true</c> what is gone as well.</param>
internal sealed record ReconciliationView(ReconciliationRunView? LastRun, IReadOnlyList<DifferenceView> Differences);

/// <summary>One comparison.</summary>
/// <param name="Transactions">That PayPal listed.</param>
/// <param name="Payments">Of ours that were compared.</param>
/// <param name="Bookings">Whose tickets and seats were compared.</param>
/// <param name="Open">Differences that stood after it.</param>
/// <param name="NotAsked">Who did not answer: <c>paypal</c>, <c>tickets</c>, <c>airlines</c>. Empty: the comparison is complete.</param>
internal sealed record ReconciliationRunView(DateTimeOffset At, DateTimeOffset From, int Transactions, int Payments, int Bookings, int Open, IReadOnlyList<string> NotAsked)
{
    public static ReconciliationRunView Of(ReconciliationRun run) =>
        new(run.At, run.From, run.Transactions, run.Payments, run.Bookings, run.Open, run.NotAsked?.Split(' ') ?? []);
}

/// <summary>Two books that do not say the same.</summary>
/// <param name="Reason">Stable code: <c>reconciliation.…</c>.</param>
/// <param name="Subject">What it is about: an id of PayPal's or ours.</param>
/// <param name="ClosedAt">UTC, when it was gone; null while it stands.</param>
internal sealed record DifferenceView(
    Guid Id, string Reason, string Subject, Guid? BookingId, Guid? PaymentId, Money? Amount, string Detail, DateTimeOffset FoundAt, DateTimeOffset SeenAt, DateTimeOffset? ClosedAt)
{
    public static DifferenceView Of(Difference one) =>
        new(one.Id, one.Reason, one.Subject, one.BookingId, one.PaymentId, one.Amount, one.Detail, one.FoundAt, one.SeenAt, one.ClosedAt);
}

/// <summary>Asks for the books to be compared now.</summary>
/// <param name="GraceSeconds">What is younger is no difference yet; null: as configured.</param>
internal sealed record ReconcileRequest(int? GraceSeconds = null);

internal static class GetReconciliation
{
    private const int MostGrace = 3 * 24 * 3600;

    public static void MapReconciliation(this WebApplication app)
    {
        var reconciliation = app.MapGroup("/v1/support/reconciliation").WithTags("Support").Requires(Permission.Reconcile);
        reconciliation.MapGet("/", GetAsync).WithName("GetReconciliation").WithSummary("Differences between PayPal, ledger, tickets and seats, and when they were compared");
        reconciliation.MapGet("/export", ExportAsync).WithName("ExportReconciliation").WithSummary("The same as CSV (RFC 4180, UTF-8)");
        reconciliation.MapPost("/runs", RunAsync).WithName("RunReconciliation").WithSummary("Compares the books now");
    }

    private static async Task<Ok<ReconciliationView>> GetAsync(PaymentsDbContext db, CancellationToken cancellationToken, bool all = false) =>
        TypedResults.Ok(await ViewAsync(db, all, cancellationToken));

    private static async Task<Results<Ok<ReconciliationView>, ProblemHttpResult>> RunAsync(
        ReconcileRequest request, Reconciler reconciler, PaymentsDbContext db, CancellationToken cancellationToken)
    {
        if (request.GraceSeconds is < 0 or > MostGrace)
        {
            return Problems.Invalid(new FieldProblem("/graceSeconds", "reconciliation.grace_out_of_range", $"0 to {MostGrace}."));
        }

        try
        {
            await reconciler.RunAsync(request.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, cancellationToken);
        }
        catch (DbUpdateException)
        {
            return Problems.Refused(409, "reconciliation.running", "Somebody else is comparing the books right now; look at what they find.", retryable: true);
        }

        return TypedResults.Ok(await ViewAsync(db, all: false, cancellationToken));
    }

    private static async Task<ContentHttpResult> ExportAsync(PaymentsDbContext db, HttpResponse response, CancellationToken cancellationToken, bool all = false)
    {
        var text = new StringBuilder("reason,subject,booking_id,payment_id,currency,amount,detail,found_at,seen_at,closed_at\r\n");
        foreach (var one in (await ViewAsync(db, all, cancellationToken)).Differences)
        {
            text.AppendJoin(',', new[]
            {
                one.Reason, one.Subject, one.BookingId?.ToString(), one.PaymentId?.ToString(), one.Amount?.Currency, one.Amount?.ToAmountString(), one.Detail,
                Time(one.FoundAt), Time(one.SeenAt), one.ClosedAt is { } closed ? Time(closed) : null,
            }.Select(Field)).Append("\r\n");
        }

        response.Headers.ContentDisposition = "attachment; filename=reconciliation.csv";
        return TypedResults.Text(text.ToString(), "text/csv; charset=utf-8", Encoding.UTF8);
    }

    private static async Task<ReconciliationView> ViewAsync(PaymentsDbContext db, bool all, CancellationToken cancellationToken)
    {
        var run = await db.Reconciliations.AsNoTracking().OrderByDescending(run => run.Id).FirstOrDefaultAsync(cancellationToken);
        var differences = await db.Differences.AsNoTracking().Where(one => all || one.ClosedAt == null).OrderBy(one => one.FoundAt).ThenBy(one => one.Id).ToListAsync(cancellationToken);
        return new(run is null ? null : ReconciliationRunView.Of(run), [.. differences.Select(DifferenceView.Of)]);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Quoted where it must be; what a spreadsheet would take for a formula is not one.</summary>
    private static string Field(string? text)
    {
        var safe = text is ['=' or '+' or '-' or '@', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
