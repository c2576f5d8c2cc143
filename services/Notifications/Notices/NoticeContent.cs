using System.Text;

namespace Aerona.Notifications.Notices;

/// <summary>What a short mail says, in the words that both the HTML and the text use. Public because templates are.</summary>
/// <param name="Locator">Our record locator.</param>
/// <param name="Subject">One line.</param>
/// <param name="Title">What happened.</param>
/// <param name="Paragraphs">Why, and what comes next.</param>
/// <param name="Money">Where the money stands, in one sentence.</param>
/// <param name="MoneyDetail">What that means for the payer's account.</param>
/// <param name="Footer">Small print.</param>
public sealed record NoticeContent(
    string Locator, string Subject, string Title, IReadOnlyList<string> Paragraphs, string Money, string MoneyDetail, IReadOnlyList<string> Footer)
{
    /// <summary>What it is written in: <c>en</c> or <c>vi</c>.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Where something is to be done; null when nothing is.</summary>
    public NoticeLink? Link { get; init; }

    /// <summary>Above the locator.</summary>
    public string ReferenceLabel
    {
        get => field ?? (Language == "vi" ? "Mã đặt chỗ" : "Booking reference");
        init;
    }

    /// <summary>Above the sentence about money.</summary>
    public string MoneyLabel
    {
        get => field ?? (Language == "vi" ? "Tiền của bạn" : "Your money");
        init;
    }

    /// <summary>The same as plain text.</summary>
    public string ToText() => new StringBuilder($"AERONA   {ReferenceLabel} {Locator}\n\n{Title}\n\n")
        .AppendJoin("\n\n", Paragraphs)
        .Append(Link is null ? "" : $"\n\n{Link.Text}:\n{Link.Address}")
        .Append($"\n\n{MoneyLabel.ToUpperInvariant()}\n{Money}\n{MoneyDetail}\n\n-- \n").AppendJoin('\n', Footer).Append('\n').ToString();

    /// <summary>Why this mail was sent.</summary>
    public static IReadOnlyList<string> SmallPrint(string locator) => [$"This mail was sent because booking {locator} gives this address. It cannot be replied to."];
}

/// <summary>A link in a mail; it always leads to our own address.</summary>
/// <param name="Text">On the button.</param>
/// <param name="Address">Absolute.</param>
public sealed record NoticeLink(string Text, string Address);
