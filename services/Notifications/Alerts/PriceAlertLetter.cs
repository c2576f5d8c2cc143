using System.Globalization;
using Aerona.Contracts.Notifications;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Reference;
using MassTransit;

namespace Aerona.Notifications.Alerts;

/// <summary>Tells somebody that a search he watches costs little; one mail for an alert and day.</summary>
internal sealed class PriceAlertLetter(Stationery stationery) : Letter<SendPriceAlert>
{
    /// <summary>Prices are of the day.</summary>
    private static readonly TimeSpan OfUse = TimeSpan.FromDays(1);

    public override string Name => "price-alert";

    public override DueMail Due(SendPriceAlert content) => new("price-alert", content.AlertId, content.Email, content.At, NoticeKind.Progress)
    {
        Occasion = content.On.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
        IsOfBooking = false,
        UselessAfter = content.At + OfUse,
        MustArrive = false,
    };

    protected override async Task<WrittenMail?> WriteAsync(SendPriceAlert content, CancellationToken cancellationToken)
    {
        var end = stationery.Home + content.EndPath;
        return await stationery.WriteAsync(ContentOf(content, end)) with { Unsubscribe = end };
    }

    private static MailContent ContentOf(SendPriceAlert alert, string end)
    {
        var texts = MailTexts.Of(alert.Locale);
        string Say(string english, string vietnamese) => texts.Language == "vi" ? vietnamese : english;
        var route = string.Join(", ", alert.Legs.Select(leg => $"{City(leg.Origin)} – {City(leg.Destination)}"));
        var party = Say($"for {alert.Travellers} {(alert.Travellers == 1 ? "traveller" : "travellers")}", $"cho {alert.Travellers} hành khách");
        var price = alert.Was is { } was
            ? Say($"The lowest price {party} is {alert.Price}. It was {was} when you asked us to watch it.", $"Giá thấp nhất {party} là {alert.Price}. Khi bạn nhờ chúng tôi theo dõi, giá là {was}.")
            : Say($"The lowest price {party} is {alert.Price}.", $"Giá thấp nhất {party} là {alert.Price}.");
        return new()
        {
            Language = texts.Language,
            Subject = Say($"{route}: now from {alert.Price}", $"{route}: hiện từ {alert.Price}"),
            Preview = price,
            ReferenceLabel = "",
            Reference = "",
            Badge = (Say("The price has fallen", "Giá vé đã giảm"), Tone.Good),
            Title = route,
            Paragraphs = [price, .. alert.Legs.Select(leg => $"{City(leg.Origin)} – {City(leg.Destination)}: {texts.Day(leg.DepartsOn.ToDateTime(TimeOnly.MinValue))}")],
            Panel = new(
                Say("Lowest price", "Giá thấp nhất"), $"{alert.Price} {party}",
                Say("Prices and seats change. What you pay is what an offer says when you book.", "Giá và số ghế thay đổi. Số tiền bạn trả là số tiền ghi trong báo giá khi bạn đặt chỗ.")),
            Footer =
            [
                Say("This mail was sent because this address watches the price of these flights; there is one a day at most. It cannot be replied to.",
                    "Thư này được gửi vì địa chỉ này theo dõi giá của những chuyến bay này; mỗi ngày nhiều nhất một thư. Không thể trả lời thư này."),
            ],
            FooterLinks = [new(Say("End these mails", "Ngừng nhận thư"), end)],
        };
    }

    // A place may be a city with several airports.
    private static string City(string place) => Airports.Named(place) is [var first, ..] ? first.City : place;
}

/// <summary>Somebody is to be told of a price.</summary>
internal sealed class SendPriceAlertConsumer(DueMails mails, PriceAlertLetter letter) : IConsumer<SendPriceAlert>
{
    public Task Consume(ConsumeContext<SendPriceAlert> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
