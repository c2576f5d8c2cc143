using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Notifications.Migrations
{
    /// <inheritdoc />
    public partial class FlightSubscriptions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "flight_subscription",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    flight_id = table.Column<string>(type: "text", nullable: false),
                    email = table.Column<string>(type: "text", nullable: false),
                    language = table.Column<string>(type: "text", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    told = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flight_subscription", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_flight_subscription_code",
                table: "flight_subscription",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_flight_subscription_email",
                table: "flight_subscription",
                column: "email");

            migrationBuilder.CreateIndex(
                name: "ix_flight_subscription_flight_id_email",
                table: "flight_subscription",
                columns: new[] { "flight_id", "email" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "flight_subscription");
        }
    }
}
