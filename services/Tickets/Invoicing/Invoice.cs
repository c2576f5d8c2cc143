using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Tickets.Invoicing;

/// <summary>What an invoice's number says it is.</summary>
internal enum InvoiceKind
{
    Invoice,

    /// <summary>Less of an invoice, which it names.</summary>
    CreditNote,
}

/// <summary>For whom the carriage is sold; it decides what the document says and what tax is ours.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SellerRole>))]
internal enum SellerRole
{
    /// <summary>In the airline's name: what is paid is passed on, and its taxes are the airline's affair.</summary>
    Agent,

    /// <summary>In our own name.</summary>
    Principal,
}

/// <summary>How a line is taxed: codes of UN/CEFACT 5305, printed as such.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TaxCategory>))]
internal enum TaxCategory
{
    /// <summary>S: at a rate, included in the amount.</summary>
    Standard,

    /// <summary>Z: taxed at nought, such as carriage that crosses a border.</summary>
    ZeroRated,

    /// <summary>O: not ours to tax: passed on to whom it is owed, or sold where we are not registered.</summary>
    OutOfScope,
}

/// <summary>A line as it was invoiced.</summary>
/// <param name="Passenger">Whose, as on the ticket; null: everybody's.</param>
/// <param name="Kind">What for.</param>
/// <param name="Code">As on the <see cref="PriceLine"/>; of credit notes also <c>PENALTY</c> (kept back, negative) and <c>REFUND</c> (a sum that nobody broke down).</param>
/// <param name="Country">ISO 3166-1 alpha-2 of a tax's levier, else null.</param>
/// <param name="Amount">With the tax that is in it.</param>
/// <param name="Category">How it is taxed.</param>
/// <param name="Rate">Percent; zero unless <see cref="TaxCategory.Standard"/>.</param>
/// <param name="Tax">What of the amount is tax at that rate.</param>
internal sealed record InvoiceLine(string? Passenger, PriceLineKind Kind, string Code, string? Country, Money Amount, TaxCategory Category, decimal Rate, Money Tax);

/// <summary>Who sells, as it was on that day.</summary>
/// <param name="LegalEntity">Short name of the series.</param>
/// <param name="Name">In the register.</param>
/// <param name="Address">Lines; may be empty.</param>
/// <param name="TaxId">Null where there is none.</param>
/// <param name="Role">For whom it sells.</param>
internal sealed record Seller(string LegalEntity, string Name, IReadOnlyList<string> Address, string? TaxId, SellerRole Role);

/// <summary>
/// An invoice or credit note: everything that is printed on it stands here and is never changed, nor is the row ever deleted; the database itself refuses (see
/// <see cref="InvoiceRules"/>).
/// </summary>
internal sealed class Invoice
{
    /// <summary>As printed: <c>AERONA-2026-000001</c>, of a credit note <c>AERONA-C2026-000001</c>.</summary>
    public required string Number { get; init; }

    /// <summary><see cref="InvoiceSeries.Id"/>.</summary>
    public required string Series { get; init; }

    /// <summary>From 1, without a gap within its series.</summary>
    public required int Sequence { get; init; }

    public required InvoiceKind Kind { get; init; }

    /// <summary>What it is for, once: of an invoice the order, of a credit note the cancellation.</summary>
    public required Guid Occasion { get; init; }

    /// <summary>The invoice that a credit note is about; else null.</summary>
    public required string? OriginalNumber { get; init; }

    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Our record locator.</summary>
    public required string Locator { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The day by the legal entity's clock: printed, and what the series' year is of.</summary>
    public required DateOnly IssuedOn { get; init; }

    public required Seller Seller { get; init; }

    /// <summary>As typed; <see cref="BuyerOnTicket"/> where a font lacks its letters.</summary>
    public required string Buyer { get; init; }

    public required string BuyerOnTicket { get; init; }

    /// <summary>The airline whose carriage it is; IATA designator.</summary>
    public required string Carrier { get; init; }

    public required IReadOnlyList<InvoiceLine> Lines { get; init; }

    /// <summary>The sum of the lines; of a credit note what goes back.</summary>
    public required Money Total { get; init; }

    /// <summary>Of an invoice what was paid by the day it was made, of a credit note nothing.</summary>
    public required Money Paid { get; init; }

    /// <summary>BCP 47.</summary>
    public required string Locale { get; init; }
}

/// <summary>A series of numbers without gaps: one of each kind for a legal entity and year. Locked by whoever takes the next number until that is saved or not.</summary>
internal sealed class InvoiceSeries
{
    /// <summary><c>AERONA/2026</c>, of credit notes <c>AERONA/C2026</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The last number given; 0: none.</summary>
    public int LastNumber { get; set; }
}

/// <summary>What the database itself refuses. Text of the SQLite schema; the same for PostgreSQL stands in the migration.</summary>
internal static class InvoiceRules
{
    public const string Sqlite = """

        CREATE TRIGGER invoice_is_not_changed BEFORE UPDATE ON invoice BEGIN SELECT RAISE(ABORT, 'invoices are append-only'); END;
        CREATE TRIGGER invoice_is_not_deleted BEFORE DELETE ON invoice BEGIN SELECT RAISE(ABORT, 'invoices are append-only'); END;
        CREATE TRIGGER invoice_series_counts_by_one BEFORE UPDATE ON invoice_series WHEN NEW.last_number <> OLD.last_number + 1 OR NEW.id <> OLD.id
            BEGIN SELECT RAISE(ABORT, 'a series of invoices counts by one'); END;
        CREATE TRIGGER invoice_series_is_not_deleted BEFORE DELETE ON invoice_series BEGIN SELECT RAISE(ABORT, 'a series of invoices is never deleted'); END;

        """;

    public const string PostgreSql = """
        CREATE FUNCTION invoices_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'invoices are append-only' USING ERRCODE = 'restrict_violation'; END $$;
        CREATE FUNCTION invoice_series_counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.last_number <> OLD.last_number + 1 OR NEW.id <> OLD.id THEN RAISE EXCEPTION 'a series of invoices counts by one' USING ERRCODE = 'restrict_violation'; END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER invoice_is_not_changed BEFORE UPDATE OR DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION invoices_are_append_only();
        CREATE TRIGGER invoice_is_not_emptied BEFORE TRUNCATE ON invoice FOR EACH STATEMENT EXECUTE FUNCTION invoices_are_append_only();
        CREATE TRIGGER invoice_series_counts_by_one BEFORE UPDATE ON invoice_series FOR EACH ROW EXECUTE FUNCTION invoice_series_counts();
        CREATE TRIGGER invoice_series_is_not_deleted BEFORE DELETE ON invoice_series FOR EACH ROW EXECUTE FUNCTION invoices_are_append_only();
        CREATE TRIGGER invoice_series_is_not_emptied BEFORE TRUNCATE ON invoice_series FOR EACH STATEMENT EXECUTE FUNCTION invoices_are_append_only();
        """;

    public const string DropPostgreSql = """
        DROP TRIGGER invoice_is_not_changed ON invoice;
        DROP TRIGGER invoice_is_not_emptied ON invoice;
        DROP TRIGGER invoice_series_counts_by_one ON invoice_series;
        DROP TRIGGER invoice_series_is_not_deleted ON invoice_series;
        DROP TRIGGER invoice_series_is_not_emptied ON invoice_series;
        DROP FUNCTION invoices_are_append_only();
        DROP FUNCTION invoice_series_counts();
        """;
}
