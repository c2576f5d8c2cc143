using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Operations.Migrations
{
    /// <inheritdoc />
    public partial class FleetAndSchedules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_dated_flight_import_id",
                table: "dated_flight");

            migrationBuilder.AddColumn<string>(
                name: "cancelled_by",
                table: "dated_flight",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "configuration",
                table: "dated_flight",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_on_sale",
                table: "dated_flight",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "model",
                table: "dated_flight",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "schedule_id",
                table: "dated_flight",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "airplane",
                columns: table => new
                {
                    registration = table.Column<string>(type: "text", nullable: false),
                    model = table.Column<string>(type: "text", nullable: false),
                    configuration = table.Column<string>(type: "text", nullable: false),
                    stands_at = table.Column<string>(type: "text", nullable: false),
                    in_service_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    plan_version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_airplane", x => x.registration);
                });

            migrationBuilder.CreateTable(
                name: "airplane_model",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    aircraft_type = table.Column<string>(type: "text", nullable: false),
                    turn_round_minutes = table.Column<int>(type: "integer", nullable: false),
                    configurations = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_airplane_model", x => x.code);
                });

            migrationBuilder.CreateTable(
                name: "maintenance_window",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    registration = table.Column<string>(type: "text", nullable: false),
                    airport = table.Column<string>(type: "text", nullable: false),
                    work = table.Column<string>(type: "text", nullable: false),
                    planned_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    planned_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_maintenance_window", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "schedule",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    carrier = table.Column<string>(type: "text", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    origin = table.Column<string>(type: "text", nullable: false),
                    destination = table.Column<string>(type: "text", nullable: false),
                    effective_from = table.Column<DateOnly>(type: "date", nullable: false),
                    effective_until = table.Column<DateOnly>(type: "date", nullable: false),
                    days = table.Column<string>(type: "text", nullable: false),
                    times = table.Column<string>(type: "text", nullable: false),
                    when_twice = table.Column<string>(type: "text", nullable: false),
                    exceptions = table.Column<string>(type: "text", nullable: false),
                    model = table.Column<string>(type: "text", nullable: false),
                    configuration = table.Column<string>(type: "text", nullable: false),
                    airplane = table.Column<string>(type: "text", nullable: true),
                    cabins = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_schedule", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "airplane_use",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    registration = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    flight_id = table.Column<string>(type: "text", nullable: true),
                    from_airport = table.Column<string>(type: "text", nullable: false),
                    to_airport = table.Column<string>(type: "text", nullable: false),
                    starts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_airplane_use", x => x.id);
                    table.ForeignKey(
                        name: "FK_airplane_use_airplane_registration",
                        column: x => x.registration,
                        principalTable: "airplane",
                        principalColumn: "registration",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_dated_flight_origin_departs_on",
                table: "dated_flight",
                columns: new[] { "origin", "departs_on" });

            migrationBuilder.CreateIndex(
                name: "ix_dated_flight_schedule_id",
                table: "dated_flight",
                column: "schedule_id",
                filter: "schedule_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_airplane_use_flight_id",
                table: "airplane_use",
                column: "flight_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_airplane_use_registration_starts_at",
                table: "airplane_use",
                columns: new[] { "registration", "starts_at" });

            migrationBuilder.CreateIndex(
                name: "ix_schedule_carrier_number",
                table: "schedule",
                columns: new[] { "carrier", "number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "airplane_model");

            migrationBuilder.DropTable(
                name: "airplane_use");

            migrationBuilder.DropTable(
                name: "maintenance_window");

            migrationBuilder.DropTable(
                name: "schedule");

            migrationBuilder.DropTable(
                name: "airplane");

            migrationBuilder.DropIndex(
                name: "ix_dated_flight_origin_departs_on",
                table: "dated_flight");

            migrationBuilder.DropIndex(
                name: "ix_dated_flight_schedule_id",
                table: "dated_flight");

            migrationBuilder.DropColumn(
                name: "cancelled_by",
                table: "dated_flight");

            migrationBuilder.DropColumn(
                name: "configuration",
                table: "dated_flight");

            migrationBuilder.DropColumn(
                name: "is_on_sale",
                table: "dated_flight");

            migrationBuilder.DropColumn(
                name: "model",
                table: "dated_flight");

            migrationBuilder.DropColumn(
                name: "schedule_id",
                table: "dated_flight");

            migrationBuilder.CreateIndex(
                name: "ix_dated_flight_import_id",
                table: "dated_flight",
                column: "import_id");
        }
    }
}
