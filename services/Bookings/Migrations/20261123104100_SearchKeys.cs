using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Aerona.Bookings.Migrations
{
    /// <inheritdoc />
    public partial class SearchKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "search_key",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    booking_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_key", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_timeline_entry_reference",
                table: "timeline_entry",
                column: "reference");

            migrationBuilder.CreateIndex(
                name: "ix_search_key_booking_id",
                table: "search_key",
                column: "booking_id");

            migrationBuilder.CreateIndex(
                name: "ix_search_key_key_kind",
                table: "search_key",
                columns: new[] { "key", "kind" });

            // Trusted: whoever owns the database may add it.
            migrationBuilder.Sql("CREATE EXTENSION IF NOT EXISTS pg_trgm;");
            migrationBuilder.Sql("CREATE INDEX ix_search_key_name ON search_key USING gin (key gin_trgm_ops) WHERE kind = 'Name';");

            // What was booked before there were keys.
            migrationBuilder.Sql("""
                INSERT INTO search_key (booking_id, kind, key)
                SELECT id, 'Name', passenger ->> 'ticketSurname' || ' ' || (passenger ->> 'ticketGivenName') FROM booking, jsonb_array_elements(passengers::jsonb) AS passenger
                UNION ALL SELECT id, 'Email', upper(contact::jsonb ->> 'email') FROM booking
                UNION ALL SELECT id, 'Phone', contact::jsonb ->> 'phone' FROM booking WHERE contact::jsonb ->> 'phone' IS NOT NULL
                UNION ALL SELECT id, 'Flight', segment ->> 'flight' || ' ' || left(segment ->> 'departsLocal', 10) FROM booking, jsonb_array_elements(offer::jsonb -> 'segments') AS segment
                UNION ALL SELECT correlation_id, 'Locator', given ->> 'code' FROM booking_state, jsonb_array_elements(locators::jsonb) AS given
                UNION ALL SELECT correlation_id, 'Ticket', ticket ->> 'number' FROM booking_state, jsonb_array_elements(ticket_numbers::jsonb) AS ticket;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "search_key");

            migrationBuilder.DropIndex(
                name: "ix_timeline_entry_reference",
                table: "timeline_entry");
        }
    }
}
