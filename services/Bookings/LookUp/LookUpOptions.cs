using System.ComponentModel.DataAnnotations;

namespace Aerona.Bookings.LookUp;

/// <summary>How many look-ups may find nothing; section <c>LookUp</c>. Those that find something do not count.</summary>
internal sealed class LookUpOptions
{
    /// <summary>Of one network: /24 of IPv4, /64 of IPv6.</summary>
    [Range(1, 1_000_000)] public int PerAddress { get; init; } = 10;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan AddressWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Names tried on one locator, from wherever.</summary>
    [Range(1, 1_000_000)] public int PerLocator { get; init; } = 5;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan LocatorWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Locators tried with one surname, from wherever.</summary>
    [Range(1, 1_000_000)] public int PerSurname { get; init; } = 15;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan SurnameWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>By how many, in all, failures may be more than successes; beyond it every look-up must bring a proof of work.</summary>
    [Range(1, 1_000_000)] public int Failures { get; init; } = 100;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan FailuresWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Zero bits that the proof's hash begins with: each doubles the work. 20 are a second or two in a browser.</summary>
    [Range(0, 32)] public int ProofBits { get; init; } = 20;

    /// <summary>How long a mailed link can be used, once.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")] public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Links mailed for one booking in an hour, whoever asks.</summary>
    [Range(1, 100)] public int LinksPerHour { get; init; } = 3;
}
