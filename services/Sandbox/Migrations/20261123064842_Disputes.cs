using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Sandbox.Migrations
{
    /// <inheritdoc />
    public partial class Disputes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Made anew at first use: with an authority, and by whoever registers again.
            migrationBuilder.Sql("DELETE FROM paypal_signing_key; DELETE FROM paypal_webhook_delivery WHERE done_at IS NULL; DELETE FROM paypal_webhook;");

            migrationBuilder.AddColumn<string>(
                name: "base",
                table: "paypal_webhook",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "authority",
                table: "paypal_signing_key",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "paypal_refund",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "paypal_dispute",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    order_id = table.Column<string>(type: "text", nullable: false),
                    capture_id = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_paypal_dispute", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_paypal_dispute_order_id",
                table: "paypal_dispute",
                column: "order_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "paypal_dispute");

            migrationBuilder.DropColumn(
                name: "base",
                table: "paypal_webhook");

            migrationBuilder.DropColumn(
                name: "authority",
                table: "paypal_signing_key");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "paypal_refund");
        }
    }
}
