using Microsoft.AspNetCore.Components;

namespace Aerona.Users.Pages;

/// <summary>What every page needs. Public because pages are.</summary>
/// <param name="Language"><c>en</c> or <c>vi</c>.</param>
/// <param name="FormToken">Goes into every form.</param>
/// <param name="Email">Of whoever is signed in; null for nobody.</param>
/// <param name="OtherLanguage">Where the same page is in the other language.</param>
public sealed record PageFrame(string Language, string FormToken, string? Email, string OtherLanguage)
{
    /// <summary>In the page's language.</summary>
    public string Say(string english, string vietnamese) => Language == "vi" ? vietnamese : english;
}

/// <summary>A page: gets its frame and its model.</summary>
/// <typeparam name="TModel">What it shows.</typeparam>
public abstract class PageOf<TModel> : ComponentBase
{
    /// <summary>What every page has.</summary>
    [Parameter, EditorRequired] public PageFrame Frame { get; set; } = null!;

    /// <summary>What this one shows.</summary>
    [Parameter, EditorRequired] public TModel Model { get; set; } = default!;

    /// <summary>In the page's language.</summary>
    protected string Say(string english, string vietnamese) => Frame.Say(english, vietnamese);
}

/// <summary>A field of a form.</summary>
/// <param name="Name">Its name as sent.</param>
/// <param name="Label">Above it.</param>
/// <param name="Type">Of the input; <c>hidden</c> shows nothing.</param>
/// <param name="AutoComplete">For password managers.</param>
/// <param name="Value">To begin with.</param>
/// <param name="Hint">Below it.</param>
public sealed record Field(string Name, string Label, string Type = "text", string AutoComplete = "off", string? Value = null, string? Hint = null);

/// <summary>Somewhere else to go.</summary>
/// <param name="Text">What is there.</param>
/// <param name="Address">Of our own.</param>
public sealed record Link(string Text, string Address);

/// <summary>A page with one form.</summary>
/// <param name="Title">What is done here.</param>
/// <param name="Lead">A sentence or two; may be null.</param>
/// <param name="Action">Where it is sent.</param>
/// <param name="Fields">In order.</param>
/// <param name="Submit">On the button.</param>
/// <param name="Links">Below it.</param>
/// <param name="Error">What was wrong with the last try; null before it.</param>
public sealed record FormView(string Title, string? Lead, string Action, IReadOnlyList<Field> Fields, string Submit, IReadOnlyList<Link> Links, string? Error)
{
    /// <summary>Where a passkey may do instead: the return address of the sign-in; null where it may not.</summary>
    public string? PasskeyReturn { get; init; }
}

/// <summary>A page that only says something.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Paragraphs">What that means.</param>
/// <param name="Links">Where to go on.</param>
public sealed record MessageView(string Title, IReadOnlyList<string> Paragraphs, IReadOnlyList<Link> Links);

/// <summary>What an application asks for.</summary>
/// <param name="Application">Its name, as registered.</param>
/// <param name="Host">Where it takes people back to.</param>
/// <param name="IsTest">Nothing it does is real.</param>
/// <param name="Wants">What it wants to do, in sentences.</param>
/// <param name="Request">The request, to be sent again with the answer.</param>
public sealed record ConsentView(string Application, string Host, bool IsTest, IReadOnlyList<string> Wants, IReadOnlyList<KeyValuePair<string, string>> Request);

/// <summary>Somebody's own account.</summary>
/// <param name="Name">As given.</param>
/// <param name="Roles">By name.</param>
/// <param name="NeedsSecondFactor">Staff without one.</param>
/// <param name="HasAuthenticator">Whether an app gives codes.</param>
/// <param name="RecoveryCodesLeft">How many can still be used.</param>
/// <param name="Passkeys">The oldest first.</param>
/// <param name="Sessions">The one of this browser first.</param>
/// <param name="Notice">What was just done; null when nothing was.</param>
/// <param name="Error">What could not be; null when nothing failed.</param>
public sealed record AccountView(
    string Name, IReadOnlyList<string> Roles, bool NeedsSecondFactor, bool HasAuthenticator, int RecoveryCodesLeft, IReadOnlyList<PasskeyRow> Passkeys, IReadOnlyList<SessionRow> Sessions,
    string? Notice, string? Error)
{
    /// <summary>Of what is known of the owner; null when he did not ask, or its time is over.</summary>
    public RequestRow? Export { get; init; }

    /// <summary>Null when he does not want to leave.</summary>
    public RequestRow? Erasure { get; init; }
}

/// <summary>An export or an erasure.</summary>
/// <param name="IsDone">Everybody has answered.</param>
/// <param name="Open">What an erasure waits for.</param>
public sealed record RequestRow(bool IsDone, IReadOnlyList<OpenRow> Open);

/// <summary>A booking that an erasure waits for.</summary>
/// <param name="Locator">Ours.</param>
/// <param name="Because">Stable code.</param>
/// <param name="Until">UTC; null when somebody must act first.</param>
public sealed record OpenRow(string Locator, string Because, DateTimeOffset? Until);

/// <summary>A passkey.</summary>
/// <param name="Id">Base64url.</param>
/// <param name="Name">As its owner called it.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record PasskeyRow(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>A sign-in.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Device">Browser and system.</param>
/// <param name="Address">The network.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="SeenAt">UTC.</param>
/// <param name="IsThis">This browser's.</param>
public sealed record SessionRow(Guid Id, string Device, string Address, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, bool IsThis);

/// <summary>An authenticator app being set up.</summary>
/// <param name="QrPath">SVG path of the code's dark modules.</param>
/// <param name="QrSize">Modules a side.</param>
/// <param name="Secret">To be typed instead, in groups of four.</param>
/// <param name="Return">Where to go on.</param>
/// <param name="Error">What was wrong with the last try.</param>
public sealed record AuthenticatorView(string QrPath, int QrSize, string Secret, string Return, string? Error);

/// <summary>New recovery codes, shown once.</summary>
/// <param name="Codes">Ten.</param>
/// <param name="Return">Where to go on.</param>
public sealed record RecoveryCodesView(IReadOnlyList<string> Codes, string Return);
