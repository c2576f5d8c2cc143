using Microsoft.Net.Http.Headers;

namespace Aerona.Operations.DeparturesBoard;

/// <summary>What the board says, in one language; times and places stand where <c>{0}</c> does.</summary>
internal sealed record BoardWords(
    string Language, string OtherLanguage, string OtherName, string Departures, string LocalTimes, string AskForAirport, string Show, string NoSuchAirport, string Nothing,
    string Time, string To, string Flight, string Gate, string Status, string OnTime, string Now, string Departed, string Cancelled, string Returned, string DivertedTo)
{
    private static readonly BoardWords English = new(
        "en", "vi", "Tiếng Việt", "Departures", "local times", "Airport (IATA code)", "Show", "There is no airport {0} here.", "Nothing leaves here in the next hours.",
        "Time", "To", "Flight", "Gate", "Status", "On time", "Now {0}", "Departed {0}", "Cancelled", "Returned", "Diverted to {0}");

    private static readonly BoardWords Vietnamese = new(
        "vi", "en", "English", "Khởi hành", "giờ địa phương", "Sân bay (mã IATA)", "Xem", "Không có sân bay {0}.", "Không có chuyến bay nào khởi hành trong những giờ tới.",
        "Giờ", "Đến", "Chuyến bay", "Cửa", "Tình trạng", "Đúng giờ", "Giờ mới {0}", "Đã khởi hành {0}", "Đã hủy", "Đã quay lại", "Chuyển hướng đến {0}");

    /// <summary>As <c>?locale=</c> says, else as the browser prefers (RFC 9110 §12.5.4), else English.</summary>
    public static BoardWords For(HttpRequest request)
    {
        IEnumerable<string> wished = request.Query["locale"] is [{ Length: > 0 } said]
            ? [said]
            : request.GetTypedHeaders().AcceptLanguage.Where(language => language.Quality is not 0).OrderByDescending(language => language, StringWithQualityHeaderValueComparer.QualityComparer)
                .Select(language => language.Value.ToString());
        foreach (var language in wished.Select(locale => locale.Split('-')[0]))
        {
            if (language.Equals("vi", StringComparison.OrdinalIgnoreCase))
            {
                return Vietnamese;
            }

            if (language.Equals("en", StringComparison.OrdinalIgnoreCase))
            {
                return English;
            }
        }

        return English;
    }
}
