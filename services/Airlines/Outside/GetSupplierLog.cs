using Aerona.Airlines.Data;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Outside;

/// <summary>Calls to suppliers about something of ours.</summary>
/// <param name="Calls">Oldest first; empty when there are none, or they are too old to be kept.</param>
internal sealed record SupplierLogView(IReadOnlyList<SupplierCallView> Calls);

/// <summary>One call; bodies without secrets and personal data.</summary>
internal sealed record SupplierCallView(
    DateTimeOffset At, string Supplier, string Operation, string Request, string? RequestBody, int? Status, string? Answer, int Milliseconds, string? Reference, string? TraceId);

/// <summary>How suppliers stand with us.</summary>
internal sealed record SuppliersView(IReadOnlyList<SupplierView> Suppliers);

/// <summary>One supplier.</summary>
/// <param name="BusyUntil">UTC; until then its own limit lets no call through. Null: it does.</param>
/// <param name="Routes">Regular fetches, by route.</param>
internal sealed record SupplierView(string Name, string Protocol, bool CanHold, bool PushesEvents, DateTimeOffset? BusyUntil, IReadOnlyList<FetchProgressView> Routes);

/// <summary>How far the regular fetch of a route is.</summary>
/// <param name="Days">Days of its horizon.</param>
/// <param name="Fetched">Of these fetched within its period.</param>
/// <param name="Partial">Fetched in part.</param>
/// <param name="Failed">Failed at the last try.</param>
/// <param name="LastProblem">Code of one of them.</param>
internal sealed record FetchProgressView(string Route, int Days, int Fetched, int Partial, int Failed, int Flights, DateTimeOffset? LastFetchedAt, string? LastProblem);

internal static class GetSupplierLog
{
    private const int Most = 200;

    public static void MapSupplierSupport(this WebApplication app)
    {
        app.MapGet("/v1/support/supplier-calls", CallsAsync).WithName("GetSupplierCalls").WithTags("Support")
            .WithSummary("What was asked of suppliers about a booking, hold or order of ours, and what they answered").Requires(Permission.SeeAnyBooking);
        app.MapGet("/v1/support/suppliers", SuppliersAsync).WithName("GetSuppliers").WithTags("Support")
            .WithSummary("Outside suppliers, and how far their flights are fetched").Requires(Permission.SeeAnyBooking);
    }

    private static async Task<Results<Ok<SupplierLogView>, ProblemHttpResult>> CallsAsync(string? reference, SupplierLog log, AirlinesDbContext db, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(reference, out var id))
        {
            return Problems.Invalid(new FieldProblem("query:reference", "reference.required", "Our id of a booking, a hold or an order."));
        }

        await log.FlushAsync(cancellationToken);
        var orders = await db.AirlineOrders.AsNoTracking().Where(order => order.BookingId == id).Select(order => order.OrderId).ToListAsync(cancellationToken);
        var holds = await db.OutsideHolds.AsNoTracking().Where(hold => hold.BookingId == id).Select(hold => hold.HoldId).ToListAsync(cancellationToken);
        var references = orders.Concat(holds).Append(id).Select(one => one.ToString()).ToList();
        var calls = await db.SupplierLog.AsNoTracking().Where(entry => references.Contains(entry.Reference!)).OrderBy(entry => entry.At).ThenBy(entry => entry.Id).Take(Most)
            .Select(entry => new SupplierCallView(
                entry.At, entry.Supplier, entry.Operation, entry.Request, entry.RequestBody, entry.Status, entry.Answer, entry.Milliseconds, entry.Reference, entry.TraceId))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new SupplierLogView(calls));
    }

    private static async Task<Ok<SuppliersView>> SuppliersAsync(
        OutsideSuppliers outside, IServiceProvider services, AirlinesDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var rows = await db.FetchedRoutes.AsNoTracking().Where(row => row.DepartsOn >= today).ToListAsync(cancellationToken);
        return TypedResults.Ok(new SuppliersView([.. outside.All.OrderBy(supplier => supplier.Name, StringComparer.Ordinal).Select(supplier =>
        {
            var options = outside.OptionsOf(supplier.Name);
            return new SupplierView(
                supplier.Name, options.Protocol, supplier.Capabilities.CanHold, supplier.Capabilities.PushesEvents,
                services.GetRequiredKeyedService<SupplierHttp>(supplier.Name).BusyUntil,
                [
                    .. options.Routes.Select(route =>
                    {
                        var days = rows.FindAll(row => row.Supplier == supplier.Name && row.Route == route);
                        var failed = days.FindAll(day => day.Problem is not null);
                        return new FetchProgressView(
                            route, options.HorizonDays, days.Count(day => day.FetchedAt > now - options.FetchEvery), days.Count(day => day.IsPartial), failed.Count,
                            days.Sum(day => day.Flights), days.Max(day => day.FetchedAt), failed.Count > 0 ? failed[^1].Problem : null);
                    }),
                ]);
        })]));
    }
}
