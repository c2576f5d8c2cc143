using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Users.Migrations
{
    /// <inheritdoc />
    public partial class ClientRoles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "roles",
                table: "client",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "roles",
                table: "client");
        }
    }
}
