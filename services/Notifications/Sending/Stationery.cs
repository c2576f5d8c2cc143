using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Wording;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Sending;

/// <summary>What letters are written on: the template, the addresses that links lead to, flights as every mail prints them.</summary>
internal sealed class Stationery(MailTemplates templates, IBookingLinks links, IOptions<MailOptions> options)
{
    /// <summary>At least as long a link shows the booking; as long as a guest's token.</summary>
    private static readonly TimeSpan LinkStays = TimeSpan.FromDays(7);

    /// <summary>What links begin with.</summary>
    public string Home => options.Value.PublicBaseUrl;

    /// <summary>The booking's own page, open for seven days from then or until what is to be done ends. The same for the same mail.</summary>
    public string Manage(Guid bookingId, DateTimeOffset at, DateTimeOffset? until = null) => $"{Home}/manage/{Code(bookingId, at, until)}";

    /// <summary>The page where somebody who is not signed in says what he wants to be told about this booking or flight.</summary>
    public string Choose(Guid bookingId, DateTimeOffset at, DateTimeOffset? until = null) => $"{Home}{PreferencesPage.Path}/{Code(bookingId, at, until)}";

    public async Task<WrittenMail> WriteAsync(MailContent content, string? name = null, IReadOnlyList<Attachment>? attachments = null) =>
        new(name, content.Subject, await templates.RenderAsync<LetterMail>(content), content.ToText(), content.Language, attachments ?? []);

    /// <summary>A short mail about a booking: what happened, one button, where the money stands, what happens next.</summary>
    public MailContent About(
        MailTexts texts, string locator, ShortWords words, Guid bookingId, DateTimeOffset at, (string, Tone)? badge = null, DateTimeOffset? until = null,
        IReadOnlyList<Segment>? segments = null) => new()
        {
            Language = texts.Language,
            Subject = texts.Subject(locator, words.Title),
            Preview = words.Money,
            ReferenceLabel = texts.BookingReference,
            Reference = locator,
            Badge = badge,
            Title = words.Title,
            Paragraphs = [.. words.Paragraphs.Take(1)],
            NextHeading = texts.WhatNext,
            Next = [.. words.Paragraphs.Skip(1)],
            Button = words.Button is { } button ? new(button, Manage(bookingId, at, until)) : null,
            Panel = new(texts.YourMoney, words.Money, words.MoneyDetail),
            FlightsHeading = texts.YourFlights,
            Flights = [.. (segments ?? []).OrderBy(segment => segment.Ordinal).Select(segment => FlightOf(texts, segment, []))],
            Footer = [texts.SentForBooking(locator)],
            FooterLinks = [new(texts.ChooseMails, Choose(bookingId, at, until))],
        };

    /// <summary>A flight with the seats chosen on it.</summary>
    public static FlightContent FlightOf(MailTexts texts, Segment segment, IReadOnlyList<string> seats) => new(
        segment.Flight.ToString(),
        texts.Carriage(
            Words.Airline(segment.Flight.Carrier), Words.Airline(segment.OperatingCarrier), segment.OperatingCarrier == segment.Flight.Carrier ? null : segment.OperatingCarrier),
        PlaceOf(texts, segment.Origin, segment.DepartsLocal, segment.DepartureZone, segment.DepartsAt),
        PlaceOf(texts, segment.Destination, segment.ArrivesLocal, segment.ArrivalZone, segment.ArrivesAt),
        texts.DayOffset((segment.ArrivesLocal.Date - segment.DepartsLocal.Date).Days),
        texts.Details(
            texts.Duration(segment.ArrivesAt - segment.DepartsAt), texts.Of(segment.Cabin), segment.BookingClass, texts.Baggage(segment.BaggageAllowance),
            Words.Aircraft(segment.Aircraft), seats));

    private static Place PlaceOf(MailTexts texts, string airport, DateTime local, string zone, DateTimeOffset instant) =>
        new(Words.Time(local), airport, Words.City(airport), Words.AirportName(airport), texts.Day(local), Words.Zone(zone, local, instant));

    private string Code(Guid bookingId, DateTimeOffset at, DateTimeOffset? until)
    {
        var least = at + LinkStays;
        return links.Code(bookingId, until > least ? until.Value : least);
    }
}
