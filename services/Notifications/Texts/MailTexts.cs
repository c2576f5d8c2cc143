using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Users;
using Aerona.Notifications.Preferences;
using Aerona.Wording;

namespace Aerona.Notifications.Texts;

/// <summary>What a short mail says about one thing.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Paragraphs">What to do, and what happens otherwise.</param>
/// <param name="Button">Where the link leads; null without one.</param>
/// <param name="Money">Where the money stands, in one sentence.</param>
/// <param name="MoneyDetail">What that means for the payer's account.</param>
internal sealed record ShortWords(string Title, IReadOnlyList<string> Paragraphs, string? Button, string Money, string MoneyDetail);

/// <summary>What the sentences about a booking under way are about, as printed.</summary>
/// <param name="Route">The cities flown; null when not known.</param>
/// <param name="Total">What the booking costs now; empty when not known.</param>
/// <param name="OldTotal">What it cost before; empty when that did not change.</param>
/// <param name="Difference">Without a sign; empty when the price did not change.</param>
/// <param name="IsMore">Whether it costs more than before.</param>
/// <param name="Until">By when something is to be done; null when nothing is.</param>
internal sealed record NewsFacts(string? Route, string Total, string OldTotal, string Difference, bool IsMore, string? Until);

/// <summary>What the sentences about a cancellation are about, as printed.</summary>
/// <param name="What">The flights that it is about; null: the whole booking.</param>
/// <param name="Route">The cities flown, in brackets; empty when not known.</param>
/// <param name="Until">Null when there is no such day.</param>
/// <param name="Refund">Null: not known yet.</param>
/// <param name="IsNothing">Nothing comes back.</param>
/// <param name="IsWhole">Nothing of the booking is left.</param>
internal sealed record CancellationFacts(string? What, string Route, string? Until, string? Refund, bool IsNothing, bool IsWhole, string? Reason);

/// <summary>A flight as the sentences about its changes name it, as printed.</summary>
/// <param name="Flight">Designator.</param>
/// <param name="Day">Of its scheduled departure.</param>
/// <param name="Leaves">Day and time of departure as expected now.</param>
/// <param name="Left">Time of departure as told before.</param>
/// <param name="Gate">Where it leaves from; null when not known.</param>
/// <param name="OldGate">What was told before; null when nothing was.</param>
internal sealed record FlightFacts(string Flight, string Origin, string Destination, string Day, string Leaves, string Left, string? Gate, string? OldGate);

/// <summary>
/// Everything that mails say, in one language: a language is a class, so the compiler asks it for every text, and a text cannot be given without the facts it needs.
/// </summary>
internal abstract class MailTexts
{
    public static readonly IReadOnlyList<MailTexts> All = [new English(), new Vietnamese()];

    /// <summary>Those of a locale's language; English for any other.</summary>
    /// <param name="locale">BCP 47, or null.</param>
    public static MailTexts Of(string? locale)
    {
        var language = locale?.Split('-')[0];
        return All.FirstOrDefault(texts => texts.Language.Equals(language, StringComparison.OrdinalIgnoreCase)) ?? All[0];
    }

    /// <summary>BCP 47.</summary>
    public abstract string Language { get; }

    // Days and times ----------------------------------------------------------------------------------------------

    public abstract string Day(DateTime local);

    public abstract string LongDay(DateTime local);

    /// <summary>Day, time and, in brackets, whose clock shows it.</summary>
    public abstract string DayAndTime(DateTime local, string? clock);

    /// <summary>Where the time is what has changed.</summary>
    public abstract string TimeAndDay(DateTime local);

    /// <summary>By the clock of that zone, UTC when it is none. Seconds are left out, so it is never later than it is.</summary>
    public string Moment(DateTimeOffset at, string? zone)
    {
        var known = zone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc;
        var local = Local(at, known);
        return DayAndTime(local, known == TimeZoneInfo.Utc ? "UTC" : Words.Zone(zone!, local, at));
    }

    public static DateTime Local(DateTimeOffset at, TimeZoneInfo zone) => DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(at, zone).DateTime, DateTimeKind.Unspecified);

    // Names of things ---------------------------------------------------------------------------------------------

    public abstract string Of(Cabin cabin);

    public abstract string Of(PassengerType type);

    public abstract string DayOffset(int days);

    public abstract string Duration(TimeSpan flown);

    /// <summary>A free allowance with its printed code: <c>1 piece (1PC)</c>.</summary>
    public abstract string Baggage(string allowance);

    public abstract string Details(string duration, string cabin, string bookingClass, string baggage, string aircraft, IReadOnlyList<string> seats);

    /// <summary>Who sells a flight and who flies it.</summary>
    public abstract string Carriage(string seller, string operatedBy, string? operatorsCode);

    public abstract IEnumerable<string> Of(FareConditions conditions);

    public abstract string AirlineReference(string? airline, string code);

    // The frame ---------------------------------------------------------------------------------------------------

    public abstract string BookingReference { get; }

    public abstract string YourMoney { get; }

    public abstract string YourFlights { get; }

    public abstract string WhatNext { get; }

    public abstract string SeeBooking { get; }

    public abstract string Attached { get; }

    public abstract string ChooseMails { get; }

    public abstract string EndMailsLikeThis { get; }

    public abstract string Subject(string locator, string title);

    public abstract string SentForBooking(string locator);

    public abstract string SentForFlight(string flight);

    public abstract string SentForAccount { get; }

    // Confirmation ------------------------------------------------------------------------------------------------

    public abstract string Confirmed { get; }

    public abstract string ConfirmationSubject(string locator, string route, string day);

    public abstract string ConfirmationLead(bool isPaid, string day, bool hasDocuments);

    public abstract string Passengers { get; }

    public abstract string Price { get; }

    public abstract string PriceRow(PriceLineKind kind);

    public abstract string Total { get; }

    public abstract string Paid { get; }

    public abstract string NotPaid { get; }

    public abstract string NotPaidAdvice { get; }

    public abstract string BeforeYouFly { get; }

    public abstract string LocalTimes { get; }

    public abstract string CheckIn(IReadOnlyList<string> references, string locator);

    public abstract string DocumentName(string kind, string? number);

    // What happens to bookings ------------------------------------------------------------------------------------

    /// <param name="reason">The saga's code; others get words that are true of any.</param>
    public abstract (string Title, string Why, string Next) Failure(string reason);

    public abstract (string Money, string Detail) Money(MoneyState state);

    public abstract ShortWords News(BookingNewsKind kind, NewsFacts facts);

    public abstract ShortWords Cancellation(CancellationNewsKind kind, CancellationFacts facts);

    public abstract string FlightForPassengers(string flight, int passengers);

    /// <summary>Null when a case is not for the traveller.</summary>
    public abstract ShortWords? Case(string kind);

    public abstract ShortWords Dispute(DisputeStanding standing, string amount);

    /// <summary>Chosen seats are others.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="moves">Each seat as it was and as it is; null: the airport gives one.</param>
    /// <param name="refund">What goes back for them; null: nothing.</param>
    public abstract ShortWords Seats(string flight, IReadOnlyList<(string From, string? To)> moves, string? refund);

    public abstract ShortWords CancellationDocuments(string? creditNote);

    // Flights -----------------------------------------------------------------------------------------------------

    public abstract string Flight { get; }

    public abstract string EndFlightMails { get; }

    public abstract string SeeDepartures { get; }

    public abstract (string Title, string Text) Following { get; }

    public abstract (string Title, string Text) FlightCancelled(FlightFacts facts);

    public abstract (string Title, string Text) FlownAfterAll(FlightFacts facts);

    public abstract (string Title, string Text) Diverted(FlightFacts facts, string to);

    public abstract (string Title, string Text) CameBack(FlightFacts facts);

    public abstract (string Title, string Text) LeavesAtAnotherTime(FlightFacts facts, bool isLate);

    public abstract (string Title, string Text) GateKnown(FlightFacts facts);

    public abstract string Because(string reason);

    public abstract string Departure(string at);

    public abstract string? Gate(string? terminal, string? gate);

    public abstract string GateNotKnown { get; }

    // Accounts ----------------------------------------------------------------------------------------------------

    public abstract string YourAccount { get; }

    public abstract (string Title, string Text, string? Button) Account(AccountMail kind);

    public abstract (string Label, string Fact, string Detail) AccountLink(string until);

    public abstract (string Label, string Fact, string Detail) AccountWarning(string address);

    public abstract (string Label, string Fact, string Detail) AccountNothingToDo { get; }

    public abstract (string Title, string Text, string Button, string Warning) BookingLink { get; }

    // The page behind a mail's link -------------------------------------------------------------------------------

    public abstract (string Title, string Why) PreferencesPage { get; }

    public abstract (string Name, string What) Of(NoticeKind kind);

    public abstract string AlwaysByMail { get; }

    public abstract string Of(Channel channel);

    public abstract (string Heading, string What, string From, string Until) QuietHours { get; }

    public abstract string Save { get; }

    public abstract string Saved { get; }

    public abstract string UnknownLink { get; }

    public abstract string MailsEnded(string kind);

    protected static string Iso(DateTime local, string format) => local.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The pieces or kilograms of a printed allowance; null for neither.</summary>
    protected static (string Number, bool IsPieces)? AllowanceOf(string allowance) => allowance switch
    {
        [.. var pieces, 'P', 'C'] => (pieces, true),
        [.. var kilograms, 'K'] => (kilograms, false),
        _ => null,
    };
}
