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
    /// <summary>The same as plain text.</summary>
    public string ToText() => new StringBuilder($"AERONA   Booking reference {Locator}\n\n{Title}\n\n")
        .AppendJoin("\n\n", Paragraphs)
        .Append($"\n\nYOUR MONEY\n{Money}\n{MoneyDetail}\n\n-- \n").AppendJoin('\n', Footer).Append('\n').ToString();

    /// <summary>Why this mail was sent.</summary>
    public static IReadOnlyList<string> SmallPrint(string locator) => [$"This mail was sent because booking {locator} gives this address. It cannot be replied to."];
}
