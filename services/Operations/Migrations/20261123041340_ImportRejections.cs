using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Operations.Migrations
{
    /// <inheritdoc />
    public partial class ImportRejections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "rows_in_file",
                table: "flight_import",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "import_rejection",
                columns: table => new
                {
                    import_id = table.Column<Guid>(type: "uuid", nullable: false),
                    row = table.Column<int>(type: "integer", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    detail = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_import_rejection", x => new { x.import_id, x.row });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "import_rejection");

            migrationBuilder.DropColumn(
                name: "rows_in_file",
                table: "flight_import");
        }
    }
}
