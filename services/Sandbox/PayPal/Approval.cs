using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>What a script sends instead of a person clicking.</summary>
/// <param name="Payer">A persona's code; <c>happy</c> when null.</param>
internal sealed record ApproveRequest(string? Payer);

/// <summary>Where a browser would go now.</summary>
/// <param name="ReturnUrl">With <c>token</c> and <c>PayerID</c>; null when this payer does not come back.</param>
internal sealed record ApproveAnswer(string? ReturnUrl);

/// <summary>Makes the next call of an operation fail, whoever pays.</summary>
/// <param name="Operation">Such as <c>orders.create</c>, <c>oauth2.token</c>.</param>
/// <param name="Fault">See <see cref="Fault"/>.</param>
internal sealed record FaultRequest(string Operation, Fault Fault);

/// <summary>The payer's side.</summary>
internal static class Approval
{
    public static void MapApproval(this RouteGroupBuilder paypal)
    {
        paypal.MapGet("/checkoutnow", ShowAsync);
        paypal.MapPost("/checkoutnow", ClickAsync).DisableAntiforgery();   // nobody is signed in here: there is no session to ride on
        paypal.MapPost("/checkout/{orderId}/approve", ApproveByScriptAsync);
        paypal.MapPost("/faults", (FaultRequest request, NextFaults faults) =>
        {
            faults.Add(request.Operation, request.Fault);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> ShowAsync(string? token, SandboxDbContext db, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == token, cancellationToken) is { } order
            ? SandboxPages.Html(SandboxPages.Checkout(order, order.HasLapsed(time.GetUtcNow())))
            : SandboxPages.Html(SandboxPages.Sorry("There is no such order."), 404);

    private static async Task<IResult> ClickAsync(
        HttpContext http, SandboxDbContext db, WebhookOutbox webhooks, PayPalSandboxOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
        var orderId = form["token"].ToString();
        if (form["decision"] == "cancel")
        {
            var order = await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == orderId, cancellationToken);
            return order switch
            {
                null => SandboxPages.Html(SandboxPages.Sorry("There is no such order."), 404),
                { CancelUrl: null } => SandboxPages.Html(SandboxPages.Sorry("Nothing was approved. You may close this window.")),
                _ => See(With(order.CancelUrl, $"token={order.Id}")),
            };
        }

        var (outcome, returnUrl) = await ApproveAsync(http, db, webhooks, options, time, orderId, form["payer"], cancellationToken);
        return outcome switch
        {
            Outcome.Approved when returnUrl is not null => See(returnUrl),
            Outcome.Approved => SandboxPages.Html(SandboxPages.Sorry("Approved. This payer does not go back to the shop: close the window.")),
            Outcome.NotFound => SandboxPages.Html(SandboxPages.Sorry("There is no such order."), 404),
            Outcome.NoSuchPayer => SandboxPages.Html(SandboxPages.Sorry("There is no such payer."), 400),
            _ => SandboxPages.Html(SandboxPages.Sorry("This order cannot be approved (any more)."), 409),
        };

        // 303: the browser asks for the next page with GET.
        IResult See(string url)
        {
            http.Response.Headers.Location = url;
            return Results.StatusCode(303);
        }
    }

    private static async Task<IResult> ApproveByScriptAsync(
        string orderId, ApproveRequest? request, HttpContext http, SandboxDbContext db, WebhookOutbox webhooks, PayPalSandboxOptions options,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (outcome, returnUrl) = await ApproveAsync(http, db, webhooks, options, time, orderId, request?.Payer, cancellationToken);
        return outcome switch
        {
            Outcome.Approved => Results.Ok(new ApproveAnswer(returnUrl)),
            Outcome.NotFound => Results.NotFound(new { error = "no such order" }),
            Outcome.NoSuchPayer => Results.BadRequest(new { error = "no such payer", payers = Persona.All.Select(persona => persona.Code) }),
            _ => Results.Conflict(new { error = "this order cannot be approved (any more)" }),
        };
    }

    private enum Outcome { Approved, NotFound, NoSuchPayer, TooLate }

    private static async Task<(Outcome, string? ReturnUrl)> ApproveAsync(
        HttpContext http, SandboxDbContext db, WebhookOutbox webhooks, PayPalSandboxOptions options, TimeProvider time, string orderId, string? payer,
        CancellationToken cancellationToken)
    {
        if (Persona.Find(string.IsNullOrEmpty(payer) ? "happy" : payer) is not { } persona)
        {
            return (Outcome.NoSuchPayer, null);
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await db.TryLockAsync<PayPalOrder>(orderId, cancellationToken) is not { } order)
        {
            return (Outcome.NotFound, null);
        }

        var isApproved = order.Status is "APPROVED" or "COMPLETED";
        if (isApproved ? order.Payer != persona.Code : order.HasLapsed(now))
        {
            return (Outcome.TooLate, null);
        }

        if (!isApproved)   // a double click, or a click whose answer was lost, approves once
        {
            var views = PayPalViews.For(http, options);
            order.Status = "APPROVED";
            order.Payer = persona.Code;
            order.UpdatedAt = now;
            await webhooks.AddAsync(db, views, order, "CHECKOUT.ORDER.APPROVED", views.Order(order, [], [], []), now, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        webhooks.Wake();
        return (Outcome.Approved, order.ReturnUrl is null || persona.Code == "no-return"
            ? null
            : With(order.ReturnUrl, $"token={order.Id}&PayerID={PayPalViews.PayerId(order)}"));
    }

    private static string With(string url, string query) => url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;
}
