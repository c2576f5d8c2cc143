using System.ComponentModel.DataAnnotations;
using Aerona.Reference;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Outside;

/// <summary>How to reach an outside supplier; section <c>Suppliers:{name}</c>, one a supplier. The name is the one that offers carry.</summary>
internal sealed class SupplierOptions
{
    public const string Section = "Suppliers";

    /// <summary><c>duffel</c> (API v2) or <c>amadeus</c>.</summary>
    [Required, AllowedValues("duffel", "amadeus")] public string Protocol { get; init; } = "";

    /// <summary>Where its API begins, without a slash at the end: <c>https://api.duffel.com</c>.</summary>
    [Required, Url] public string BaseUrl { get; init; } = "";

    /// <summary>Amadeus: where tokens are given out; null: <c>{BaseUrl}/v1/security/oauth2/token</c>.</summary>
    [Url] public string? TokenUrl { get; init; }

    /// <summary>Duffel: the access token.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Amadeus: the client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>Amadeus: the client's secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What signs its webhooks; several while one replaces another. None: its webhooks are refused.</summary>
    public IReadOnlyList<string> WebhookSecrets { get; init; } = [];

    /// <summary>Longest wait for one call.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest wait for a call that makes or pays an order: airlines take their time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")] public TimeSpan OrderTimeout { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How long after an attempt to buy its absence is believed: until then the airline may still be at work on it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan AbsentAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Calls at once; as many more wait, and the rest is told that it is busy.</summary>
    [Range(1, 1000)] public int ParallelCalls { get; init; } = 8;

    /// <summary>How long it is left alone after half of its calls failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")] public TimeSpan BreakFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a bought order is compared with the supplier's, for webhooks get lost.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "7.00:00:00")] public TimeSpan ReconcileEvery { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Routes whose flights are fetched regularly and shown in searches: <c>CDG-NCE</c>.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Days ahead that are fetched.</summary>
    [Range(1, 365)] public int HorizonDays { get; init; } = 30;

    /// <summary>How old what was fetched may become.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")] public TimeSpan FetchEvery { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Least pause between two fetches; the supplier's own limit is kept besides.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan FetchPause { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Names the key of what is wrong: there are several suppliers.</summary>
internal sealed class SupplierRules : IValidateOptions<SupplierOptions>
{
    public ValidateOptionsResult Validate(string? name, SupplierOptions options)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        var problems = found.ConvertAll(result => $"{Key(name, result.MemberNames.FirstOrDefault())}: {result.ErrorMessage}");
        void Require(string? value, string member)
        {
            if (string.IsNullOrEmpty(value))
            {
                problems.Add($"{Key(name, member)}: must be set for the protocol {options.Protocol}");
            }
        }

        if (options.Protocol == "duffel")
        {
            Require(options.AccessToken, nameof(options.AccessToken));
        }
        else if (options.Protocol == "amadeus")
        {
            Require(options.ClientId, nameof(options.ClientId));
            Require(options.ClientSecret, nameof(options.ClientSecret));
        }

        for (var index = 0; index < options.WebhookSecrets.Count; index++)
        {
            if (options.WebhookSecrets[index].Length < 8)
            {
                problems.Add($"{Key(name, nameof(options.WebhookSecrets))}:{index}: a secret has 8 characters at least");
            }
        }

        for (var index = 0; index < options.Routes.Count; index++)
        {
            if (options.Routes[index].Split('-') is not [var origin, var destination] || Airports.Find(origin) is null || Airports.Find(destination) is null || origin == destination)
            {
                problems.Add($"{Key(name, nameof(options.Routes))}:{index}: '{options.Routes[index]}' must be two airports known here, such as CDG-NCE");
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static string Key(string? name, string? member) => $"{SupplierOptions.Section}:{name}:{member}";
}
