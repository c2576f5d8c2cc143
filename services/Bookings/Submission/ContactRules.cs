using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net.Mail;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Aerona.Hosting;

namespace Aerona.Bookings.Submission;

/// <summary>Where a payer's browser may be sent; section <c>ReturnUrls</c>. Anything else would make our pages a way to anybody's.</summary>
internal sealed class ReturnUrlOptions
{
    /// <summary>Our own address, always allowed.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";

    /// <summary>Scheme, host and port of each client's site that is allowed: <c>https://shop.example</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    public bool Allows(Uri url) => AllowedOrigins.Append(PublicBaseUrl)
        .Any(allowed => Uri.TryCreate(allowed, UriKind.Absolute, out var site) && Uri.Compare(site, url, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0);
}

/// <summary>Everything of a request that is not a passenger.</summary>
internal static partial class ContactRules
{
    private const int LongestEmail = 254;    // RFC 5321, less the angle brackets
    private const int LongestReturnUrl = 2000;

    public static IEnumerable<FieldProblem> Check(SubmitBookingRequest request, OfferSnapshot offer, ReturnUrlOptions returnUrls)
    {
        if (request.Contact.Phone is null && offer.Needs?.Contains(OfferNeeds.Phone) == true)
        {
            yield return new("/contact/phone", "contact.phone_required", "The airline wants a telephone number: +4930901820.");
        }

        if (!IsEmail(request.Contact.Email.Trim()))
        {
            yield return new("/contact/email", "contact.email_invalid", "One e-mail address, such as an@example.org.");
        }

        if (request.Contact.Phone is { } phone && !E164().IsMatch(phone))
        {
            yield return new("/contact/phone", "contact.phone_invalid", "A plus, the country code and the number, digits only: +4930901820.");
        }

        if (request.Contact.Locale is { } locale && !IsLocale(locale))
        {
            yield return new("/contact/locale", "contact.locale_invalid", "A language tag such as en or vi-VN.");
        }

        if (request.ReturnUrl is { } url
            && (url.Length > LongestReturnUrl || !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.UserInfo.Length > 0 || !returnUrls.Allows(address)))
        {
            yield return new("/returnUrl", "return_url.not_allowed", "An address under a site that is registered here.");
        }

        if (request.ClientReference is { } reference && !PrintableAscii().IsMatch(reference))
        {
            yield return new("/clientReference", "client_reference.invalid", "1 to 64 printable ASCII characters.");
        }
    }

    private static bool IsEmail(string text) => text.Length <= LongestEmail && Email().IsMatch(text) && MailAddress.TryCreate(text, out var address) && address.Address == text;

    private static bool IsLocale(string tag)
    {
        if (!LanguageTag().IsMatch(tag))
        {
            return false;
        }

        try
        {
            // Any well-formed tag makes a culture; one that nobody has defined names itself as "Unknown Language".
            return CultureInfo.GetCultureInfo(tag).ThreeLetterISOLanguageName.Length > 0 && CultureInfo.GetCultures(CultureTypes.NeutralCultures)
                .Any(known => known.Name.Length > 0 && string.Equals(known.Name, tag.Split('-')[0], StringComparison.OrdinalIgnoreCase));
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }

    // One address, a domain with a dot, nothing that could end a header line.
    [GeneratedRegex(@"^[^\s@<>,;:""\\()\[\]\p{Cc}]+@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}\z")]
    private static partial Regex E164();

    [GeneratedRegex(@"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\z")]
    private static partial Regex LanguageTag();

    [GeneratedRegex(@"^[ -~]{1,64}\z")]
    private static partial Regex PrintableAscii();
}
