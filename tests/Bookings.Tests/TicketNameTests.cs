using Aerona.Bookings.Names;
using Aerona.Bookings.Submission;
using Aerona.Contracts;
using CsCheck;

namespace Aerona.Bookings.Tests;

public sealed class TicketNameTests
{
    [Theory]
    [InlineData("Nguyễn", "NGUYEN")]
    [InlineData("Đặng Thị Thu Hương", "DANG THI THU HUONG")]
    [InlineData("Müller", "MUELLER")]
    [InlineData("Groß", "GROSS")]
    [InlineData("Ångström", "AANGSTROEM")]
    [InlineData("Sørensen", "SOERENSEN")]
    [InlineData("Þórsdóttir", "THORSDOTTIR")]
    [InlineData("Łukasiewicz", "LUKASIEWICZ")]
    [InlineData("İpek Işık", "IPEK ISIK")]
    [InlineData("O’Brien-Smith", "OBRIEN SMITH")]
    [InlineData("  Jean   Luc ", "JEAN LUC")]
    [InlineData("Щербаков", "SHCHERBAKOV")]
    [InlineData("Юлия", "IULIIA")]
    [InlineData("Григорій", "HRYHORII")]
    [InlineData("Ђоковић", "DOKOVIC")]
    [InlineData("Жељко", "ZELJKO")]
    [InlineData("Παπαδόπουλος", "PAPADOPOULOS")]
    [InlineData("Ευάγγελος", "EVANGELOS")]
    [InlineData("Μπάμπης", "BAMPIS")]
    [InlineData("Ευθύμιος", "EFTHYMIOS")]
    public void Names_are_written_as_passports_write_them(string typed, string ticket) => Assert.Equal((ticket, null), TicketName.Of(typed));

    [Theory]
    [InlineData("Lê 3", "3")]
    [InlineData("安", "安")]
    [InlineData("Ann😀", "😀")]
    [InlineData("محمد", "م")]
    [InlineData("Ann\u0000", "\0")]
    public void A_character_without_an_airline_letter_is_named(string typed, string offender) => Assert.Equal((null, offender), TicketName.Of(typed));

    [Fact]
    public void A_name_without_letters_is_none() => Assert.Equal((null, null), TicketName.Of(" - ' "));

    [Fact]
    public void Whatever_is_typed_becomes_capital_letters_and_single_blanks_or_nothing() => Gen.String.Sample(typed =>
    {
        var (name, _) = TicketName.Of(typed);
        return name is null || (name.All(x => char.IsAsciiLetterUpper(x) || x == ' ') && name == name.Trim() && !name.Contains("  ", StringComparison.Ordinal));
    });

    [Fact]
    public void A_ticket_name_stays_as_it_is() => Gen.String[Gen.Char["ABCXYZ "], 1, 40].Sample(typed =>
        TicketName.Of(typed).Name is var once && (once is null || TicketName.Of(once).Name == once));

    [Theory]
    [InlineData("2024-02-29", "2026-02-28", 1)]
    [InlineData("2024-02-29", "2026-03-01", 2)]
    [InlineData("2014-12-02", "2026-12-01", 11)]
    [InlineData("2014-12-01", "2026-12-01", 12)]
    public void Age_is_in_full_years(string birthDate, string day, int age) =>
        Assert.Equal(age, PassengerRules.AgeOn(DateOnly.Parse(birthDate), DateOnly.Parse(day)));

    [Theory]
    [InlineData(0, PassengerType.Infant)]
    [InlineData(1, PassengerType.Infant)]
    [InlineData(2, PassengerType.Child)]
    [InlineData(11, PassengerType.Child)]
    [InlineData(12, PassengerType.Adult)]
    public void Types_follow_from_the_age(int age, PassengerType type) => Assert.Equal(type, PassengerRules.TypeAt(age));
}
