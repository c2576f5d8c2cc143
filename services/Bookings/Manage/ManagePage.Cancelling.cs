using System.Globalization;
using System.Text;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Wording;

namespace Aerona.Bookings.Manage;

/// <content>What cancelling brings back, and how a cancellation goes.</content>
internal static partial class ManagePage
{
    /// <summary>For a bought booking; the title is null where the booking's own says it.</summary>
    private static (string? Title, string Body, bool LooksAgain) Cancelling(BookingView view, CancellationView? cancellation, PageWords page, string code)
    {
        var words = CancelWords.In(page);
        var address = $"/manage/{code}/cancellations/{cancellation?.Id}";
        return cancellation switch
        {
            { State: CancellationStage.Requested or CancellationStage.Quoting } => (words.Asking, $"<p>{Safe(words.AskMeans)}</p>", true),
            { State: CancellationStage.Quoted, Quote: { } quote } when cancellation.AvailableActions.Contains(CancellationStep.Confirm) =>
                (words.Quoted, Quote(quote, view, words) + Buttons(quote, address, words), false),
            { State: CancellationStage.AwaitingApproval } => (words.Cancelling, $"<p>{Safe(words.Approval)}</p>{Button($"{address}/withdrawals", words.Keep, "quiet")}", false),
            { CancelledAt: not null } => (null, Money(cancellation, words) + Ask(view, words, code, words.AskMeans), cancellation.State is CancellationStage.EndingCoupons),
            { State: CancellationStage.Lapsed or CancellationStage.Refused } => (null, Ask(view, words, code, words.AskAgain), false),
            { State: CancellationStage.ParkedForStaff } => (words.Cancelling, $"<p>{Safe(page.WithStaff)}</p>", false),
            { State: not CancellationStage.Quoted } => (words.Cancelling, $"<p>{Safe(page.NothingToDo)}</p>", true),
            _ => (null, Ask(view, words, code, words.AskMeans), false),
        };
    }

    private static string Ask(BookingView view, CancelWords words, string code, string says) => view.AvailableActions.Contains(BookingAction.QuoteCancellation)
        ? $"<p>{Safe(says)}</p>{Button($"/manage/{code}/cancellations", words.Ask, "quiet")}"
        : "";

    private static string Buttons(QuoteView quote, string address, CancelWords words)
    {
        var text = quote.Refund is { } refund ? string.Format(CultureInfo.InvariantCulture, words.Confirm, refund) : words.ConfirmUnknown;
        return $"{Button($"{address}/confirmations/{quote.Id}", text)} {Button($"{address}/withdrawals", words.Keep, "quiet")}";
    }

    private static string Quote(QuoteView quote, BookingView view, CancelWords words)
    {
        var html = new StringBuilder(quote.Refund switch
        {
            null => $"<p>{Safe(words.Unknown)}</p>",
            { MinorUnits: 0 } => $"<p><b>{Safe(words.Nothing)}</b></p>",
            { } refund => $"<p><b>{Safe(refund.ToString())}</b> {Safe(words.Back)}. {Safe(quote.Destination == RefundDestination.PayPal ? words.BackTo : words.BackToUs)}</p>",
        });
        html.Append($"<p>{Until(words.Until, quote.ExpiresAt, view)} {Safe(words.KeepMeans)}</p>");
        var passengers = view.Passengers.Select(passenger => passenger.Id).ToList();
        html.Append($"<div class=\"wide\"><table class=\"lines\"><tr><th>{Safe(words.What)}</th><th>{Safe(words.Paid)}</th><th>{Safe(words.Returned)}</th><th>{Safe(words.Why)}</th></tr>");
        foreach (var line in quote.Lines)
        {
            // By number, not by name: whoever got the mail may have passed it on.
            var whose = $"{passengers.IndexOf(line.PassengerId) + 1}{(line.SegmentOrdinal is { } ordinal && view.Segments.Count > 1 ? $"/{ordinal}" : "")}";
            html.Append($"<tr><td>{Safe($"{whose} {line.Code}")}</td><td>{Safe(line.Paid.ToString())}</td><td>{Safe(line.Back?.ToString() ?? "?")}</td><td>{Safe(words.Of(line.Rule))}</td></tr>");
        }

        return html.Append("</table></div>").ToString();
    }

    private static string Money(CancellationView cancellation, CancelWords words)
    {
        var sentence = cancellation.Refund?.Place switch
        {
            RefundPlace.Unknown => words.Unsettled,
            RefundPlace.OnItsWay or RefundPlace.Pending => words.OnItsWay,
            RefundPlace.Delayed => words.Delayed,
            RefundPlace.Refunded => words.Refunded,
            RefundPlace.Nothing => words.Nothing,
            _ => "",
        };
        return $"<p>{Safe(string.Format(CultureInfo.InvariantCulture, sentence, cancellation.Refund?.Amount))}</p>";
    }
}
