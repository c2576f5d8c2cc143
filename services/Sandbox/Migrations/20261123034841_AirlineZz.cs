using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Aerona.Sandbox.Migrations
{
    /// <inheritdoc />
    public partial class AirlineZz : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "zz_cancellation",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    order_id = table.Column<string>(type: "text", nullable: false),
                    refund_amount = table.Column<string>(type: "text", nullable: false),
                    refund_currency = table.Column<string>(type: "text", nullable: false),
                    refund_to = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_cancellation", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "zz_delivery",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    event_id = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    order_id = table.Column<string>(type: "text", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    done_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_answer = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_delivery", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "zz_offer",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    offer_request_id = table.Column<string>(type: "text", nullable: false),
                    scenario = table.Column<string>(type: "text", nullable: false),
                    json = table.Column<string>(type: "text", nullable: false),
                    seats = table.Column<string>(type: "text", nullable: false),
                    asked_again = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_offer", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "zz_order",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    offer_id = table.Column<string>(type: "text", nullable: false),
                    booking_reference = table.Column<string>(type: "text", nullable: false),
                    scenario = table.Column<string>(type: "text", nullable: false),
                    json = table.Column<string>(type: "text", nullable: false),
                    seats = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    awaiting_payment = table.Column<bool>(type: "boolean", nullable: false),
                    payment_required_by = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    paid_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cancelled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    acts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_order", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "zz_seats",
                columns: table => new
                {
                    key = table.Column<string>(type: "text", nullable: false),
                    taken = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_seats", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "zz_webhook",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    events = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_zz_webhook", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_zz_delivery_done_at_due_at",
                table: "zz_delivery",
                columns: new[] { "done_at", "due_at" });

            migrationBuilder.CreateIndex(
                name: "ix_zz_offer_offer_request_id",
                table: "zz_offer",
                column: "offer_request_id");

            migrationBuilder.CreateIndex(
                name: "ix_zz_order_acts_at",
                table: "zz_order",
                column: "acts_at");

            migrationBuilder.CreateIndex(
                name: "ix_zz_order_created_at",
                table: "zz_order",
                column: "created_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "zz_cancellation");

            migrationBuilder.DropTable(
                name: "zz_delivery");

            migrationBuilder.DropTable(
                name: "zz_offer");

            migrationBuilder.DropTable(
                name: "zz_order");

            migrationBuilder.DropTable(
                name: "zz_seats");

            migrationBuilder.DropTable(
                name: "zz_webhook");
        }
    }
}
