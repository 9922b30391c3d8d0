using ChatMvc.Operators.Audit;
using ChatMvc.Tests.Chats;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>The list of what operators did.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await Ops.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Entries_stand_on_the_page_newest_first_and_those_about_one_thing_alone()
    {
        using var olga = await app.SignInAsOperatorAsync();
        await NoteAsync(60);

        var page = await olga.GetAsync("/ops/audit");
        Assert.Equal(50, page.Document.QuerySelectorAll("tr[data-action]").Length);
        Assert.Contains("person 59", page.Document.QuerySelector("tr[data-action]")!.TextContent, StringComparison.Ordinal);
        var older = await olga.GetAsync(page.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal(10, older.Document.QuerySelectorAll("tr[data-action]").Length);
        Assert.Null(older.Document.QuerySelector("a[rel=next]"));
        var about = await olga.GetAsync("/ops/audit?about=person+7");
        Assert.Equal(["suspend person 7"], about.Document.QuerySelectorAll("tr[data-action] td:nth-child(3)").Select(c => c.TextContent.Trim()));
        Assert.NotNull((await olga.GetAsync("/ops/audit?about=nobody")).Document.QuerySelector(".empty"));
    }

    [Fact]
    public async Task As_a_file_all_entries_come_whole_and_no_formula_is_one()
    {
        using var olga = await app.SignInAsOperatorAsync();
        await NoteAsync(3);
        await NoteAsync(new Deed("suspend", "person 9", "before, \"quoted\"", "after", "=1+1"));

        var lines = (await olga.GetAsync("/ops/audit.csv")).Text.TrimEnd().Split("\r\n");

        Assert.Equal(5, lines.Length);
        Assert.EndsWith(",command line,,suspend,person 9,\"before, \"\"quoted\"\"\",after,'=1+1", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_entry_can_be_changed_or_removed_and_a_long_one_is_cut()
    {
        await NoteAsync(new Deed("suspend", "person 1", After: new string('x', 5_000)));
        Assert.Equal(AuditEntry.MaxWords, (await app.LastDeedAsync()).After!.Length);
        foreach (var change in (string[])["UPDATE AuditEntries SET Action = 'nothing'", "DELETE FROM AuditEntries"])
            Assert.Contains("only added to", (await Assert.ThrowsAsync<SqliteException>(() => app.SqlAsync(change))).Message, StringComparison.Ordinal);
    }

    private Task NoteAsync(int count) => NoteAsync([.. Enumerable.Range(0, count).Select(i => new Deed("suspend", $"person {i}"))]);

    private async Task NoteAsync(params Deed[] deeds)
    {
        await using var scope = app.Services.CreateAsyncScope();
        foreach (var deed in deeds) await scope.ServiceProvider.GetRequiredService<AuditLog>().NoteAsync(deed, CancellationToken.None);
    }
}
