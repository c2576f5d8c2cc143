using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;

namespace Aerona.Operations.Fleet;

/// <summary>How the cabins of an airplane are built.</summary>
/// <param name="Code">Of the airline's making, once a model: <c>C16Y187</c>.</param>
/// <param name="Cabins">From the front.</param>
internal sealed record CabinConfiguration(string Code, IReadOnlyList<CabinMap> Cabins)
{
    /// <summary>Seats built in that passengers get, by cabin.</summary>
    public IReadOnlyDictionary<Cabin, int> SeatCounts() => Cabins.ToDictionary(map => map.Cabin, map => map.Seats().Count(seat => !seat.Characteristics.Contains(SeatCharacteristic.Blocked)));

    /// <summary>The rules it breaks, with pointers below the given one.</summary>
    public IEnumerable<FieldProblem> Problems(string at)
    {
        if (!AirplaneModel.IsCode(Code))
        {
            yield return new($"{at}/code", "configuration.code_invalid", AirplaneModel.CodeRule);
        }

        if (Cabins.Count == 0)
        {
            yield return new($"{at}/cabins", "configuration.empty", "A configuration has at least one cabin.");
        }

        var broken = false;
        foreach (var (map, index) in Cabins.Select((map, index) => (map, index)))
        {
            if (Cabins.Take(index).Any(earlier => earlier.Cabin == map.Cabin))
            {
                yield return new($"{at}/cabins/{index}/cabin", "configuration.cabin_twice", "Each cabin stands once in a configuration.");
            }

            foreach (var problem in map.Problems($"{at}/cabins/{index}"))
            {
                broken = true;
                yield return problem;
            }

            if (!broken && Cabins.Take(index).SelectMany(earlier => earlier.Rows()).Intersect(map.Rows()).ToList() is [var shared, ..])
            {
                yield return new($"{at}/cabins/{index}/firstRow", "configuration.rows_overlap", $"Row {shared} is in two cabins.");
            }
        }
    }
}

/// <summary>A model of airplane that the airline flies, with the ways its cabins are built.</summary>
internal sealed class AirplaneModel
{
    public const string CodeRule = "A code is 2 to 20 capital letters, digits and hyphens.";

    /// <summary>Of the airline's making: <c>A321N</c>.</summary>
    public required string Code { get; init; }

    public required string Name { get; init; }

    /// <summary>IATA type code, as flights show it.</summary>
    public required string AircraftType { get; init; }

    /// <summary>The least time between on blocks and off blocks, minutes.</summary>
    public required int TurnRoundMinutes { get; init; }

    /// <summary>Never changed, only added to: flights refer to them.</summary>
    public required List<CabinConfiguration> Configurations { get; set; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; set; }

    public TimeSpan TurnRound => TimeSpan.FromMinutes(TurnRoundMinutes);

    public CabinConfiguration? Find(string configuration) => Configurations.Find(known => known.Code == configuration);

    public static bool IsCode(string text) => text.Length is >= 2 and <= 20 && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '-');

    /// <summary>The rules that a new model breaks.</summary>
    public static IEnumerable<FieldProblem> Problems(NewAirplaneModel model)
    {
        if (!IsCode(model.Code))
        {
            yield return new("/code", "model.code_invalid", CodeRule);
        }

        if (string.IsNullOrWhiteSpace(model.Name) || model.Name.Length > 60)
        {
            yield return new("/name", "model.name_invalid", "A name has 1 to 60 characters.");
        }

        if (AircraftTypes.Find(model.AircraftType) is null)
        {
            yield return new("/aircraftType", "aircraft.unknown", $"{Short(model.AircraftType)} is no IATA aircraft type known here.");
        }

        if (model.TurnRoundMinutes is < 10 or > 600)
        {
            yield return new("/turnRoundMinutes", "model.turn_round_out_of_range", "A turn-round takes 10 to 600 minutes.");
        }

        if (model.Configurations.Count == 0)
        {
            yield return new("/configurations", "model.no_configuration", "A model has at least one cabin configuration.");
        }

        foreach (var (configuration, index) in model.Configurations.Select((configuration, index) => (configuration, index)))
        {
            if (model.Configurations.Take(index).Any(earlier => earlier.Code == configuration.Code))
            {
                yield return new($"/configurations/{index}/code", "configuration.exists", $"{configuration.Code} stands there twice.");
            }

            foreach (var problem in configuration.Problems($"/configurations/{index}"))
            {
                yield return problem;
            }
        }
    }

    private static string Short(string text) => text.Length <= 8 ? text : text[..8] + "…";
}
