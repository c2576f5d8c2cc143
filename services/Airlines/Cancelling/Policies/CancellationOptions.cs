using System.ComponentModel.DataAnnotations;
using Aerona.Reference;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Cancelling.Policies;

/// <summary>
/// What cancelling costs and when money is due, as data; section <c>Cancellations</c>. Of the rows that fit the most specific one holds (supplier before market before
/// none), of those the one that came into force last. A list that is not set has the rows of <see cref="Defaults"/>; one that is set has just its own.
/// </summary>
internal sealed class CancellationOptions
{
    public const string Section = "Cancellations";

    /// <summary>How long a quote binds at most.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan QuoteFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>IANA zone of the office whose midnight ends a void window that ends at midnight.</summary>
    [Required] public string AgencyZone { get; init; } = "UTC";

    /// <summary>How money goes back: <c>card</c> or <c>other</c>. PayPal passes most on to cards, so the shorter clock is the safe one.</summary>
    [Required, AllowedValues("card", "other")] public string Instrument { get; init; } = "card";

    /// <summary>Until when an order is void as if never bought.</summary>
    public IReadOnlyList<VoidWindowRow> VoidWindows { get; set; } = [];

    /// <summary>What we promise beyond the fare; ours, not the airline's, and so only for what we sell ourselves.</summary>
    public IReadOnlyList<PromiseRow> Promises { get; set; } = [];

    /// <summary>What fares give back, where that is kinder than what the offer said or the offer said nothing; a waiver is one with <see cref="PolicyRow.Until"/>.</summary>
    public IReadOnlyList<FareConditionsRow> FareConditions { get; set; } = [];

    /// <summary>Within which time money has to be back.</summary>
    public IReadOnlyList<RefundClockRow> RefundClocks { get; set; } = [];

    /// <summary>Puts the usual rows where none are set.</summary>
    public static void Defaults(CancellationOptions options)
    {
        options.VoidWindows = options.VoidWindows is { Count: > 0 } ? options.VoidWindows :
        [
            new() { Id = "void.house", Supplier = "house", Ends = "hours", Hours = 24, Text = "The house airline's tickets are void within 24 hours of the purchase, before departure." },
            new() { Id = "void.any", Ends = "midnight", Text = "Tickets are void until midnight of the day they were bought, at our office." },
        ];
        options.Promises = options.Promises is { Count: > 0 } ? options.Promises :
        [
            new()
            {
                Id = "promise.24h", Supplier = "house", Within = TimeSpan.FromHours(24), BeforeDeparture = TimeSpan.FromDays(7),
                Text = "Our own promise: everything back within 24 hours of booking, when booked 7 days or more before departure.",
            },
        ];
        options.RefundClocks = options.RefundClocks is { Count: > 0 } ? options.RefundClocks :
        [
            new()
            {
                Id = "refund.us.card", Market = "US", Instrument = "card", Days = 7, BusinessDays = true, From = new(2024, 10, 28),
                Text = "14 CFR part 260 as of 28 October 2024: 7 business days to a card. Parts of its enforcement have since been paused.",
            },
            new()
            {
                Id = "refund.us.other", Market = "US", Instrument = "other", Days = 20, From = new(2024, 10, 28),
                Text = "14 CFR part 260 as of 28 October 2024: 20 calendar days to anything but a card. Parts of its enforcement have since been paused.",
            },
            new() { Id = "refund.card", Instrument = "card", Days = 7, BusinessDays = true, Text = "Our own limit: 7 business days to a card." },
            new() { Id = "refund.other", Instrument = "other", Days = 20, Text = "Our own limit: 20 days to anything but a card." },
        ];
    }
}

/// <summary>What every row says.</summary>
internal abstract class PolicyRow
{
    /// <summary>Names it in every answer it gave; once in its list.</summary>
    public string Id { get; init; } = "";

    /// <summary>What it says, for people.</summary>
    public string Text { get; init; } = "";

    /// <summary>Of that supplier only, by name; null: any.</summary>
    public string? Supplier { get; init; }

    /// <summary>Of journeys that begin in that country only, ISO 3166-1 alpha-2; null: anywhere.</summary>
    public string? Market { get; init; }

    /// <summary>The first day (UTC) it is in force; null: always was.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day (UTC) it is in force; null: still is.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>What two rows must not have in common on one day.</summary>
    public virtual string Scope => $"{Supplier}/{Market}";

    public bool Fits(string supplier, string? market, DateOnly day) =>
        (Supplier is null || Supplier == supplier) && (Market is null || Market == market) && (From is null || From <= day) && (Until is null || day <= Until);

    /// <summary>The higher the more specific.</summary>
    public virtual int Rank => (Supplier is null ? 0 : 2) + (Market is null ? 0 : 1);
}

/// <summary>Until when tickets are void.</summary>
internal sealed class VoidWindowRow : PolicyRow
{
    /// <summary><c>midnight</c> (of the day of sale at the office), <c>hours</c> (after the sale) or <c>none</c>. Departure ends each.</summary>
    public string Ends { get; init; } = "";

    /// <summary>With <c>hours</c>: how many.</summary>
    public int? Hours { get; init; }

    /// <summary>With <c>midnight</c>: the office's IANA zone where it is another than <see cref="CancellationOptions.AgencyZone"/>.</summary>
    public string? Zone { get; init; }
}

/// <summary>A promise of ours.</summary>
internal sealed class PromiseRow : PolicyRow
{
    /// <summary>How long after the purchase.</summary>
    public TimeSpan Within { get; init; }

    /// <summary>How long before departure it must have been bought.</summary>
    public TimeSpan BeforeDeparture { get; init; }
}

/// <summary>What a fare gives back before departure.</summary>
internal sealed class FareConditionsRow : PolicyRow
{
    /// <summary>How the fare basis of the first flight begins, such as <c>Y</c>; null: any.</summary>
    public string? FareBasis { get; init; }

    /// <summary>Of fares in that currency only, ISO 4217; required with a penalty.</summary>
    public string? Currency { get; init; }

    public bool Refundable { get; init; }

    /// <summary>Kept of each passenger's fare where it is refundable, in <see cref="Currency"/>; null: nothing.</summary>
    public decimal? Penalty { get; init; }

    public override string Scope => $"{Supplier}/{Market}/{FareBasis}/{Currency}";

    public override int Rank => base.Rank + (4 * (FareBasis?.Length ?? 0)) + (Currency is null ? 0 : 2);
}

/// <summary>When money is due.</summary>
internal sealed class RefundClockRow : PolicyRow
{
    /// <summary><c>card</c> or <c>other</c>.</summary>
    public string Instrument { get; init; } = "";

    public int Days { get; init; }

    /// <summary>Monday to Friday are counted; holidays are not known here. Else every day is.</summary>
    public bool BusinessDays { get; init; }

    public override string Scope => $"{Supplier}/{Market}/{Instrument}";
}

/// <summary>Names the key of what is wrong and the rule it breaks.</summary>
internal sealed class CancellationRules : IValidateOptions<CancellationOptions>
{
    private static readonly TimeSpan LongestPromise = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, CancellationOptions options)
    {
        var problems = new List<string>();
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        problems.AddRange(found.Select(result => $"{CancellationOptions.Section}:{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage}"));
        RequireZone(options.AgencyZone, $"{CancellationOptions.Section}:{nameof(options.AgencyZone)}", problems);

        Check(options.VoidWindows, nameof(options.VoidWindows), problems, (row, key) =>
        {
            Require(row.Ends is "midnight" or "hours" or "none", $"{key}:Ends", $"'{row.Ends}' must be midnight, hours or none", problems);
            Require(row.Ends == "hours" ? row.Hours is >= 1 and <= 168 : row.Hours is null, $"{key}:Hours", "1 to 168 where the window ends after hours, else not set", problems);
            Require(row.Zone is null || row.Ends == "midnight", $"{key}:Zone", "only where the window ends at midnight", problems);
            if (row.Zone is not null)
            {
                RequireZone(row.Zone, $"{key}:Zone", problems);
            }
        });
        Check(options.Promises, nameof(options.Promises), problems, (row, key) =>
        {
            Require(row.Supplier == House.HouseSupplier.SupplierName, $"{key}:Supplier", "must be house: what others sell is given back by them, and only as they say", problems);
            Require(row.Within > TimeSpan.Zero && row.Within <= LongestPromise, $"{key}:Within", "more than nothing and at most 30 days", problems);
            Require(row.BeforeDeparture >= TimeSpan.Zero, $"{key}:BeforeDeparture", "must not be negative", problems);
        });
        Check(options.FareConditions, nameof(options.FareConditions), problems, (row, key) =>
        {
            Require(row.Currency is null || Currencies.Find(row.Currency) is not null, $"{key}:Currency", $"'{row.Currency}' is no currency of ISO 4217 known here", problems);
            Require(row.Penalty is null || row.Currency is not null, $"{key}:Currency", "must be set with a penalty", problems);
            Require(row.Penalty is null || (row.Refundable && row.Penalty >= 0), $"{key}:Penalty", "not negative, and only where the fare is refundable", problems);
            Require(
                row.Penalty is not { } penalty || row.Currency is null || Currencies.Find(row.Currency) is not { } currency || decimal.Round(penalty, currency.Decimals) == penalty,
                $"{key}:Penalty", $"has more decimals than {row.Currency}", problems);
        });
        Check(options.RefundClocks, nameof(options.RefundClocks), problems, (row, key) =>
        {
            Require(row.Instrument is "card" or "other", $"{key}:Instrument", $"'{row.Instrument}' must be card or other", problems);
            Require(row.Days is >= 1 and <= 180, $"{key}:Days", "1 to 180", problems);
        });
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check<TRow>(IReadOnlyList<TRow> rows, string list, List<string> problems, Action<TRow, string> more) where TRow : PolicyRow
    {
        for (var index = 0; index < rows.Count; index++)
        {
            var (row, key) = (rows[index], $"{CancellationOptions.Section}:{list}:{index}");
            Require(row.Id is { Length: > 0 and <= 60 }, $"{key}:Id", "1 to 60 characters", problems);
            Require(!string.IsNullOrWhiteSpace(row.Text), $"{key}:Text", "must say what the rule says", problems);
            Require(row.Market is null || (row.Market.Length == 2 && row.Market.All(char.IsAsciiLetterUpper)), $"{key}:Market", "a country of two capital letters, such as US", problems);
            Require(row.From is null || row.Until is null || row.From <= row.Until, $"{key}:Until", "must not be before From", problems);
            more(row, key);
            for (var other = 0; other < index; other++)
            {
                Require(rows[other].Id != row.Id, $"{key}:Id", $"'{row.Id}' is row {other}'s too", problems);
                Require(
                    rows[other].Scope != row.Scope || rows[other].From != row.From || row.Until < rows[other].From || rows[other].Until < row.From,
                    key, $"is in force for the same as row {other} ('{rows[other].Id}') from the same day on: which of them holds would be chance", problems);
            }
        }
    }

    private static void RequireZone(string zone, string key, List<string> problems) =>
        Require(TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _), key, $"'{zone}' is no zone known here, such as Europe/London", problems);

    private static void Require(bool holds, string key, string rule, List<string> problems)
    {
        if (!holds)
        {
            problems.Add($"{key}: {rule}");
        }
    }
}
