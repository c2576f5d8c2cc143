using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Airlines.Migrations
{
    /// <inheritdoc />
    public partial class HoldsByBooking : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_hold_booking_id",
                table: "hold",
                column: "booking_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_hold_booking_id",
                table: "hold");
        }
    }
}
