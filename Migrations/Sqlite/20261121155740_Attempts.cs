using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatMvc.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Attempts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Attempts",
                table: "SmsMessages",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "NextAttemptAt",
                table: "SmsMessages",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "BrowserHash",
                table: "PasswordGuesses",
                type: "BLOB",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Attempts",
                table: "SmsMessages");

            migrationBuilder.DropColumn(
                name: "NextAttemptAt",
                table: "SmsMessages");

            migrationBuilder.DropColumn(
                name: "BrowserHash",
                table: "PasswordGuesses");
        }
    }
}
