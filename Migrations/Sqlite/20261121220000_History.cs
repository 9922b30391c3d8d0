using System.Linq;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatMvc.Migrations.Sqlite
{
    /// <summary>
    /// A full-text index over messages and titles, kept by triggers: whoever writes a text, it is found in the same
    /// transaction. The tables hold no text of their own and are not in the model, as nothing but the triggers writes them.
    /// "Facts" makes what is asked of a row besides its words part of the index: whose it is, the role, the month, the model;
    /// a common word then costs a person nothing of what the others wrote. A later migration that makes EF build "Messages",
    /// "Chats" or "ChatMembers" anew takes the triggers away with the old table: it has to make them again.
    /// </summary>
    [DbContext(typeof(ChatDb))]
    [Migration("20261121220000_History")]
    public partial class History : Migration
    {
        // Diacritics are ignored: SQLite knows those on Latin letters, the others are below.
        private const string Options = "content='', tokenize='unicode61 remove_diacritics 2'";
        private const string Plain = "ёе ЁЕ άα έε ήη ίι όο ύυ ώω ϊι ϋυ ΐι ΰυ ΆΑ ΈΕ ΉΗ ΊΙ ΌΟ ΎΥ ΏΩ";
        // What is written without spaces: Thai, Lao, Burmese, Khmer, Chinese, Japanese, and Korean for the endings of its words.
        private const string Unspaced = "[ก-๛ກ-ໟက-႟ក-៿⺀-⿟々-〇ぁ-ㆿㇰ-ㇿ㐀-䶿一-鿿가-힣\uF900-\uFAFFｦ-ﾟ𠀀-𯿿]";
        // Characters taken at once: substr() walks from the beginning of its text each time.
        private const int Piece = 64;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql($"""CREATE VIRTUAL TABLE "MessageSearch" USING fts5("Text", "Facts", {Options});""");
            migrationBuilder.Sql($"""CREATE VIRTUAL TABLE "ChatSearch" USING fts5("Title", "Facts", {Options});""");
            migrationBuilder.Sql($"""{AddMessage("m")} FROM "Messages" AS m WHERE {IsFound("m")} ORDER BY m."Id";""");
            migrationBuilder.Sql($"""{AddChat("c")} FROM "Chats" AS c WHERE {HasMembers("c")} ORDER BY c."Id";""");

            migrationBuilder.Sql($"""CREATE TRIGGER "Messages_insert_search" AFTER INSERT ON "Messages" WHEN {IsFound("NEW")} BEGIN {AddMessage("NEW")}; END;""");
            // A running answer's row is written again and again without any of these: that costs nothing here.
            migrationBuilder.Sql($"""
                CREATE TRIGGER "Messages_update_search" AFTER UPDATE OF "Text", "DeletedAt", "AskedById", "Role", "CreatedAt", "Model" ON "Messages"
                WHEN {IsFound("OLD")} OR {IsFound("NEW")}
                BEGIN {TakeMessage("OLD")} WHERE {IsFound("OLD")}; {AddMessage("NEW")} WHERE {IsFound("NEW")}; END;
                """);
            migrationBuilder.Sql($"""CREATE TRIGGER "Messages_delete_search" AFTER DELETE ON "Messages" WHEN {IsFound("OLD")} BEGIN {TakeMessage("OLD")}; END;""");

            // A chat is found by its members, who come after it and, with it, go before it.
            migrationBuilder.Sql($"""
                CREATE TRIGGER "Chats_update_search" AFTER UPDATE OF "Title" ON "Chats" WHEN OLD."Title" <> NEW."Title" AND {HasMembers("NEW")}
                BEGIN {TakeChat("OLD")}; {AddChat("NEW")}; END;
                """);
            migrationBuilder.Sql($"""CREATE TRIGGER "Chats_delete_search" BEFORE DELETE ON "Chats" WHEN {HasMembers("OLD")} BEGIN {TakeChat("OLD")}; END;""");
            foreach (var (change, row) in new[] { ("INSERT", "NEW"), ("DELETE", "OLD") })
            {
                migrationBuilder.Sql($"""
                    CREATE TRIGGER "ChatMembers_before_{change.ToLowerInvariant()}_search" BEFORE {change} ON "ChatMembers"
                    BEGIN {TakeChat("c")} FROM "Chats" AS c WHERE c."Id" = {row}."ChatId" AND {HasMembers("c")}; END;
                    """);
                migrationBuilder.Sql($"""
                    CREATE TRIGGER "ChatMembers_after_{change.ToLowerInvariant()}_search" AFTER {change} ON "ChatMembers"
                    BEGIN {AddChat("c")} FROM "Chats" AS c WHERE c."Id" = {row}."ChatId" AND {HasMembers("c")}; END;
                    """);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var trigger in new[]
            {
                "Messages_insert", "Messages_update", "Messages_delete", "Chats_update", "Chats_delete",
                "ChatMembers_before_insert", "ChatMembers_after_insert", "ChatMembers_before_delete", "ChatMembers_after_delete",
            })
                migrationBuilder.Sql($"""DROP TRIGGER "{trigger}_search";""");
            migrationBuilder.Sql("""DROP TABLE "MessageSearch";""");
            migrationBuilder.Sql("""DROP TABLE "ChatSearch";""");
        }

        private static string IsFound(string row) => $"""({row}."Text" IS NOT NULL AND {row}."Text" <> '' AND {row}."DeletedAt" IS NULL)""";

        private static string HasMembers(string row) => $"""EXISTS (SELECT 1 FROM "ChatMembers" WHERE "ChatId" = {row}."Id")""";

        private static string AddMessage(string row) => $"""INSERT INTO "MessageSearch" (rowid, "Text", "Facts") {Message(row)}""";

        // A table without text is told what to take out of its index.
        private static string TakeMessage(string row) => $"""INSERT INTO "MessageSearch" ("MessageSearch", rowid, "Text", "Facts") {Message(row, "'delete', ")}""";

        private static string AddChat(string row) => $"""INSERT INTO "ChatSearch" (rowid, "Title", "Facts") {Chat(row)}""";

        private static string TakeChat(string row) => $"""INSERT INTO "ChatSearch" ("ChatSearch", rowid, "Title", "Facts") {Chat(row, "'delete', ")}""";

        private static string Message(string row, string command = "") => $"""
            SELECT {command}{row}."Id", {Words($"{row}.\"Text\"")},
            'u' || {row}."AskedById" || ' r' || {row}."Role" || ' d' || strftime('%Y%m', {row}."CreatedAt" / 1000, 'unixepoch') || COALESCE(' m' || hex({row}."Model"), '')
            """;

        private static string Chat(string row, string command = "") => $"""
            SELECT {command}{row}."Id", {Words($"{row}.\"Title\"")},
            (SELECT group_concat('u' || "UserId", ' ') FROM "ChatMembers" WHERE "ChatId" = {row}."Id")
            """;

        // Characters that are written without spaces become words of their own, so that any run of them is found as a phrase.
        // Most texts have none: those of ASCII alone are told by their length.
        private static string Words(string text) => $"""
            CASE WHEN length(CAST({text} AS BLOB)) = length({text}) THEN {text} WHEN {text} GLOB '*{Unspaced}*' THEN (
              WITH RECURSIVE pieces(rest, piece, done) AS (
                SELECT substr({text}, {Piece + 1}), substr({text}, 1, {Piece}), ''
                UNION ALL
                SELECT substr(rest, {Piece + 1}), substr(rest, 1, {Piece}), done || (
                  WITH RECURSIVE characters(place, line) AS (
                    SELECT 1, ''
                    UNION ALL
                    SELECT place + 1, line || CASE WHEN substr(piece, place, 1) GLOB '{Unspaced}' THEN ' ' || substr(piece, place, 1) || ' ' ELSE substr(piece, place, 1) END
                    FROM characters WHERE place <= length(piece))
                  SELECT line FROM characters WHERE place > length(piece))
                FROM pieces WHERE piece <> '')
              SELECT {WithoutDiacritics("done")} FROM pieces WHERE piece = '')
            ELSE {WithoutDiacritics(text)} END
            """;

        private static string WithoutDiacritics(string text) =>
            Plain.Split(' ').Aggregate(text, (sql, pair) => $"replace({sql}, '{pair[0]}', '{pair[1]}')");
    }
}
