using Aerona.Contracts;

namespace Aerona.Pricing;

/// <summary>How the house airline prices: Airlines freezes these lines into offers, Search shows their sum as indicative.</summary>
public static class HouseTariff
{
    /// <summary>What one passenger pays for one flight: base fare by type, carrier's charge by distance, taxes of the countries flown from and to.</summary>
    /// <param name="passengerId">Whose lines.</param>
    /// <param name="type">Adult 100 %, child 75 %, lap infant 10 % of the fare; an infant pays no airport charges.</param>
    /// <param name="adultFare">Base fare of one adult in the flight's currency, which the lines have too.</param>
    /// <param name="origin">IATA airport.</param>
    /// <param name="destination">IATA airport.</param>
    public static IReadOnlyList<PriceLine> Lines(string passengerId, PassengerType type, Money adultFare, string origin, string destination) =>
        throw new NotImplementedException();

    /// <summary>The sum of the lines of a party.</summary>
    public static Money Total(Money adultFare, string origin, string destination, int adults, int children, int infants) => throw new NotImplementedException();
}
