using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Aerona.Bookings.Names;
using Aerona.Contracts;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aerona.Bookings.LookUp;

/// <summary>Who tries what.</summary>
/// <param name="Network">Where from; see <see cref="Networks.Of"/>.</param>
/// <param name="Locator">As our locators are written; else as it was typed, shortened.</param>
/// <param name="Surname">As on tickets; else as it was typed, shortened.</param>
internal sealed record Attempt(string Network, string Locator, string Surname)
{
    private const int Longest = 100;

    /// <summary>What was typed, in the one form in which it is counted and compared.</summary>
    public static Attempt Of(string network, string locator, string surname) =>
        new(network, RecordLocator.Parse(locator) ?? Short(locator), (surname.Length <= Longest ? TicketName.Of(surname).Name : null) ?? Short(surname));

    private static string Short(string text) => text.Trim().ToUpperInvariant() is { Length: > Longest } much ? much[..Longest] : text.Trim().ToUpperInvariant();
}

/// <summary>
/// Locator and surname stand on every boarding pass and can be guessed, so failures are counted on four axes: by network, by locator, by surname, and all together.
/// Every try counts when it begins, many at once are no way around; one that finds something is given back. The guard says no before anything is looked for, so its no
/// tells nothing. An owner whom strangers hold up still gets in by the mailed link.
/// </summary>
internal sealed class LookUpGuard(IRateCounters counters, IOptions<LookUpOptions> options, TimeProvider clock)
{
    private const string All = "look-up:all";
    private const int LongestNonce = 40;
    private static readonly TimeSpan ProofStays = TimeSpan.FromMinutes(10);

    private readonly LookUpOptions limits = options.Value;

    private Budget Failures => new(limits.Failures, limits.FailuresWindow);

    /// <summary>Null when the look-up may go on; else the answer.</summary>
    public async ValueTask<ProblemHttpResult?> EnterAsync(Attempt attempt, string? proof, HttpResponse response, CancellationToken cancellationToken)
    {
        var all = await counters.TakeAsync(All, Failures, cancellationToken);
        if (!all.IsAllowed && !await HoldsAsync(attempt, proof, cancellationToken))
        {
            return Challenge(attempt);
        }

        foreach (var (key, budget) in Axes(attempt))
        {
            if (await counters.TakeAsync(key, budget, cancellationToken) is { IsAllowed: false } full)
            {
                if (all.IsAllowed)
                {
                    await counters.GiveBackAsync(All, Failures, 1, cancellationToken);   // nothing is tried: one network must not close the door for all
                }

                response.Headers.RetryAfter = Math.Ceiling(full.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return Problems.Refused(
                    StatusCodes.Status429TooManyRequests, "booking.lookup_limited",
                    "Too many look-ups that found nothing. Wait, or have a link mailed to the address that the booking gives.", true);
            }
        }

        return null;
    }

    /// <summary>It found a booking: gives back what it took, and one failure of somebody else's.</summary>
    public async ValueTask FoundAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        await counters.GiveBackAsync(All, Failures, 2, cancellationToken);
        foreach (var (key, budget) in Axes(attempt))
        {
            await counters.GiveBackAsync(key, budget, 1, cancellationToken);
        }
    }

    private (string Key, Budget Budget)[] Axes(Attempt attempt) =>
    [
        ($"look-up:network:{attempt.Network}", new(limits.PerAddress, limits.AddressWindow)),
        ($"look-up:locator:{attempt.Locator}", new(limits.PerLocator, limits.LocatorWindow)),
        ($"look-up:surname:{attempt.Surname}", new(limits.PerSurname, limits.SurnameWindow)),
    ];

    /// <summary>The text is of this minute and this very look-up, so that work done for one is worth nothing for another.</summary>
    private ProblemHttpResult Challenge(Attempt attempt)
    {
        var problem = Problems.Refused(
            StatusCodes.Status428PreconditionRequired, "booking.lookup_challenge",
            "More look-ups fail than usual. Find a nonce so that the SHA-256 of text, a dot and the nonce begins with so many zero bits, and send both as proof.", true);
        problem.ProblemDetails.Extensions["challenge"] = new { algorithm = "sha-256", bits = limits.ProofBits, text = TextOf(Minute(clock.GetUtcNow()), attempt) };
        return problem;
    }

    private async ValueTask<bool> HoldsAsync(Attempt attempt, string? proof, CancellationToken cancellationToken)
    {
        var parts = proof?.Split('.', 2) ?? [];
        return parts is [var minute, { Length: > 0 and <= LongestNonce } nonce]
            && long.TryParse(minute, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && Minute(clock.GetUtcNow()) - at is >= 0 and <= 10
            && SHA256.HashData(Encoding.UTF8.GetBytes($"{TextOf(at, attempt)}.{nonce}")) is var hash
            && ZeroBits(hash) >= limits.ProofBits
            && (await counters.TakeAsync($"look-up:proof:{Convert.ToHexString(hash)}", new(1, ProofStays + TimeSpan.FromMinutes(2)), cancellationToken)).IsAllowed;
    }

    private static string TextOf(long minute, Attempt attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{minute}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt.Locator}\n{attempt.Surname}")))}");

    private static long Minute(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    private static int ZeroBits(byte[] hash)
    {
        var bytes = hash.TakeWhile(value => value == 0).Count();
        return (bytes * 8) + (bytes == hash.Length ? 0 : BitOperations.LeadingZeroCount(hash[bytes]) - 24);
    }
}
