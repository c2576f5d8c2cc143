using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Aerona.Payments.Migrations
{
    /// <inheritdoc />
    public partial class Aggregate : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "origin",
                table: "refund",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "capturing_minor",
                table: "payment",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "credit",
                table: "ledger_entry",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "debit",
                table: "ledger_entry",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "difference",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: true),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: true),
                    currency = table.Column<string>(type: "text", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: true),
                    detail = table.Column<string>(type: "text", nullable: false),
                    found_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_difference", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "dispute",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    capture_id = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    standing = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_dispute", x => x.id);
                    table.ForeignKey(
                        name: "FK_dispute_payment_payment_id",
                        column: x => x.payment_id,
                        principalTable: "payment",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "payment_authorization",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    renews_id = table.Column<string>(type: "text", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    honoured_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    learnt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payment_authorization", x => x.id);
                    table.ForeignKey(
                        name: "FK_payment_authorization_payment_payment_id",
                        column: x => x.payment_id,
                        principalTable: "payment",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "payment_capture",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    fee_minor = table.Column<long>(type: "bigint", nullable: true),
                    taken_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    learnt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payment_capture", x => x.id);
                    table.ForeignKey(
                        name: "FK_payment_capture_payment_payment_id",
                        column: x => x.payment_id,
                        principalTable: "payment",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "reconciliation_run",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    transactions = table.Column<int>(type: "integer", nullable: false),
                    payments = table.Column<int>(type: "integer", nullable: false),
                    bookings = table.Column<int>(type: "integer", nullable: false),
                    open = table.Column<int>(type: "integer", nullable: false),
                    not_asked = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_reconciliation_run", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_webhook_event_received_at",
                table: "webhook_event",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "ix_refund_pay_pal_id",
                table: "refund",
                column: "pay_pal_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entry_payment_id",
                table: "ledger_entry",
                column: "payment_id");

            migrationBuilder.CreateIndex(
                name: "ix_difference_closed_at",
                table: "difference",
                column: "closed_at");

            migrationBuilder.CreateIndex(
                name: "ix_difference_reason_subject",
                table: "difference",
                columns: new[] { "reason", "subject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_dispute_payment_id",
                table: "dispute",
                column: "payment_id");

            migrationBuilder.CreateIndex(
                name: "ix_payment_authorization_payment_id",
                table: "payment_authorization",
                column: "payment_id");

            migrationBuilder.CreateIndex(
                name: "ix_payment_capture_payment_id",
                table: "payment_capture",
                column: "payment_id");

            // What stood in columns of the payment becomes rows of their own, and every entry of the ledger gets its two accounts.
            migrationBuilder.Sql("""
                INSERT INTO payment_authorization (id, payment_id, renews_id, state, currency, amount_minor, honoured_until, expires_at, learnt_at)
                SELECT authorization_id, id, NULL,
                    CASE state WHEN 'UnderReview' THEN 'Pending' WHEN 'Declined' THEN 'Denied' WHEN 'Voided' THEN 'Voided' WHEN 'Captured' THEN 'Captured' ELSE 'Created' END,
                    currency, authorized_minor, honoured_until, expires_at, created_at
                FROM payment WHERE authorization_id IS NOT NULL;
                INSERT INTO payment_authorization (id, payment_id, renews_id, state, currency, amount_minor, honoured_until, expires_at, learnt_at)
                SELECT renewed_authorization_id, id, authorization_id,
                    CASE state WHEN 'Voided' THEN 'Voided' WHEN 'Captured' THEN 'Captured' ELSE 'Created' END,
                    currency, authorized_minor, honoured_until, expires_at, changed_at
                FROM payment WHERE renewed_authorization_id IS NOT NULL;
                INSERT INTO payment_capture (id, payment_id, state, currency, amount_minor, fee_minor, taken_at, learnt_at)
                SELECT capture_id, id, CASE state WHEN 'Captured' THEN 'Completed' WHEN 'CapturePending' THEN 'Pending' ELSE 'Declined' END,
                    currency, CASE WHEN captured_minor > 0 THEN captured_minor ELSE authorized_minor END, NULL, changed_at, changed_at
                FROM payment WHERE capture_id IS NOT NULL;
                UPDATE refund SET origin = 'Ours';
                UPDATE ledger_entry SET
                    debit = CASE kind WHEN 'Authorised' THEN 'Reserved' WHEN 'Voided' THEN 'Reservations' WHEN 'Captured' THEN 'PayPal' ELSE 'Customer' END,
                    credit = CASE kind WHEN 'Authorised' THEN 'Reservations' WHEN 'Voided' THEN 'Reserved' WHEN 'Captured' THEN 'Customer' ELSE 'PayPal' END;
                INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at)
                SELECT payment_id, booking_id, 'Used', 'Reservations', 'Reserved', currency, amount_minor, reference, at FROM ledger_entry WHERE kind = 'Captured';
                INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at)
                SELECT payment_id, booking_id, 'Sold', 'Customer', 'Supplier', currency, amount_minor, reference, at FROM ledger_entry WHERE kind = 'Captured';
                INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at)
                SELECT payment.id, payment.booking_id, 'Owed', 'Supplier', 'Customer', refund.currency, refund.amount_minor, refund.id::text, refund.asked_at
                FROM refund JOIN payment ON payment.id = refund.payment_id WHERE refund.state <> 'Refused';
                """);
            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_entry_accounts",
                table: "ledger_entry",
                sql: "debit <> credit");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_entry_amount",
                table: "ledger_entry",
                sql: "amount_minor > 0");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_entry_currency",
                table: "ledger_entry",
                sql: "length(currency) = 3");

            migrationBuilder.Sql(Ledger.LedgerRules.PostgreSql);

            migrationBuilder.DropIndex(
                name: "ix_payment_capture_id",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "authorization_id",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "authorized_minor",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "capture_id",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "captured_minor",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "expires_at",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "honoured_until",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "refunded_minor",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "renewed_authorization_id",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "voided_minor",
                table: "payment");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER ledger_entry_is_not_changed ON ledger_entry; DROP TRIGGER ledger_entry_is_not_emptied ON ledger_entry; DROP FUNCTION ledger_is_append_only();");

            migrationBuilder.DropTable(
                name: "difference");

            migrationBuilder.DropTable(
                name: "dispute");

            migrationBuilder.DropTable(
                name: "payment_authorization");

            migrationBuilder.DropTable(
                name: "payment_capture");

            migrationBuilder.DropTable(
                name: "reconciliation_run");

            migrationBuilder.DropIndex(
                name: "ix_webhook_event_received_at",
                table: "webhook_event");

            migrationBuilder.DropIndex(
                name: "ix_refund_pay_pal_id",
                table: "refund");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entry_payment_id",
                table: "ledger_entry");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_entry_accounts",
                table: "ledger_entry");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_entry_amount",
                table: "ledger_entry");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_entry_currency",
                table: "ledger_entry");

            migrationBuilder.DropColumn(
                name: "origin",
                table: "refund");

            migrationBuilder.DropColumn(
                name: "capturing_minor",
                table: "payment");

            migrationBuilder.DropColumn(
                name: "credit",
                table: "ledger_entry");

            migrationBuilder.DropColumn(
                name: "debit",
                table: "ledger_entry");

            migrationBuilder.AddColumn<string>(
                name: "authorization_id",
                table: "payment",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "authorized_minor",
                table: "payment",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "capture_id",
                table: "payment",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "captured_minor",
                table: "payment",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "expires_at",
                table: "payment",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "honoured_until",
                table: "payment",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "refunded_minor",
                table: "payment",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "renewed_authorization_id",
                table: "payment",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "voided_minor",
                table: "payment",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_payment_capture_id",
                table: "payment",
                column: "capture_id");
        }
    }
}
