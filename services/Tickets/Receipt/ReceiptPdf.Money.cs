using Aerona.Contracts;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

internal sealed partial class ReceiptPdf
{
    private const double CardGap = 14;
    private const double LineHeight = 13;

    private static double CardWidth => (Right - Left - CardGap) / 2;

    private void Fares()
    {
        var first = receipt.Order.Passengers.Take(2).Max(CardHeight);
        Heading($"Fare breakdown in {receipt.Currency}", first);
        RightPlain("R: given back if the passenger does not fly", Right, y - 14.5, 8, Muted);
        foreach (var pair in receipt.Order.Passengers.Chunk(2))
        {
            var height = pair.Max(CardHeight);
            Need(height);
            for (var place = 0; place < pair.Length; place++)
                FareCard(pair[place], Left + place * (CardWidth + CardGap), height);

            y += height + 12;
        }

        y += 4;
    }

    private double CardHeight(Passenger passenger) => 26 + receipt.LinesOf(passenger.Id).Count * LineHeight + 34;

    private void FareCard(Passenger passenger, double x, double height)
    {
        canvas.Frame(x, y, CardWidth, height, Rule, 0.8, 5);
        var type = Words.Of(passenger.Type);
        var room = CardWidth - 34 - fonts.Regular.Width(type, 8);
        var size = SizeFor(passenger.PrintedName(), fonts.Bold, 9.5, room);
        Bold(Fit(passenger.PrintedName(), fonts.Bold, size, room), x + 12, y + 18, size, Ink);
        RightPlain(type, x + CardWidth - 12, y + 18, 8, Muted);
        var line = y + 38;
        foreach (var price in receipt.LinesOf(passenger.Id))
        {
            Plain(price.Code, x + 12, line, 8.5, Blue);
            Plain(Fit(Words.Of(price), fonts.Regular, 8.5, CardWidth - 130), x + 46, line, 8.5, Ink);
            if (price.Refundable)
                RightPlain("R", x + CardWidth - 68, line, 7.5, Muted);

            RightPlain(price.Amount.ToAmountString(), x + CardWidth - 12, line, 8.5, Ink);
            line += LineHeight;
        }

        var foot = y + height - 24;
        canvas.Line(x + 12, foot, x + CardWidth - 12, foot, Rule, 0.6);
        Bold("Total", x + 12, foot + 15, 9.5, Ink);
        RightBold(receipt.TotalOf(passenger.Id).ToAmountString(), x + CardWidth - 12, foot + 15, 9.5, Ink);
    }

    private void Payment()
    {
        var kinds = new List<(string Text, PriceLineKind Kind)>
        {
            ("Fares", PriceLineKind.BaseFare), ("Carrier-imposed charges", PriceLineKind.CarrierCharge), ("Taxes and airport charges", PriceLineKind.Tax),
        };
        if (receipt.TotalOf(PriceLineKind.Seat).MinorUnits > 0)
            kinds.Add(("Chosen seats", PriceLineKind.Seat));

        var height = 54 + (kinds.Count * 14);
        Need(height + 6);
        canvas.Fill(Left, y, Right - Left, height, Panel, 5);
        var line = y + 21;
        foreach (var (text, kind) in kinds)
        {
            Plain(text, Left + 14, line, 9, Ink);
            RightPlain(receipt.TotalOf(kind).ToAmountString(), Left + CardWidth - 12, line, 9, Ink);
            line += 14;
        }

        canvas.Line(Left + 14, line - 6, Left + CardWidth - 12, line - 6, Rule, 0.8);
        Bold("Total price", Left + 14, line + 13, 11, Navy);
        RightBold(receipt.Offer.Total.ToString(), Left + CardWidth - 12, line + 13, 14, Navy);

        var x = Left + CardWidth + CardGap + 12;
        Label("Form of payment", x, y + 21);
        Bold(receipt.Paid.MinorUnits > 0 ? "PayPal" : "To be agreed", x, y + 36, 10.5, Ink);     // staff let it go on unpaid
        Label("Paid", x + 120, y + 21);
        Bold(receipt.Paid.ToString(), x + 120, y + 36, 10.5, Green);
        Label("Not included", x, y + 58);
        Plain("Extra baggage and other services bought later.", x, y + 71, 8.5, Muted);
        y += height + 24;
    }

    private void Conditions()
    {
        Section("Fare conditions", Words.Of(receipt.Offer.Conditions));
        Section("Before you fly",
        [
            "All times are local at the airport named beside them.",
            "Names must be those of the travel document. Show a valid passport or identity card; check visa and transit rules before you leave.",
            "Use your flights in the order printed. If you do not take one, the airline may cancel those that follow.",
            "Check in with the booking reference and surname. Be at the gate when boarding closes; the airline states the time.",
            "Explosives, fuels, loose lithium batteries and other dangerous goods may not be carried. Ask the airline when in doubt.",
            "Carriage is subject to the operating airline's conditions of carriage and, where they apply, to the Montreal or Warsaw Convention, which limit liability for death, injury, delay and loss of baggage.",
        ]);
    }

    private void Section(string title, IEnumerable<string> sentences)
    {
        Heading(title, 30);
        foreach (var sentence in sentences)
        {
            var lines = Wrap(sentence, fonts.Regular, 8.5, Right - Left - 22);
            Need(lines.Count * 11.5 + 3);
            canvas.Fill(Left + 11, y + 3.6, 2.4, 2.4, Blue, 1.2);
            foreach (var part in lines)
            {
                Plain(part, Left + 20, y + 8, 8.5, Ink);
                y += 11.5;
            }

            y += 3;
        }

        y += 14;
    }
}
