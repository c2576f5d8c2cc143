using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Notifications.Migrations
{
    /// <inheritdoc />
    public partial class Deliveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "owner",
                table: "recipient",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "latest",
                table: "flight_subscription",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "owner",
                table: "flight_subscription",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "attempt",
                table: "delivery",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "channel",
                table: "delivery",
                type: "text",
                nullable: false,
                defaultValue: "Email");

            migrationBuilder.AddColumn<string>(
                name: "content",
                table: "delivery",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "date",
                table: "delivery",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "due_at",
                table: "delivery",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "delivery",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "letter",
                table: "delivery",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "noted_at",
                table: "delivery",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()");

            migrationBuilder.AddColumn<string>(
                name: "resend_of",
                table: "delivery",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "resent_by",
                table: "delivery",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "state",
                table: "delivery",
                type: "text",
                nullable: false,
                defaultValue: "Sent");

            migrationBuilder.AddColumn<string>(
                name: "topic",
                table: "delivery",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "topic_order",
                table: "delivery",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            // Defaults are what the version before writes, which knows nothing but what it sent or was refused.
            migrationBuilder.Sql("update delivery set noted_at = at, state = case when refusal is null then 'Sent' else 'Failed' end;");

            migrationBuilder.CreateTable(
                name: "preference",
                columns: table => new
                {
                    scope = table.Column<string>(type: "text", nullable: false),
                    off = table.Column<string>(type: "text", nullable: false),
                    quiet_from = table.Column<TimeOnly>(type: "time without time zone", nullable: true),
                    quiet_until = table.Column<TimeOnly>(type: "time without time zone", nullable: true),
                    zone = table.Column<string>(type: "text", nullable: true),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_preference", x => x.scope);
                });

            migrationBuilder.CreateIndex(
                name: "ix_delivery_at",
                table: "delivery",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_delivery_topic",
                table: "delivery",
                column: "topic");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "preference");

            migrationBuilder.DropIndex(
                name: "ix_delivery_at",
                table: "delivery");

            migrationBuilder.DropIndex(
                name: "ix_delivery_topic",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "owner",
                table: "recipient");

            migrationBuilder.DropColumn(
                name: "latest",
                table: "flight_subscription");

            migrationBuilder.DropColumn(
                name: "owner",
                table: "flight_subscription");

            migrationBuilder.DropColumn(
                name: "attempt",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "channel",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "content",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "date",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "letter",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "noted_at",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "resend_of",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "resent_by",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "state",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "topic",
                table: "delivery");

            migrationBuilder.DropColumn(
                name: "topic_order",
                table: "delivery");
        }
    }
}
