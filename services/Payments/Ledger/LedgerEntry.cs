using Aerona.Contracts;

namespace Aerona.Payments.Ledger;

/// <summary>The chart of accounts (docs/ledger.md). Each exists once for a booking, a payment and a currency.</summary>
internal enum Account
{
    /// <summary>Memorandum: what PayPal has reserved of the payer's money. Not ours yet.</summary>
    Reserved,

    /// <summary>Memorandum: the other side of <see cref="Reserved"/>.</summary>
    Reservations,

    /// <summary>Asset: our money at PayPal.</summary>
    PayPal,

    /// <summary>Liability: what we owe the customer, and what the customer paid for and has not got yet.</summary>
    Customer,

    /// <summary>Liability: what was sold, owed to the supplier; our commission is settled with the supplier, not here.</summary>
    Supplier,

    /// <summary>Expense: what PayPal keeps of a capture.</summary>
    Fees,

    /// <summary>Expense: what disputes and chargebacks took.</summary>
    Losses,
}

/// <summary>What happened to money.</summary>
internal enum LedgerKind
{
    /// <summary>Reserved.</summary>
    Authorised,

    /// <summary>Reserved and given back.</summary>
    Voided,

    /// <summary>Reserved, and used up by a capture.</summary>
    Used,

    /// <summary>Taken.</summary>
    Captured,

    /// <summary>What was paid for is owed to the supplier.</summary>
    Sold,

    /// <summary>Kept by PayPal.</summary>
    Fee,

    /// <summary>To be given back to the customer.</summary>
    Owed,

    /// <summary>It could not be given back so: no longer owed by this refund.</summary>
    NotOwed,

    /// <summary>Given back because we asked.</summary>
    Refunded,

    /// <summary>Given back, and nobody here asked for it: in PayPal's own pages, or taken by the payer's bank.</summary>
    RefundedElsewhere,

    /// <summary>PayPal gave back of its fee.</summary>
    FeeReturned,

    /// <summary>What was given back elsewhere turned out to be a dispute's or a chargeback's: our loss, not the customer's debt.</summary>
    Lost,
}

/// <summary>
/// One movement of money, written once, in the transaction that learnt of it. A row has a debit and a credit and one amount, so it balances by construction;
/// the database refuses a row that is empty, on one account only, changed or deleted.
/// </summary>
internal sealed class LedgerEntry
{
    public long Id { get; init; }

    public required Guid PaymentId { get; init; }

    public required Guid BookingId { get; init; }

    public required LedgerKind Kind { get; init; }

    /// <summary>Goes up by the amount as assets and expenses do.</summary>
    public required Account Debit { get; init; }

    /// <summary>Goes up by the amount as liabilities do.</summary>
    public required Account Credit { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Minor units of the currency by ISO 4217, more than nothing.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>PayPal's id of the authorisation, capture or refund; ours of the refund for what is owed by it. A fact is booked once.</summary>
    public required string Reference { get; init; }

    /// <summary>UTC, when we learnt it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Which account goes up and which goes down.</summary>
    public static (Account Debit, Account Credit) AccountsOf(LedgerKind kind) => kind switch
    {
        LedgerKind.Authorised => (Account.Reserved, Account.Reservations),
        LedgerKind.Voided or LedgerKind.Used => (Account.Reservations, Account.Reserved),
        LedgerKind.Captured => (Account.PayPal, Account.Customer),
        LedgerKind.Sold or LedgerKind.NotOwed => (Account.Customer, Account.Supplier),
        LedgerKind.Owed => (Account.Supplier, Account.Customer),
        LedgerKind.Fee => (Account.Fees, Account.PayPal),
        LedgerKind.FeeReturned => (Account.PayPal, Account.Fees),
        LedgerKind.Refunded or LedgerKind.RefundedElsewhere => (Account.Customer, Account.PayPal),
        LedgerKind.Lost => (Account.Losses, Account.Customer),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no accounts"),
    };
}

/// <summary>Sums of some rows of the ledger, in minor units.</summary>
internal sealed class Balances(IEnumerable<(LedgerKind Kind, long AmountMinor)> entries)
{
    private readonly Dictionary<LedgerKind, long> sums = entries.GroupBy(entry => entry.Kind).ToDictionary(kind => kind.Key, kind => kind.Sum(entry => entry.AmountMinor));

    public long Of(LedgerKind kind) => sums.GetValueOrDefault(kind);

    /// <summary>Debits less credits of an account.</summary>
    public long Of(Account account) => sums.Sum(sum =>
        LedgerEntry.AccountsOf(sum.Key) is var (debit, credit) && debit == account ? sum.Value : credit == account ? -sum.Value : 0);

    /// <summary>Given back, whoever asked for it; what a dispute took included.</summary>
    public long GivenBack => Of(LedgerKind.Refunded) + Of(LedgerKind.RefundedElsewhere);

    /// <summary>Taken and neither given back nor promised.</summary>
    public long Refundable => Of(LedgerKind.Captured) - Of(LedgerKind.Owed) + Of(LedgerKind.NotOwed) - Of(LedgerKind.RefundedElsewhere);

    public static string Amount(long minor, string currency) => new Money(minor, currency).ToAmountString();
}

/// <summary>What the database itself refuses. Text of the SQLite schema; the same for PostgreSQL stands in the migration.</summary>
internal static class LedgerRules
{
    public const string Sqlite = """

        CREATE TRIGGER ledger_entry_is_not_changed BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER ledger_entry_is_not_deleted BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

        """;

    public const string PostgreSql = """
        CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation'; END $$;
        CREATE TRIGGER ledger_entry_is_not_changed BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
        CREATE TRIGGER ledger_entry_is_not_emptied BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
        """;
}
