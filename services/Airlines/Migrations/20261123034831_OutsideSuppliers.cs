using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Aerona.Airlines.Migrations
{
    /// <inheritdoc />
    public partial class OutsideSuppliers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "terms",
                table: "offer",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "supplier",
                table: "flight_on_sale",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "departs_at",
                table: "airline_order",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "has_numbers",
                table: "airline_order",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "reference",
                table: "airline_order",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "synced_at",
                table: "airline_order",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "fetched_route",
                columns: table => new
                {
                    supplier = table.Column<string>(type: "text", nullable: false),
                    route = table.Column<string>(type: "text", nullable: false),
                    departs_on = table.Column<DateOnly>(type: "date", nullable: false),
                    tried_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    fetched_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    is_partial = table.Column<bool>(type: "boolean", nullable: false),
                    flights = table.Column<int>(type: "integer", nullable: false),
                    skipped = table.Column<int>(type: "integer", nullable: false),
                    problem = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fetched_route", x => new { x.supplier, x.route, x.departs_on });
                });

            migrationBuilder.CreateTable(
                name: "outside_hold",
                columns: table => new
                {
                    hold_id = table.Column<Guid>(type: "uuid", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    supplier = table.Column<string>(type: "text", nullable: false),
                    noted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    reference = table.Column<string>(type: "text", nullable: true),
                    space_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    price_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outside_hold", x => x.hold_id);
                });

            migrationBuilder.CreateTable(
                name: "supplier_change",
                columns: table => new
                {
                    supplier = table.Column<string>(type: "text", nullable: false),
                    reference = table.Column<string>(type: "text", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    detected_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    noted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    removed = table.Column<string>(type: "text", nullable: false),
                    added = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_supplier_change", x => new { x.supplier, x.reference });
                });

            migrationBuilder.CreateTable(
                name: "supplier_event",
                columns: table => new
                {
                    key = table.Column<string>(type: "text", nullable: false),
                    supplier = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    order_reference = table.Column<string>(type: "text", nullable: true),
                    body = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    tries = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_supplier_event", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "supplier_log",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    supplier = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reference = table.Column<string>(type: "text", nullable: true),
                    operation = table.Column<string>(type: "text", nullable: false),
                    request = table.Column<string>(type: "text", nullable: false),
                    request_body = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<int>(type: "integer", nullable: true),
                    answer = table.Column<string>(type: "text", nullable: true),
                    milliseconds = table.Column<int>(type: "integer", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_supplier_log", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_airline_order_reference",
                table: "airline_order",
                column: "reference");

            migrationBuilder.CreateIndex(
                name: "ix_airline_order_state_synced_at",
                table: "airline_order",
                columns: new[] { "state", "synced_at" });

            migrationBuilder.CreateIndex(
                name: "ix_outside_hold_booking_id",
                table: "outside_hold",
                column: "booking_id");

            migrationBuilder.CreateIndex(
                name: "ix_outside_hold_reference",
                table: "outside_hold",
                column: "reference");

            migrationBuilder.CreateIndex(
                name: "ix_supplier_change_order_id",
                table: "supplier_change",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "ix_supplier_event_received_at",
                table: "supplier_event",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "ix_supplier_log_at",
                table: "supplier_log",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_supplier_log_reference_at",
                table: "supplier_log",
                columns: new[] { "reference", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "fetched_route");

            migrationBuilder.DropTable(
                name: "outside_hold");

            migrationBuilder.DropTable(
                name: "supplier_change");

            migrationBuilder.DropTable(
                name: "supplier_event");

            migrationBuilder.DropTable(
                name: "supplier_log");

            migrationBuilder.DropIndex(
                name: "ix_airline_order_reference",
                table: "airline_order");

            migrationBuilder.DropIndex(
                name: "ix_airline_order_state_synced_at",
                table: "airline_order");

            migrationBuilder.DropColumn(
                name: "terms",
                table: "offer");

            migrationBuilder.DropColumn(
                name: "supplier",
                table: "flight_on_sale");

            migrationBuilder.DropColumn(
                name: "departs_at",
                table: "airline_order");

            migrationBuilder.DropColumn(
                name: "has_numbers",
                table: "airline_order");

            migrationBuilder.DropColumn(
                name: "reference",
                table: "airline_order");

            migrationBuilder.DropColumn(
                name: "synced_at",
                table: "airline_order");
        }
    }
}
