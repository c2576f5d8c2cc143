using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Bookings.Migrations
{
    /// <inheritdoc />
    public partial class Cancellations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "own_cancellations",
                table: "booking_state",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<Guid>(
                name: "serviced_by",
                table: "booking_state",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "servicings",
                table: "booking_state",
                type: "text",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.CreateTable(
                name: "asked_cancellation",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    coupons = table.Column<string>(type: "text", nullable: true),
                    cause = table.Column<string>(type: "text", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_asked_cancellation", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "cancellation_state",
                columns: table => new
                {
                    correlation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    current_state = table.Column<string>(type: "text", nullable: false),
                    entered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deadline_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deadline_token = table.Column<Guid>(type: "uuid", nullable: true),
                    tick_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    tick_token = table.Column<Guid>(type: "uuid", nullable: true),
                    ticks = table.Column<int>(type: "integer", nullable: false),
                    look_up = table.Column<int>(type: "integer", nullable: false),
                    look_up_answered = table.Column<bool>(type: "boolean", nullable: false),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    locator = table.Column<string>(type: "text", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    coupons = table.Column<string>(type: "text", nullable: true),
                    cause = table.Column<string>(type: "text", nullable: false),
                    contact = table.Column<string>(type: "text", nullable: false),
                    segments = table.Column<string>(type: "text", nullable: false),
                    requested_by = table.Column<string>(type: "text", nullable: true),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    seen = table.Column<int>(type: "integer", nullable: false),
                    tell_by_mail = table.Column<bool>(type: "boolean", nullable: false),
                    unpaid = table.Column<bool>(type: "boolean", nullable: false),
                    quotes = table.Column<string>(type: "text", nullable: false),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    confirmed_by = table.Column<string>(type: "text", nullable: true),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: true),
                    money = table.Column<string>(type: "text", nullable: true),
                    at_the_airline = table.Column<string>(type: "text", nullable: true),
                    proposed = table.Column<string>(type: "text", nullable: true),
                    refunds = table.Column<string>(type: "text", nullable: false),
                    seen_by = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cancelled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_because = table.Column<string>(type: "text", nullable: true),
                    cases = table.Column<string>(type: "text", nullable: false),
                    staff_actions = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cancellation_state", x => x.correlation_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_asked_cancellation_booking_id",
                table: "asked_cancellation",
                column: "booking_id");

            migrationBuilder.CreateIndex(
                name: "ix_cancellation_state_booking_id",
                table: "cancellation_state",
                column: "booking_id");

            migrationBuilder.CreateIndex(
                name: "ix_cancellation_state_current_state",
                table: "cancellation_state",
                column: "current_state");

            migrationBuilder.CreateIndex(
                name: "ix_cancellation_state_deadline_at",
                table: "cancellation_state",
                column: "deadline_at");

            migrationBuilder.CreateIndex(
                name: "ix_cancellation_state_tick_at",
                table: "cancellation_state",
                column: "tick_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "asked_cancellation");

            migrationBuilder.DropTable(
                name: "cancellation_state");

            migrationBuilder.DropColumn(
                name: "own_cancellations",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "serviced_by",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "servicings",
                table: "booking_state");
        }
    }
}
