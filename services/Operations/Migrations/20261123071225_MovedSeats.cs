using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Operations.Migrations
{
    /// <inheritdoc />
    public partial class MovedSeats : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "moved",
                table: "equipment_change",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "moved",
                table: "equipment_change");
        }
    }
}
