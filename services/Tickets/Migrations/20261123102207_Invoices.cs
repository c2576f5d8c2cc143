using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Tickets.Migrations
{
    /// <inheritdoc />
    public partial class Invoices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_document",
                table: "document");

            migrationBuilder.AddColumn<string>(
                name: "part",
                table: "document",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "content_type",
                table: "document",
                type: "text",
                nullable: false,
                defaultValue: "application/pdf");

            migrationBuilder.AddColumn<string>(
                name: "number",
                table: "document",
                type: "text",
                nullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "PK_document",
                table: "document",
                columns: new[] { "order_id", "kind", "part" });

            migrationBuilder.CreateTable(
                name: "invoice_series",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    last_number = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_invoice_series", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "invoice",
                columns: table => new
                {
                    number = table.Column<string>(type: "text", nullable: false),
                    series = table.Column<string>(type: "text", nullable: false),
                    sequence = table.Column<int>(type: "integer", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    occasion = table.Column<Guid>(type: "uuid", nullable: false),
                    original_number = table.Column<string>(type: "text", nullable: true),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    locator = table.Column<string>(type: "text", nullable: false),
                    issued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    issued_on = table.Column<DateOnly>(type: "date", nullable: false),
                    seller = table.Column<string>(type: "text", nullable: false),
                    buyer = table.Column<string>(type: "text", nullable: false),
                    buyer_on_ticket = table.Column<string>(type: "text", nullable: false),
                    carrier = table.Column<string>(type: "text", nullable: false),
                    lines = table.Column<string>(type: "text", nullable: false),
                    locale = table.Column<string>(type: "text", nullable: false),
                    paid_currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    paid_minor_units = table.Column<long>(type: "bigint", nullable: false),
                    total_currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    total_minor_units = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_invoice", x => x.number);
                    table.ForeignKey(
                        name: "FK_invoice_invoice_original_number",
                        column: x => x.original_number,
                        principalTable: "invoice",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_invoice_invoice_series_series",
                        column: x => x.series,
                        principalTable: "invoice_series",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_document_key",
                table: "document",
                column: "key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoice_booking_id",
                table: "invoice",
                column: "booking_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_kind_occasion",
                table: "invoice",
                columns: new[] { "kind", "occasion" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoice_original_number",
                table: "invoice",
                column: "original_number");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_series_sequence",
                table: "invoice",
                columns: new[] { "series", "sequence" },
                unique: true);

            migrationBuilder.Sql(Aerona.Tickets.Invoicing.InvoiceRules.PostgreSql);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(Aerona.Tickets.Invoicing.InvoiceRules.DropPostgreSql);

            migrationBuilder.DropTable(
                name: "invoice");

            migrationBuilder.DropTable(
                name: "invoice_series");

            migrationBuilder.DropPrimaryKey(
                name: "PK_document",
                table: "document");

            migrationBuilder.DropIndex(
                name: "ix_document_key",
                table: "document");

            migrationBuilder.DropColumn(
                name: "part",
                table: "document");

            migrationBuilder.DropColumn(
                name: "content_type",
                table: "document");

            migrationBuilder.DropColumn(
                name: "number",
                table: "document");

            migrationBuilder.AddPrimaryKey(
                name: "PK_document",
                table: "document",
                columns: new[] { "order_id", "kind" });
        }
    }
}
