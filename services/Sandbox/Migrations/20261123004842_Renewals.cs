using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Sandbox.Migrations
{
    /// <inheritdoc />
    public partial class Renewals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_paypal_authorization_order_id",
                table: "paypal_authorization");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "honoured_until",
                table: "paypal_authorization",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<string>(
                name: "parent_id",
                table: "paypal_authorization",
                type: "text",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_paypal_authorization_order_id",
                table: "paypal_authorization",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "ix_paypal_authorization_parent_id",
                table: "paypal_authorization",
                column: "parent_id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_paypal_authorization_order_id",
                table: "paypal_authorization");

            migrationBuilder.DropIndex(
                name: "ix_paypal_authorization_parent_id",
                table: "paypal_authorization");

            migrationBuilder.DropColumn(
                name: "honoured_until",
                table: "paypal_authorization");

            migrationBuilder.DropColumn(
                name: "parent_id",
                table: "paypal_authorization");

            migrationBuilder.CreateIndex(
                name: "ix_paypal_authorization_order_id",
                table: "paypal_authorization",
                column: "order_id",
                unique: true);
        }
    }
}
