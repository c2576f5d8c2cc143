using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Search.Migrations
{
    /// <inheritdoc />
    public partial class SavedSearches : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "past_search",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    fingerprint = table.Column<string>(type: "text", nullable: false),
                    search = table.Column<string>(type: "text", nullable: false),
                    searched_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_past_search", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "price_alert",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    saved_search_id = table.Column<Guid>(type: "uuid", nullable: false),
                    email = table.Column<string>(type: "text", nullable: false),
                    language = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    below = table.Column<long>(type: "bigint", nullable: true),
                    drop_percent = table.Column<int>(type: "integer", nullable: true),
                    code = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    first_price = table.Column<long>(type: "bigint", nullable: true),
                    last_price = table.Column<long>(type: "bigint", nullable: true),
                    told_price = table.Column<long>(type: "bigint", nullable: true),
                    told_on = table.Column<DateOnly>(type: "date", nullable: true),
                    check_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_price_alert", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "saved_search",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: true),
                    search = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_saved_search", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "search_key",
                columns: table => new
                {
                    hash = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_key", x => x.hash);
                });

            migrationBuilder.CreateIndex(
                name: "ix_past_search_owner_fingerprint",
                table: "past_search",
                columns: new[] { "owner", "fingerprint" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_price_alert_code",
                table: "price_alert",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_price_alert_email",
                table: "price_alert",
                column: "email");

            migrationBuilder.CreateIndex(
                name: "ix_price_alert_owner",
                table: "price_alert",
                column: "owner");

            migrationBuilder.CreateIndex(
                name: "ix_price_alert_saved_search_id",
                table: "price_alert",
                column: "saved_search_id");

            migrationBuilder.CreateIndex(
                name: "ix_price_alert_state_check_at",
                table: "price_alert",
                columns: new[] { "state", "check_at" });

            migrationBuilder.CreateIndex(
                name: "ix_saved_search_owner",
                table: "saved_search",
                column: "owner");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "past_search");

            migrationBuilder.DropTable(
                name: "price_alert");

            migrationBuilder.DropTable(
                name: "saved_search");

            migrationBuilder.DropTable(
                name: "search_key");
        }
    }
}
