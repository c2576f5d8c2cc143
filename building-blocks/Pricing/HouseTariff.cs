using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Pricing;

/// <summary>How the house airline prices: Airlines freezes these lines into offers, Search shows their sum as indicative.</summary>
public static class HouseTariff
{
    /// <summary>Fare of a child as a part of an adult's.</summary>
    private const decimal ChildPart = 0.75m;

    /// <summary>Fare of a lap infant as a part of an adult's.</summary>
    private const decimal InfantPart = 0.10m;

    /// <summary>Fares of booking classes, each as per cent of its cabin's full fare: Y, W, J, F.</summary>
    private static readonly Dictionary<string, decimal> Classes = new (string Class, decimal PerCent)[]
    {
        ("Y", 100), ("B", 88), ("M", 76), ("H", 66), ("K", 57), ("L", 50), ("V", 44), ("S", 39), ("N", 34), ("Q", 30),
        ("W", 100), ("E", 80), ("T", 64),
        ("J", 100), ("C", 84), ("D", 70), ("I", 58), ("Z", 48),
        ("F", 100), ("A", 80), ("P", 65),
    }.ToDictionary(row => row.Class, row => row.PerCent);

    /// <summary>The carrier's charge in US dollars by great-circle distance: up to so many kilometres, so much.</summary>
    private static readonly (double UpTo, decimal Dollars)[] CarrierCharges =
    [
        (500, 6m), (1_500, 14m), (3_000, 26m), (6_000, 70m), (10_000, 135m), (double.MaxValue, 190m),
    ];

    /// <summary>
    /// What one passenger pays for one flight: base fare by type, carrier's charge by distance, taxes of the countries flown from and to.
    /// Lines of nothing are left out, so a lap infant has no carrier's charge.
    /// </summary>
    /// <param name="passengerId">Whose lines.</param>
    /// <param name="type">Adult 100 %, child 75 %, lap infant 10 % of the fare; an infant pays no airport charges.</param>
    /// <param name="adultFare">Base fare of one adult in the flight's currency, which the lines have too.</param>
    /// <param name="origin">IATA airport.</param>
    /// <param name="destination">IATA airport.</param>
    /// <param name="fareRefundable">Whether the fare (and what is levied as a percentage of it) comes back when the journey is not flown.</param>
    /// <exception cref="ArgumentException">An airport is unknown, or the tariff has no rate for the currency (<see cref="SellsIn"/>).</exception>
    public static IReadOnlyList<PriceLine> Lines(
        string passengerId, PassengerType type, Money adultFare, string origin, string destination, bool fareRefundable = false)
    {
        var (from, to) = (Known(origin), Known(destination));
        var kilometres = Airports.KilometresBetween(from, to);
        var fare = Money.Round(adultFare.Amount * PartOf(type), adultFare.Currency);
        var charge = Charge(type, kilometres, fare.Currency);

        var lines = new List<PriceLine>(10) { new(passengerId, PriceLineKind.BaseFare, "FARE", null, fareRefundable, fare) };
        if (charge.MinorUnits > 0)
        {
            lines.Add(new(passengerId, PriceLineKind.CarrierCharge, "YQ", null, fareRefundable, charge));
        }

        foreach (var tax in Taxes.Of(from.Country, to.Country, kilometres).Where(tax => tax.IsPaidBy(type)))
        {
            var amount = tax.IsPercentage
                ? Money.Round((fare + charge).Amount * tax.Amount / 100, fare.Currency)
                : Exchange.Convert(tax.Amount, tax.Currency, fare.Currency);
            if (amount.MinorUnits > 0)
            {
                lines.Add(new(passengerId, PriceLineKind.Tax, tax.Code, tax.Country, !tax.IsPercentage || fareRefundable, amount));
            }
        }

        return lines;
    }

    /// <summary>The fare of a booking class, from that of another one of its cabin; null when the tariff does not know one of them.</summary>
    /// <param name="published">The fare that is known.</param>
    /// <param name="of">The booking class it is of.</param>
    /// <param name="bookingClass">The booking class asked for.</param>
    public static Money? FareOf(Money published, string of, string bookingClass) =>
        of == bookingClass ? published
        : Classes.TryGetValue(of, out var known) && Classes.TryGetValue(bookingClass, out var asked) ? Money.Round(published.Amount * asked / known, published.Currency)
        : null;

    /// <summary>The sum of the lines of a party.</summary>
    public static Money Total(Money adultFare, string origin, string destination, int adults, int children, int infants)
    {
        Money Times(PassengerType type, int count) => count == 0
            ? Money.Zero(adultFare.Currency)
            : new(count * Lines("", type, adultFare, origin, destination).Select(line => line.Amount).Sum(adultFare.Currency).MinorUnits, adultFare.Currency);

        return Times(PassengerType.Adult, adults) + Times(PassengerType.Child, children) + Times(PassengerType.Infant, infants);
    }

    /// <summary>What may be done with the fare of a cabin before departure.</summary>
    /// <param name="cabin">The cabin sold.</param>
    /// <param name="currency">The fare's, which the penalties have too.</param>
    /// <exception cref="ArgumentException">The tariff has no rate for the currency.</exception>
    public static FareConditions Conditions(Cabin cabin, string currency)
    {
        Money Dollars(decimal amount) => Exchange.FromDollars(amount, currency);
        return cabin switch
        {
            Cabin.Economy => new(Refundable: false, RefundPenalty: null, Changeable: true, ChangePenalty: Dollars(75)),
            Cabin.PremiumEconomy => new(Refundable: true, RefundPenalty: Dollars(150), Changeable: true, ChangePenalty: Dollars(50)),
            Cabin.Business => new(Refundable: true, RefundPenalty: Dollars(100), Changeable: true, ChangePenalty: Dollars(0)),
            Cabin.First => new(Refundable: true, RefundPenalty: Dollars(0), Changeable: true, ChangePenalty: Dollars(0)),
            _ => throw new ArgumentOutOfRangeException(nameof(cabin), cabin, "no such cabin"),
        };
    }

    /// <summary>Whether the tariff can price fares of that currency, that is, knows at which rate foreign taxes are collected in it.</summary>
    public static bool SellsIn(string currency) => Exchange.Knows(currency);

    /// <summary>The fare in another currency, at the tariff's own rate: flights of several currencies are sold together in one of them.</summary>
    /// <exception cref="ArgumentException">The tariff has no rate for one of the currencies.</exception>
    public static Money In(string currency, Money fare) => fare.Currency == currency ? fare : Exchange.Convert(fare.Amount, fare.Currency, currency);

    /// <summary>Whether house flights are sold in that currency whatever their own is.</summary>
    public static bool SellsEverythingIn(string currency) => currency is "EUR" or "USD";

    /// <summary>Checked bags in the fare.</summary>
    public static int BagsIn(Cabin cabin) => cabin switch { Cabin.Economy => 1, Cabin.First => 3, _ => 2 };

    /// <summary>The carrier's charge for a flight of that length.</summary>
    internal static Money Charge(PassengerType type, double kilometres, string currency) => type == PassengerType.Infant
        ? Money.Zero(currency)
        : Exchange.FromDollars(CarrierCharges.First(band => kilometres <= band.UpTo).Dollars, currency);

    internal static decimal PartOf(PassengerType type) => type switch
    {
        PassengerType.Adult => 1m,
        PassengerType.Child => ChildPart,
        PassengerType.Infant => InfantPart,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such passenger type"),
    };

    internal static Airport Known(string code) => Airports.Find(code) ?? throw new ArgumentException($"'{code}' is no airport known here", nameof(code));
}
