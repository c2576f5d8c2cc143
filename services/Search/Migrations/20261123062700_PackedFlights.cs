using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Search.Migrations
{
    /// <inheritdoc />
    public partial class PackedFlights : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // What is there stays as it is, JSON, and is read as such until the flight is published again.
            migrationBuilder.Sql("ALTER TABLE known_flight ALTER COLUMN flight TYPE bytea USING convert_to(flight, 'UTF8')");

            migrationBuilder.AddColumn<long>(
                name: "first_row",
                table: "known_flight",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "first_row",
                table: "known_flight");

            migrationBuilder.Sql("ALTER TABLE known_flight ALTER COLUMN flight TYPE text USING convert_from(flight, 'UTF8')");
        }
    }
}
