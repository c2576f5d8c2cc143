using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Transaction Search v1: what moved money, in a span of at most 31 days, in pages. PayPal's own is up to three hours behind; this one is not.</summary>
internal static class ReportingApi
{
    public static void MapReporting(this RouteGroupBuilder paypal) => paypal.MapGet("/v1/reporting/transactions", (HttpContext http, PayPalDesk desk) =>
        desk.AnswerAsync(http, "transactions.list", "", _ => Task.FromResult<string?>(null), List(http.Request.Query)));

    private static Func<PayPalCall, Task<PayPalAnswer>> List(IQueryCollection query) => async call =>
    {
        var (from, to) = (Instant(query, "start_date"), Instant(query, "end_date"));
        if (to < from || to - from > TimeSpan.FromDays(31))
        {
            throw PayPalProblem.Invalid("INVALID_REQUEST", "/end_date", query["end_date"]);
        }

        var (size, page) = (Number(query, "page_size", 100, 500), Number(query, "page", 1, int.MaxValue));
        var captures = await call.Db.Captures.AsNoTracking()
            .Where(one => one.CreatedAt >= from && one.CreatedAt <= to && one.Status != "DECLINED").ToListAsync(call.Cancellation);
        var refunds = await call.Db.Refunds.AsNoTracking()
            .Where(one => one.CreatedAt >= from && one.CreatedAt <= to && one.Status != "FAILED").ToListAsync(call.Cancellation);
        var captureIds = refunds.Select(refund => refund.CaptureId).ToList();
        var orderIds = captures.Select(capture => capture.OrderId)
            .Concat(await call.Db.Captures.Where(one => captureIds.Contains(one.Id)).Select(one => one.OrderId).ToListAsync(call.Cancellation)).ToList();
        var orders = await call.Db.Orders.AsNoTracking().Where(order => orderIds.Contains(order.Id)).ToDictionaryAsync(order => order.Id, call.Cancellation);
        var all = captures
            .Select(one => (one.CreatedAt, one.Id, Info: (object)new
            {
                transaction_info = new
                {
                    transaction_id = one.Id,
                    paypal_reference_id = one.OrderId,
                    paypal_reference_id_type = "ODR",
                    transaction_event_code = "T0006",
                    transaction_initiation_date = PayPalViews.Time(one.CreatedAt),
                    transaction_updated_date = PayPalViews.Time(one.UpdatedAt),
                    transaction_amount = PayPalMoney.Json(one.Amount),
                    fee_amount = PayPalMoney.Json(new(-one.Fee.MinorUnits, one.Currency)),
                    transaction_status = one.Status == "PENDING" ? "P" : "S",
                    custom_field = orders[one.OrderId].CustomId,
                },
            }))
            .Concat(refunds.Select(one => (one.CreatedAt, one.Id, Info: (object)new
            {
                transaction_info = new
                {
                    transaction_id = one.Id,
                    paypal_reference_id = one.CaptureId,
                    paypal_reference_id_type = "TXN",
                    transaction_event_code = one.Kind == "REVERSAL" ? "T1106" : "T1107",
                    transaction_initiation_date = PayPalViews.Time(one.CreatedAt),
                    transaction_updated_date = PayPalViews.Time(one.CreatedAt),
                    transaction_amount = PayPalMoney.Json(new(-one.AmountMinor, one.Currency)),
                    transaction_status = one.Status == "PENDING" ? "P" : "S",
                    custom_field = one.CustomId,
                },
            })))
            .OrderBy(one => one.CreatedAt).ThenBy(one => one.Id, StringComparer.Ordinal).Select(one => one.Info).ToList();
        return new(200, new
        {
            transaction_details = all.Skip((page - 1) * size).Take(size).ToArray(),
            start_date = PayPalViews.Time(from),
            end_date = PayPalViews.Time(to),
            last_refreshed_datetime = PayPalViews.Time(call.Now),
            page,
            total_items = all.Count,
            total_pages = (all.Count + size - 1) / size,
        });
    };

    private static DateTimeOffset Instant(IQueryCollection query, string name) =>
        DateTimeOffset.TryParse(query[name], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at : throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/" + name);

    private static int Number(IQueryCollection query, string name, int otherwise, int most) => query[name].ToString() switch
    {
        "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most => number,
        var text => throw PayPalProblem.Invalid("INVALID_PARAMETER_VALUE", "/" + name, text),
    };
}
