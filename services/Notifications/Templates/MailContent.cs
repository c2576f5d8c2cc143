using System.Text;

namespace Aerona.Notifications.Templates;

/// <summary>An end of a flight, as printed.</summary>
public sealed record Place(string Time, string Airport, string City, string Name, string Day, string Zone);

/// <summary>A flight, as printed.</summary>
public sealed record FlightContent(string Flight, string Carriage, Place From, Place To, string DayOffset, string Details);

/// <summary>A passenger with the ticket numbers, as printed.</summary>
public sealed record PassengerContent(string Name, string Type, IReadOnlyList<string> Tickets);

/// <summary>A link in a mail; it always leads to our own address.</summary>
/// <param name="Text">On the button.</param>
/// <param name="Address">Absolute.</param>
public sealed record LinkContent(string Text, string Address);

/// <summary>The one thing that must not be overlooked: where the money stands, how long a link is good.</summary>
public sealed record PanelContent(string Label, string Fact, string Detail);

/// <summary>How a mail's news is to be taken; it has a colour and a word.</summary>
public enum Tone
{
    Good,
    Attention,
    Bad,
}

/// <summary>
/// What a mail says, in the words that both the HTML and the text use. What is null or empty is left out. Public because templates are.
/// </summary>
public sealed record MailContent
{
    /// <summary>BCP 47.</summary>
    public required string Language { get; init; }

    /// <summary>One line.</summary>
    public required string Subject { get; init; }

    /// <summary>What a list of mails shows after the subject.</summary>
    public required string Preview { get; init; }

    public required string ReferenceLabel { get; init; }

    /// <summary>Our record locator, a flight's designator; empty when there is none.</summary>
    public required string Reference { get; init; }

    public (string Text, Tone Tone)? Badge { get; init; }

    /// <summary>What happened.</summary>
    public required string Title { get; init; }

    public IReadOnlyList<string> Paragraphs { get; init; } = [];

    /// <summary>The one thing to do.</summary>
    public LinkContent? Button { get; init; }

    public PanelContent? Panel { get; init; }

    public string FlightsHeading { get; init; } = "";

    public IReadOnlyList<FlightContent> Flights { get; init; } = [];

    public string PassengersHeading { get; init; } = "";

    public IReadOnlyList<PassengerContent> Passengers { get; init; } = [];

    public string PriceHeading { get; init; } = "";

    public IReadOnlyList<(string What, string Amount)> Price { get; init; } = [];

    public (string What, string Amount)? Paid { get; init; }

    public string NextHeading { get; init; } = "";

    public IReadOnlyList<string> Next { get; init; } = [];

    public string AttachedHeading { get; init; } = "";

    public IReadOnlyList<string> Attached { get; init; } = [];

    /// <summary>Why this mail was sent.</summary>
    public IReadOnlyList<string> Footer { get; init; } = [];

    public IReadOnlyList<LinkContent> FooterLinks { get; init; } = [];

    /// <summary>The same as plain text.</summary>
    public string ToText()
    {
        var text = new StringBuilder($"AERONA{(Reference.Length == 0 ? "" : $"   {ReferenceLabel} {Reference}")}\n\n{(Badge is var (badge, _) ? $"{badge}: " : "")}{Title}\n");
        foreach (var paragraph in Paragraphs)
        {
            text.Append($"\n{paragraph}\n");
        }

        if (Button is { } button)
        {
            text.Append($"\n{button.Text}:\n{button.Address}\n");
        }

        if (Panel is { } panel)
        {
            text.Append($"\n{panel.Label.ToUpperInvariant()}\n{panel.Fact}\n{panel.Detail}\n");
        }

        Section(FlightsHeading, Flights.Count);
        foreach (var flight in Flights)
        {
            text.Append($"\n{flight.Flight}   {flight.Carriage}\n");
            End(flight.From, "");
            End(flight.To, flight.DayOffset);
            text.Append($"  {flight.Details}\n");
        }

        Section(PassengersHeading, Passengers.Count);
        foreach (var passenger in Passengers)
        {
            text.Append($"  {passenger.Name} ({passenger.Type}): {string.Join(", ", passenger.Tickets)}\n");
        }

        Section(PriceHeading, Price.Count);
        foreach (var (what, amount) in Paid is { } paid ? Price.Append(paid) : Price)
        {
            text.Append($"  {what}: {amount}\n");
        }

        Listed(NextHeading, Next);
        Listed(AttachedHeading, Attached);
        text.Append("\n-- \n").AppendJoin('\n', Footer).Append('\n');
        foreach (var link in FooterLinks)
        {
            text.Append($"{link.Text}: {link.Address}\n");
        }

        return text.ToString();

        void Section(string heading, int count)
        {
            if (count > 0)
            {
                text.Append($"\n{heading.ToUpperInvariant()}\n");
            }
        }

        void Listed(string heading, IReadOnlyList<string> sentences)
        {
            Section(heading, sentences.Count);
            foreach (var sentence in sentences)
            {
                text.Append($"  - {sentence}\n");
            }
        }

        void End(Place place, string offset) => text
            .Append($"  {place.Time} {place.Day}{(offset.Length > 0 ? $" ({offset})" : "")}   {place.Airport} {place.City}, {place.Name}\n        {place.Zone}\n");
    }
}
