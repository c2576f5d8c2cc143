using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Payments.Migrations
{
    /// <inheritdoc />
    public partial class Renewals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "renewed_authorization_id",
                table: "payment",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "renewed_authorization_id",
                table: "payment");
        }
    }
}
