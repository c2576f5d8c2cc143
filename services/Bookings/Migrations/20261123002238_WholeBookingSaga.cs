using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Bookings.Migrations
{
    /// <inheritdoc />
    public partial class WholeBookingSaga : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "new_price",
                table: "booking_state",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "parked_from",
                table: "booking_state",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "pay_later",
                table: "booking_state",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "payments_before",
                table: "booking_state",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "reminded_at",
                table: "booking_state",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "staff_actions",
                table: "booking_state",
                type: "text",
                nullable: false,
                defaultValueSql: "'[]'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "new_price",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "parked_from",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "pay_later",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "payments_before",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "reminded_at",
                table: "booking_state");

            migrationBuilder.DropColumn(
                name: "staff_actions",
                table: "booking_state");
        }
    }
}
