using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Aerona.Tickets.Migrations
{
    /// <inheritdoc />
    public partial class EndedCoupons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "ended_at",
                table: "coupon",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "ended_by",
                table: "coupon",
                type: "uuid",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ended_at",
                table: "coupon");

            migrationBuilder.DropColumn(
                name: "ended_by",
                table: "coupon");
        }
    }
}
