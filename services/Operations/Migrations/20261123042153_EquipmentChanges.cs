using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Operations.Migrations
{
    /// <inheritdoc />
    public partial class EquipmentChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "equipment_change",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    flight_id = table.Column<string>(type: "text", nullable: false),
                    from_model = table.Column<string>(type: "text", nullable: true),
                    from_configuration = table.Column<string>(type: "text", nullable: true),
                    to_model = table.Column<string>(type: "text", nullable: false),
                    to_configuration = table.Column<string>(type: "text", nullable: false),
                    accepts_too_few_seats = table.Column<bool>(type: "boolean", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    occupied = table.Column<string>(type: "text", nullable: false),
                    affected = table.Column<string>(type: "text", nullable: false),
                    freed_airplane = table.Column<string>(type: "text", nullable: true),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_equipment_change", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_equipment_change_flight_id",
                table: "equipment_change",
                column: "flight_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "equipment_change");
        }
    }
}
