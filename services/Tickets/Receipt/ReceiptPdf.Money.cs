using Aerona.Contracts;
using Aerona.Tickets.Documents;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

internal sealed partial class ReceiptPdf
{
    private const double CardGap = 14;
    private const double LineHeight = 13;

    private static double CardWidth => (Right - Left - CardGap) / 2;

    private void Fares()
    {
        var first = receipt.Passengers.Take(2).Max(CardHeight);
        Heading(Say.FareBreakdown(receipt.Currency), first);
        RightPlain(Say.RefundableMark, Right, Y - 14.5, 8, Muted);
        foreach (var pair in receipt.Passengers.Chunk(2))
        {
            var height = pair.Max(CardHeight);
            Need(height);
            for (var place = 0; place < pair.Length; place++)
                FareCard(pair[place], Left + place * (CardWidth + CardGap), height);

            Y += height + 12;
        }

        Y += 4;
    }

    private double CardHeight(Passenger passenger) => 26 + receipt.LinesOf(passenger.Id).Count * LineHeight + 34;

    private void FareCard(Passenger passenger, double x, double height)
    {
        Canvas.Frame(x, Y, CardWidth, height, Rule, 0.8, 5);
        var type = Say.Of(passenger.Type);
        var room = CardWidth - 34 - Fonts.Regular.Width(Fonts.Print(type), 8);
        var size = SizeFor(passenger.PrintedName(), Fonts.Bold, 9.5, room);
        Bold(Fit(passenger.PrintedName(), Fonts.Bold, size, room), x + 12, Y + 18, size, Ink);
        RightPlain(type, x + CardWidth - 12, Y + 18, 8, Muted);
        var line = Y + 38;
        foreach (var price in receipt.LinesOf(passenger.Id))
        {
            Plain(price.Code, x + 12, line, 8.5, Blue);
            Plain(Fit(Say.Of(price), Fonts.Regular, 8.5, CardWidth - 130), x + 46, line, 8.5, Ink);
            if (price.Refundable)
                RightPlain("R", x + CardWidth - 68, line, 7.5, Muted);

            RightPlain(Say.Amount(price.Amount), x + CardWidth - 12, line, 8.5, Ink);
            line += LineHeight;
        }

        var foot = Y + height - 24;
        Canvas.Line(x + 12, foot, x + CardWidth - 12, foot, Rule, 0.6);
        Bold(Say.Total, x + 12, foot + 15, 9.5, Ink);
        RightBold(Say.Amount(receipt.TotalOf(passenger.Id)), x + CardWidth - 12, foot + 15, 9.5, Ink);
    }

    private void Payment()
    {
        var kinds = new List<(string Text, PriceLineKind Kind)>
        {
            (Say.Fares, PriceLineKind.BaseFare), (Say.CarrierCharges, PriceLineKind.CarrierCharge), (Say.TaxesAndCharges, PriceLineKind.Tax),
        };
        if (receipt.TotalOf(PriceLineKind.Seat).MinorUnits > 0)
            kinds.Add((Say.ChosenSeats, PriceLineKind.Seat));

        var height = 54 + (kinds.Count * 14);
        Need(height + 6);
        Canvas.Fill(Left, Y, Right - Left, height, Panel, 5);
        var line = Y + 21;
        foreach (var (text, kind) in kinds)
        {
            Plain(text, Left + 14, line, 9, Ink);
            RightPlain(Say.Amount(receipt.TotalOf(kind)), Left + CardWidth - 12, line, 9, Ink);
            line += 14;
        }

        Canvas.Line(Left + 14, line - 6, Left + CardWidth - 12, line - 6, Rule, 0.8);
        Bold(Say.TotalPrice, Left + 14, line + 13, 11, Navy);
        RightBold(Say.AmountWithCurrency(receipt.Total), Left + CardWidth - 12, line + 13, 14, Navy);

        var x = Left + CardWidth + CardGap + 12;
        Label(Say.FormOfPayment, x, Y + 21);
        Bold(receipt.Paid.MinorUnits > 0 ? "PayPal" : Say.ToBeAgreed, x, Y + 36, 10.5, Ink);     // staff let it go on unpaid
        Label(Say.PaidLabel, x + 120, Y + 21);
        Bold(Say.AmountWithCurrency(receipt.Paid), x + 120, Y + 36, 10.5, Green);
        Label(Say.NotIncluded, x, Y + 58);
        Plain(Say.ExtrasLater, x, Y + 71, 8.5, Muted);
        Y += height + 24;
    }

    private void Conditions()
    {
        Section(Say.FareConditionsTitle, Say.Of(receipt.Offer.Conditions));
        Section(Say.BeforeYouFly, Say.Advice);
    }

    private void Section(string title, IEnumerable<string> sentences)
    {
        Heading(title, 30);
        foreach (var sentence in sentences)
        {
            var lines = Wrap(sentence, Fonts.Regular, 8.5, Right - Left - 22);
            Need(lines.Count * 11.5 + 3);
            Canvas.Fill(Left + 11, Y + 3.6, 2.4, 2.4, Blue, 1.2);
            foreach (var part in lines)
            {
                Plain(part, Left + 20, Y + 8, 8.5, Ink);
                Y += 11.5;
            }

            Y += 3;
        }

        Y += 14;
    }
}
