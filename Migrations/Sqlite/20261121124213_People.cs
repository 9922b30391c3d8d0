using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatMvc.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class People : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "AskedForNameAt",
                table: "Users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PasswordHash",
                table: "Users",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PasswordSetAt",
                table: "Users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Theme",
                table: "Users",
                type: "TEXT",
                nullable: false,
                defaultValue: "System");

            migrationBuilder.AddColumn<string>(
                name: "CarrierStatus",
                table: "SmsMessages",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CarrierStatusAt",
                table: "SmsMessages",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Address",
                table: "OneTimeCodes",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            // By hand: EF would build the whole table anew for the reference, which SQLite cannot do within a transaction.
            migrationBuilder.Sql("""ALTER TABLE "OneTimeCodes" ADD COLUMN "UserId" INTEGER NULL REFERENCES "Users" ("Id") ON DELETE CASCADE;""");

            migrationBuilder.CreateTable(
                name: "AccountExports",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    UserId = table.Column<long>(type: "INTEGER", nullable: false),
                    Key = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    FinishedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    ChatsInAll = table.Column<int>(type: "INTEGER", nullable: false),
                    ChatsDone = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AccountExports", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AccountExports_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "FormerUses",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    PhoneMac = table.Column<byte[]>(type: "BLOB", nullable: false),
                    TakenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FormerUses", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Invitations",
                columns: table => new
                {
                    Phone = table.Column<string>(type: "TEXT", nullable: false),
                    InvitedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AcceptedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Invitations", x => x.Phone);
                });

            migrationBuilder.CreateTable(
                name: "PasswordGuesses",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Phone = table.Column<string>(type: "TEXT", nullable: false),
                    Address = table.Column<string>(type: "TEXT", nullable: false),
                    GuessedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PasswordGuesses", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SmsBlocks",
                columns: table => new
                {
                    Phone = table.Column<string>(type: "TEXT", nullable: false),
                    ErrorCode = table.Column<int>(type: "INTEGER", nullable: false),
                    Until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SmsBlocks", x => x.Phone);
                });

            migrationBuilder.CreateIndex(
                name: "IX_OneTimeCodes_Address_CreatedAt",
                table: "OneTimeCodes",
                columns: new[] { "Address", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_OneTimeCodes_CreatedAt",
                table: "OneTimeCodes",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_OneTimeCodes_UserId",
                table: "OneTimeCodes",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AccountExports_Key",
                table: "AccountExports",
                column: "Key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AccountExports_UserId_CreatedAt",
                table: "AccountExports",
                columns: new[] { "UserId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_FormerUses_PhoneMac",
                table: "FormerUses",
                column: "PhoneMac");

            migrationBuilder.CreateIndex(
                name: "IX_FormerUses_TakenAt",
                table: "FormerUses",
                column: "TakenAt");

            migrationBuilder.CreateIndex(
                name: "IX_PasswordGuesses_Address_GuessedAt",
                table: "PasswordGuesses",
                columns: new[] { "Address", "GuessedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_PasswordGuesses_Phone_GuessedAt",
                table: "PasswordGuesses",
                columns: new[] { "Phone", "GuessedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_OneTimeCodes_Users_UserId",
                table: "OneTimeCodes");

            migrationBuilder.DropTable(
                name: "AccountExports");

            migrationBuilder.DropTable(
                name: "FormerUses");

            migrationBuilder.DropTable(
                name: "Invitations");

            migrationBuilder.DropTable(
                name: "PasswordGuesses");

            migrationBuilder.DropTable(
                name: "SmsBlocks");

            migrationBuilder.DropIndex(
                name: "IX_OneTimeCodes_Address_CreatedAt",
                table: "OneTimeCodes");

            migrationBuilder.DropIndex(
                name: "IX_OneTimeCodes_CreatedAt",
                table: "OneTimeCodes");

            migrationBuilder.DropIndex(
                name: "IX_OneTimeCodes_UserId",
                table: "OneTimeCodes");

            migrationBuilder.DropColumn(
                name: "AskedForNameAt",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "PasswordHash",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "PasswordSetAt",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Theme",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "CarrierStatus",
                table: "SmsMessages");

            migrationBuilder.DropColumn(
                name: "CarrierStatusAt",
                table: "SmsMessages");

            migrationBuilder.DropColumn(
                name: "Address",
                table: "OneTimeCodes");

            migrationBuilder.DropColumn(
                name: "UserId",
                table: "OneTimeCodes");
        }
    }
}
