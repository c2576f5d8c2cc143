using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Airlines.Migrations
{
    /// <inheritdoc />
    public partial class Cancellations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "lines_by_segment",
                table: "offer",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "refunded_at",
                table: "house_ticket",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "returned",
                table: "hold",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "sold",
                table: "airline_order",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "cancellation_quote",
                columns: table => new
                {
                    quote_id = table.Column<Guid>(type: "uuid", nullable: false),
                    cancellation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    cause = table.Column<string>(type: "text", nullable: false),
                    quoted = table.Column<string>(type: "text", nullable: true),
                    reference = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    is_superseded = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cancellation_quote", x => x.quote_id);
                });

            migrationBuilder.CreateTable(
                name: "house_cancellation",
                columns: table => new
                {
                    cancellation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    given_up = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_house_cancellation", x => x.cancellation_id);
                });

            migrationBuilder.CreateTable(
                name: "order_cancellation",
                columns: table => new
                {
                    cancellation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    quote_id = table.Column<Guid>(type: "uuid", nullable: false),
                    noted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    answer = table.Column<string>(type: "text", nullable: true),
                    unknown_noted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_order_cancellation", x => x.cancellation_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_cancellation_quote_order_id",
                table: "cancellation_quote",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "ix_house_cancellation_order_id",
                table: "house_cancellation",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "ix_order_cancellation_order_id",
                table: "order_cancellation",
                column: "order_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "cancellation_quote");

            migrationBuilder.DropTable(
                name: "house_cancellation");

            migrationBuilder.DropTable(
                name: "order_cancellation");

            migrationBuilder.DropColumn(
                name: "lines_by_segment",
                table: "offer");

            migrationBuilder.DropColumn(
                name: "refunded_at",
                table: "house_ticket");

            migrationBuilder.DropColumn(
                name: "returned",
                table: "hold");

            migrationBuilder.DropColumn(
                name: "sold",
                table: "airline_order");
        }
    }
}
