using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatMvc.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Chatroom : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ChatMembers_UserId_ActiveAt_ChatId",
                table: "ChatMembers");

            migrationBuilder.AddColumn<long>(
                name: "ContinuesId",
                table: "Messages",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsWithoutMemory",
                table: "Messages",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Temperature",
                table: "Messages",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CreatedAt",
                table: "Contexts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "IsDefault",
                table: "Contexts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Position",
                table: "Contexts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ContextId",
                table: "Chats",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsWithoutMemory",
                table: "Chats",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "MaxAnswerTokens",
                table: "Chats",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Temperature",
                table: "Chats",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "DraftVersion",
                table: "ChatMembers",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "Attachments",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Key = table.Column<string>(type: "TEXT", maxLength: 22, nullable: false),
                    UserId = table.Column<long>(type: "INTEGER", nullable: false),
                    MessageId = table.Column<long>(type: "INTEGER", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 120, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    MediaType = table.Column<string>(type: "TEXT", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: true),
                    Height = table.Column<int>(type: "INTEGER", nullable: true),
                    Tokens = table.Column<int>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Attachments", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Attachments_Messages_MessageId",
                        column: x => x.MessageId,
                        principalTable: "Messages",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Attachments_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Summaries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ChatId = table.Column<long>(type: "INTEGER", nullable: false),
                    UpToId = table.Column<long>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false),
                    Tokens = table.Column<int>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Summaries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Summaries_Chats_ChatId",
                        column: x => x.ChatId,
                        principalTable: "Chats",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Messages_First",
                table: "Messages",
                column: "ChatId",
                filter: "ParentId IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ChatMembers_Active",
                table: "ChatMembers",
                columns: new[] { "UserId", "ActiveAt", "ChatId" },
                filter: "ArchivedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ChatMembers_Archived",
                table: "ChatMembers",
                columns: new[] { "UserId", "ArchivedAt", "ChatId" },
                filter: "ArchivedAt IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ChatMembers_Folder",
                table: "ChatMembers",
                columns: new[] { "UserId", "Folder", "ActiveAt" },
                filter: "Folder IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ChatMembers_Pinned",
                table: "ChatMembers",
                columns: new[] { "UserId", "PinnedAt" },
                filter: "PinnedAt IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Attachments_Key",
                table: "Attachments",
                column: "Key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Attachments_MessageId",
                table: "Attachments",
                column: "MessageId");

            migrationBuilder.CreateIndex(
                name: "IX_Attachments_UserId",
                table: "Attachments",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_Summaries_ChatId",
                table: "Summaries",
                column: "ChatId");

            migrationBuilder.CreateIndex(
                name: "IX_Summaries_UpToId",
                table: "Summaries",
                column: "UpToId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Attachments");

            migrationBuilder.DropTable(
                name: "Summaries");

            migrationBuilder.DropIndex(
                name: "IX_Messages_First",
                table: "Messages");

            migrationBuilder.DropIndex(
                name: "IX_ChatMembers_Active",
                table: "ChatMembers");

            migrationBuilder.DropIndex(
                name: "IX_ChatMembers_Archived",
                table: "ChatMembers");

            migrationBuilder.DropIndex(
                name: "IX_ChatMembers_Folder",
                table: "ChatMembers");

            migrationBuilder.DropIndex(
                name: "IX_ChatMembers_Pinned",
                table: "ChatMembers");

            migrationBuilder.DropColumn(
                name: "ContinuesId",
                table: "Messages");

            migrationBuilder.DropColumn(
                name: "IsWithoutMemory",
                table: "Messages");

            migrationBuilder.DropColumn(
                name: "Temperature",
                table: "Messages");

            migrationBuilder.DropColumn(
                name: "CreatedAt",
                table: "Contexts");

            migrationBuilder.DropColumn(
                name: "IsDefault",
                table: "Contexts");

            migrationBuilder.DropColumn(
                name: "Position",
                table: "Contexts");

            migrationBuilder.DropColumn(
                name: "ContextId",
                table: "Chats");

            migrationBuilder.DropColumn(
                name: "IsWithoutMemory",
                table: "Chats");

            migrationBuilder.DropColumn(
                name: "MaxAnswerTokens",
                table: "Chats");

            migrationBuilder.DropColumn(
                name: "Temperature",
                table: "Chats");

            migrationBuilder.DropColumn(
                name: "DraftVersion",
                table: "ChatMembers");

            migrationBuilder.CreateIndex(
                name: "IX_ChatMembers_UserId_ActiveAt_ChatId",
                table: "ChatMembers",
                columns: new[] { "UserId", "ActiveAt", "ChatId" });
        }
    }
}
