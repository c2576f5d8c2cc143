using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Airlines.Migrations
{
    /// <inheritdoc />
    public partial class Seats : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "buckets",
                table: "seat_count",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "places",
                table: "hold",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "seat_map",
                table: "flight_on_sale",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "assigned_seat",
                columns: table => new
                {
                    flight_id = table.Column<string>(type: "text", nullable: false),
                    number = table.Column<string>(type: "text", nullable: false),
                    hold_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_assigned_seat", x => new { x.flight_id, x.number });
                });

            migrationBuilder.CreateIndex(
                name: "ix_assigned_seat_hold_id",
                table: "assigned_seat",
                column: "hold_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "assigned_seat");

            migrationBuilder.DropColumn(
                name: "buckets",
                table: "seat_count");

            migrationBuilder.DropColumn(
                name: "places",
                table: "hold");

            migrationBuilder.DropColumn(
                name: "seat_map",
                table: "flight_on_sale");
        }
    }
}
