using ChatMvc.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatMvc.Migrations.Sqlite
{
    /// <summary>
    /// Running sums over the completions, kept by triggers: a month of a million requests is read in milliseconds, whoever
    /// wrote them. The tables are not in the model, as nothing but the triggers writes them. A later migration that makes EF
    /// build "Completions" anew takes the triggers away with the old table: it has to make them again.
    /// </summary>
    [DbContext(typeof(ChatDb))]
    [Migration("20261121190000_Usage")]
    public partial class Usage : Migration
    {
        private const string Figures = """
            "Answers", "PromptTokens", "CachedTokens", "CacheWriteTokens", "CompletionTokens", "ReasoningTokens",
            "Micros", "ChargedMicros", "Unknown", "Estimates"
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // By quarters of an hour, which the days of every time zone begin with.
            migrationBuilder.Sql($"""CREATE TABLE "UsageQuarters" ("UserId" INTEGER NOT NULL, "Quarter" INTEGER NOT NULL, "Kind" TEXT NOT NULL, "Model" TEXT NOT NULL, {Columns()}, PRIMARY KEY ("UserId", "Quarter", "Kind", "Model")) WITHOUT ROWID;""");
            // By months of UTC; what lies between them and the months of a zone is few rows of the completions themselves.
            migrationBuilder.Sql($"""CREATE TABLE "UsageChats" ("UserId" INTEGER NOT NULL, "Month" INTEGER NOT NULL, "ChatId" INTEGER NOT NULL, {Columns()}, PRIMARY KEY ("UserId", "Month", "ChatId")) WITHOUT ROWID;""");
            migrationBuilder.Sql($"""INSERT INTO "UsageQuarters" {Select(Quarter("c"), "c", "SUM")} FROM "Completions" AS c WHERE {Counts("c")} GROUP BY 1, 2, 3, 4;""");
            migrationBuilder.Sql($"""INSERT INTO "UsageChats" {Select(Chat("c"), "c", "SUM")} FROM "Completions" AS c WHERE {IsPersons("c")} AND {Counts("c")} GROUP BY 1, 2, 3;""");
            migrationBuilder.Sql($"""CREATE TRIGGER "Completions_insert_usage" AFTER INSERT ON "Completions" BEGIN {Add("NEW", "+")} END;""");
            migrationBuilder.Sql($"""CREATE TRIGGER "Completions_update_usage" AFTER UPDATE ON "Completions" BEGIN {Add("OLD", "-")} {Add("NEW", "+")} END;""");
            migrationBuilder.Sql($"""CREATE TRIGGER "Completions_delete_usage" AFTER DELETE ON "Completions" BEGIN {Add("OLD", "-")} END;""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var change in new[] { "insert", "update", "delete" }) migrationBuilder.Sql($"""DROP TRIGGER "Completions_{change}_usage";""");
            migrationBuilder.Sql("""DROP TABLE "UsageQuarters";""");
            migrationBuilder.Sql("""DROP TABLE "UsageChats";""");
        }

        private static string Columns() => string.Join(", ", Names(n => $"{n} INTEGER NOT NULL"));

        private static string Add(string row, string sign) => $"""
            INSERT INTO "UsageQuarters" {Select(Quarter(row), row, sign)} WHERE {Counts(row)}
            ON CONFLICT ("UserId", "Quarter", "Kind", "Model") DO UPDATE SET {Sums()};
            INSERT INTO "UsageChats" {Select(Chat(row), row, sign)} WHERE {IsPersons(row)} AND {Counts(row)}
            ON CONFLICT ("UserId", "Month", "ChatId") DO UPDATE SET {Sums()};
            """;

        private static string Sums() => string.Join(", ", Names(n => $"{n} = {n} + excluded.{n}"));

        private static string Quarter(string row) => $"""{row}."UserId", {row}."StartedAt" / 900000, CASE WHEN {IsPersons(row)} THEN 'Answer' ELSE 'Aside' END, {row}."Model" """;

        private static string Chat(string row) => $"""{row}."UserId", CAST(strftime('%Y%m', {row}."StartedAt" / 1000, 'unixepoch') AS INTEGER), {row}."ChatId" """;

        // What is under way stands at the most it may cost, which nobody is told.
        private static string Counts(string row) => $"""{row}."FinishedAt" IS NOT NULL""";

        // Titles, summaries and what brought no answer are on the operator's account, who may be the person.
        private static string IsPersons(string row) => $"""({row}."Kind" = 'Answer' AND ({row}."Payer" <> 'Operator' OR {row}."Outcome" NOT IN ('failed', 'interrupted')))""";

        private static string Answered(string row) => $"""({IsPersons(row)} AND {row}."Outcome" <> 'failed')""";

        // One that failed before it took anything has no price to be unknown.
        private static string Told(string row) => $"""({Answered(row)} OR COALESCE({row}."PromptTokens", 0) + COALESCE({row}."CompletionTokens", 0) > 0)""";

        private static string Select(string key, string row, string sign) => $"""
            SELECT {key},
            {sign}({Answered(row)}),
            {sign}(COALESCE({row}."PromptTokens", 0)), {sign}(COALESCE({row}."CachedTokens", 0)), {sign}(COALESCE({row}."CacheWriteTokens", 0)),
            {sign}(COALESCE({row}."CompletionTokens", 0)), {sign}(COALESCE({row}."ReasoningTokens", 0)),
            {sign}(COALESCE({row}."ChargedMicros", {row}."CostMicros", 0)), {sign}(COALESCE({row}."ChargedMicros", 0)),
            {sign}({Told(row)} AND {row}."ChargedMicros" IS NULL AND {row}."CostMicros" IS NULL), {sign}({Told(row)} AND {row}."IsEstimate")
            """;

        private static System.Collections.Generic.IEnumerable<string> Names(System.Func<string, string> each) =>
            System.Linq.Enumerable.Select(Figures.Split(',', System.StringSplitOptions.TrimEntries), each);
    }
}
