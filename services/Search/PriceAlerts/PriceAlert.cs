using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Search.PriceAlerts;

[JsonConverter(typeof(CamelCaseEnumConverter<AlertState>))]
internal enum AlertState
{
    /// <summary>The price is looked at, and a mail comes when it falls.</summary>
    Watching,

    /// <summary>Ended by whoever got the mails.</summary>
    Ended,

    /// <summary>The days of the search are over.</summary>
    Over,
}

/// <summary>Somebody who wants to hear when the lowest price of a saved search falls.</summary>
internal sealed class PriceAlert
{
    public required Guid Id { get; init; }

    /// <summary>See <see cref="SavedSearches.SearchOwner"/>.</summary>
    public required string Owner { get; init; }

    public required Guid SavedSearchId { get; init; }

    /// <summary>Letters in lower case.</summary>
    public required string Email { get; init; }

    /// <summary><c>en</c> or <c>vi</c>.</summary>
    public required string Language { get; init; }

    /// <summary>ISO 4217, of every amount.</summary>
    public required string Currency { get; init; }

    /// <summary>A mail when the price is lower than this, in minor units; null: by <see cref="DropPercent"/>.</summary>
    public long? Below { get; init; }

    /// <summary>A mail when the price is so many percent lower than <see cref="FirstPrice"/>.</summary>
    public int? DropPercent { get; init; }

    /// <summary>In the link that ends it; 144 bits by chance, and good for that alone.</summary>
    public string Code { get; init; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));

    public AlertState State { get; set; }

    /// <summary>The first price seen, in minor units; null until something is sold.</summary>
    public long? FirstPrice { get; set; }

    /// <summary>As last seen; null: nothing was sold.</summary>
    public long? LastPrice { get; set; }

    /// <summary>What the last mail said; null: the price has not fallen, or has risen again since.</summary>
    public long? ToldPrice { get; set; }

    /// <summary>UTC day of the last mail.</summary>
    public DateOnly? ToldOn { get; set; }

    /// <summary>When the price is looked at again.</summary>
    public DateTimeOffset CheckAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Takes over what the search costs, and says whether that is worth a mail: it is low enough, lower than the last mail said unless it has been high again meanwhile, and
    /// there was no mail today.
    /// </summary>
    /// <param name="lowest">In minor units; null: nothing is sold, which is no news.</param>
    /// <param name="today">UTC.</param>
    public bool See(long? lowest, DateOnly today)
    {
        LastPrice = lowest;
        FirstPrice ??= lowest;
        if (lowest is not { } price)
        {
            return false;
        }

        if (!IsLow(price))
        {
            ToldPrice = null;
            return false;
        }

        if (price >= ToldPrice || ToldOn >= today)
        {
            return false;
        }

        (ToldPrice, ToldOn) = (price, today);
        return true;
    }

    private bool IsLow(long price) => Below is { } limit ? price < limit : FirstPrice is { } first && 100m * price <= first * (100m - DropPercent!.Value);
}
