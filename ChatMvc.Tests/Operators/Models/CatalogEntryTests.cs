using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing;
using ChatMvc.Completions;
using ChatMvc.Operators.Models;
using ChatMvc.Tests.Billing;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators.Models;

/// <summary>What operators know better than the catalogue's file: windows, abilities, and prices by their first day.</summary>
public sealed class CatalogEntryTests : IAsyncLifetime
{
    private const string Luna = "gpt-6-luna";
    private TestApp app = null!;
    private Visitor olga = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync("Limits:BasicMessages=0", "Ceilings:PersonPerDay=1000", "Ceilings:ServerPerDay=1000");
        olga = await app.SignInAsOperatorAsync();
        maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 100);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 100, CachedTokens: 200, CacheWriteTokens: 300), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    [FindsInAuditLog(typeof(EntryModel), nameof(EntryModel.OnPostDescribeAsync))]
    public async Task An_entry_describes_the_models_it_matches_and_the_longest_pattern_counts()
    {
        Assert.Equal(303, (await olga.WriteEntryAsync("gpt*", ("window", "9000"), ("maxOutput", "2000"))).Status);
        Assert.Equal(("write entry", "catalogue gpt*", null, "window 9,000, longest answer 2,000, sees no pictures, takes a temperature"), (await app.LastDeedAsync()).Said());
        Assert.Equal("/ops/models/entry?pattern=gpt-6-l%2A", (await olga.WriteEntryAsync("gpt-6-l*", ("window", "3000"), ("maxOutput", "700"), ("temperature", "no"))).Location);
        var room = await maya.StartChatAsync("Hello");

        // What the file says of it is a window of 400,000, pictures and no temperature.
        Assert.Equal(("3,000", "no pictures"), await WindowAsync(Luna));
        Assert.Equal(("9,000", "no pictures"), await WindowAsync("gpt-6-sol"));
        Assert.Equal("700", (await maya.GetAsync(room)).Document.QuerySelector("[name=maxTokens]")!.GetAttribute("placeholder"));
        Assert.Null((await maya.GetAsync(room)).Document.QuerySelector("[name=temperature]"));

        Assert.Equal(303, (await olga.FillInAsync(ModelPages.Entry("gpt-6-l*"), "form#describe", ("temperature", "yes"), ("maxOutput", "800"))).Status);

        Assert.Equal(("describe entry", "catalogue gpt-6-l*", "window 3,000, longest answer 700, sees no pictures, takes no temperature", "window 3,000, longest answer 800, sees no pictures, takes a temperature"),
            (await app.LastDeedAsync()).Said());
        Assert.NotNull((await maya.GetAsync(room)).Document.QuerySelector("[name=temperature]"));
        var twice = await olga.WriteEntryAsync("GPT*");
        Assert.Equal((422, "There is an entry for gpt* already. Change that one."), (twice.Status, twice.Notice("error")));
        Assert.Equal("GPT*", twice.Document.QuerySelector("[name=pattern][aria-invalid=true]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task An_entry_for_the_id_of_what_the_file_says_cannot_chat_has_it_offered()
    {
        Assert.Equal(303, (await olga.WriteEntryAsync("*")).Status);
        Assert.DoesNotContain("whisper-1", (await maya.ChoiceAsync()).Select(m => m.Id));
        Assert.Equal(303, (await olga.WriteEntryAsync("whisper-1")).Status);
        app.Time.Advance(TimeSpan.FromSeconds(11));
        await Rooms.EventuallyAsync(async () => (await maya.ChoiceAsync()).Select(m => m.Id).Contains("whisper-1"), "it is offered");
        Assert.DoesNotContain("tts-1", (await maya.ChoiceAsync()).Select(m => m.Id));
    }

    [Theory]
    [InlineData("pattern", "gpt 6")]
    [InlineData("pattern", "gpt?")]
    [InlineData("pattern", "")]
    [InlineData("window", "255")]
    [InlineData("window", "10000001")]
    [InlineData("window", "8,192")]
    [InlineData("maxOutput", "8193")]
    [InlineData("maxOutput", "-1")]
    [InlineData("maxOutput", "1e3")]
    public async Task A_description_that_cannot_be_taken_is_named_and_kept(string field, string typed)
    {
        var refused = await olga.WriteEntryAsync("house-model", (field, typed));

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        Assert.Equal(typed, refused.Document.QuerySelector($"[name={field}][aria-invalid=true]")!.GetAttribute("value"));
        Assert.Equal(0, await app.ReadAsync(db => db.CatalogEntries.CountAsync()));
    }

    [Theory]
    [InlineData("input", "")]
    [InlineData("input", "-1")]
    [InlineData("input", "1,5")]
    [InlineData("input", "$1")]
    [InlineData("input", ".5")]
    [InlineData("input", "1e3")]
    [InlineData("input", "0.0000001")]
    [InlineData("input", "10000.000001")]
    [InlineData("input", "１")]
    [InlineData("cachedInput", "2")]
    [InlineData("cacheWrite", "x")]
    [InlineData("output", "12.")]
    [InlineData("from", "2026-02-30")]
    [InlineData("from", "2020-01-01")]
    [InlineData("from", "2999-01-01")]
    public async Task A_price_that_cannot_be_taken_is_named_and_kept(string field, string typed)
    {
        await olga.WriteEntryAsync(Luna);
        var fields = new Dictionary<string, string> { ["input"] = "1", ["output"] = "9999.999999", [field] = typed };

        var refused = await olga.FillInAsync(ModelPages.Entry(Luna), "form#price", [.. fields.Select(f => (f.Key, f.Value))]);

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        Assert.Equal(typed, refused.Document.QuerySelector($"[name={field}][aria-invalid=true]")!.GetAttribute("value"));
        if (field != "output") Assert.Equal("9999.999999", refused.Document.QuerySelector("[name=output]")!.GetAttribute("value"));
        Assert.Equal(0, await app.ReadAsync(db => db.CatalogPrices.CountAsync()));
    }

    [Fact]
    [FindsInAuditLog(typeof(EntryModel), nameof(EntryModel.OnPostPriceAsync))]
    public async Task A_price_counts_from_its_day_on_and_changes_nothing_before_it()
    {
        await olga.WriteEntryAsync(Luna);
        var before = await CostOfOneAsync();
        // 500 fresh tokens at 0.10, 200 cached at 0.01, 300 written at 0.125 and 100 of the answer at 0.50 for a million.
        Assert.Equal(Micros(500 * 0.10m + 200 * 0.01m + 300 * 0.125m + 100 * 0.50m), before);
        var tomorrow = app.Today().AddDays(1);

        var added = await olga.FillInAsync(ModelPages.Entry(Luna), "form#price",
            ("from", $"{tomorrow:yyyy-MM-dd}"), ("input", "1.000001"), ("cachedInput", "0.5"), ("cacheWrite", ""), ("output", "20"));

        Assert.Equal(303, added.Status);
        Assert.Equal(("add price", $"catalogue {Luna}", "no price of its own", $"from {tomorrow:yyyy-MM-dd}: input $1.000001, cached $0.50, written to the cache $1.000001, output $20.00 per million tokens"),
            (await app.LastDeedAsync()).Said());
        Assert.Equal(before, await CostOfOneAsync());
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(Micros(800 * 1.000001m + 200 * 0.5m + 100 * 20), await CostOfOneAsync());
        var requests = await app.AnswerRequestsAsync();
        Assert.Equal([before, before], requests.Take(2).Select(r => r.CostMicros!.Value));
        Assert.Equal(100_000, requests[0].InputPriceMicros);
        Assert.Equal(1_000_001, requests[2].InputPriceMicros);
        Assert.Equal(new Usd(100 * Usd.MicrosPerDollar - requests.Sum(r => r.ChargedMicros!.Value)), await app.BalanceAsync("Maya"));
        await BalancesAsync();
    }

    [Fact]
    public async Task A_request_that_ends_after_its_day_costs_what_it_did_when_it_was_made()
    {
        await olga.WriteEntryAsync(Luna);
        await olga.PriceAsync(Luna, app.Today().AddDays(1), "7", "70");
        var books = app.Services.GetRequiredService<CompletionBooks>();
        var request = new Completion(CompletionKind.Title, 0, 1, 1, 1, Payer.Operator, Luna, app.Time.GetUtcNow());
        await app.ReadAsync(db => db.WriteAsync(async () =>
        {
            await books.BeginAsync(db, request, 1_000, 100);
            return true;
        }));
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(7_000_000, books.PriceNow(Luna, 1_000)!.Value.Input);

        await app.ReadAsync(db => db.WriteAsync(async () =>
        {
            var row = await db.Completions.SingleAsync(c => c.Id == request.Id);
            await books.EndAsync(db, row, new AnswerResult.Completed("stop") { Tokens = new(1_000, 0, 0, 100, 0, IsEstimate: false) });
            return true;
        }));

        Assert.Equal(100_000, await app.ReadAsync(db => db.Completions.Where(c => c.Id == request.Id).Select(c => c.InputPriceMicros).SingleAsync()));
        await BalancesAsync();
    }

    [Fact]
    public async Task Credit_may_use_a_model_as_soon_as_operators_give_it_a_price()
    {
        await using var house = await Ops.StartAsync("Limits:BasicMessages=0", "OpenAI:Models=gpt-4o-mini", $"Models:Catalog={await EmptyCatalogAsync()}");
        using var ops = await house.SignInAsOperatorAsync();
        using var noor = await house.SignInAsAsync("Noor");
        await house.CreditAsync("Noor", 5);
        var form = (await noor.GetAsync("/chats")).Compose;
        Assert.Equal(429, (await noor.SubmitAsync(form, ("text", "One"))).Status);
        Assert.Contains("not known", (await ops.GetAsync("/ops/models")).Document.QuerySelector("[data-model]")!.TextContent, StringComparison.Ordinal);

        await ops.WriteEntryAsync("gpt-4o-mini");
        Assert.Equal(303, (await ops.PriceAsync("gpt-4o-mini", house.Today(), "0.15", "0.60")).Status);

        Assert.Equal(303, (await noor.SubmitAsync(form, ("text", "One"))).Status);
        var again = await ops.PriceAsync("gpt-4o-mini", house.Today(), "0.16", "0.60");
        Assert.Equal((422, "A price of this entry begins today already. The next one can begin tomorrow."), (again.Status, again.Notice("error")));
    }

    [Fact]
    [FindsInAuditLog(typeof(EntryModel), nameof(EntryModel.OnPostTakeBackAsync))]
    [FindsInAuditLog(typeof(EntryModel), nameof(EntryModel.OnPostRemoveAsync))]
    public async Task What_is_to_come_can_be_taken_back_and_what_is_in_force_stays()
    {
        var (today, tomorrow) = (app.Today(), app.Today().AddDays(1));
        await olga.WriteEntryAsync(Luna);
        await olga.PriceAsync(Luna, tomorrow, "3", "4");
        var page = await olga.GetAsync(ModelPages.Entry(Luna));
        var (takeBack, remove) = (Form(page, "takeback"), Form(page, "remove"));

        Assert.Equal(303, (await olga.SubmitAsync(takeBack)).Status);

        Assert.Equal(("take price back", $"catalogue {Luna}", $"from {tomorrow:yyyy-MM-dd}: input $3.00, cached $3.00, written to the cache $3.00, output $4.00 per million tokens", null), (await app.LastDeedAsync()).Said());
        Assert.Equal(0, await app.ReadAsync(db => db.CatalogPrices.CountAsync()));
        Assert.Equal(303, (await olga.PriceAsync(Luna, today, "5", "6")).Status);
        Assert.Equal(303, (await olga.PriceAsync(Luna, tomorrow, "3", "4")).Status);
        Assert.Null(Row(await olga.GetAsync(ModelPages.Entry(Luna)), today)!.QuerySelector("button"));

        foreach (var form in new[] { takeBack, remove })
        {
            var refused = await olga.SubmitAsync(form, ("from", $"{today:yyyy-MM-dd}"));
            Assert.Equal(422, refused.Status);
            Assert.Contains("is in force, or was", refused.Notice("error"), StringComparison.Ordinal);
        }
        Assert.Equal(2, await app.ReadAsync(db => db.CatalogPrices.CountAsync()));
        app.Time.Advance(TimeSpan.FromDays(1));
        using var later = await app.SignInAsOperatorAsync();
        var inForce = await later.GetAsync(ModelPages.Entry(Luna));
        Assert.All([today, tomorrow], day => Assert.Null(Row(inForce, day)!.QuerySelector("button")));
        Assert.Equal(422, (await later.SubmitAsync(Form(await later.GetAsync("/ops/models/entry"), "describe"), ("pattern", Luna))).Status);

        await later.WriteEntryAsync("gpt-5*");
        await later.PriceAsync("gpt-5*", tomorrow.AddDays(1), "3", "4");
        Assert.Equal(303, (await later.SubmitAsync(Form(await later.GetAsync(ModelPages.Entry("gpt-5*")), "remove"))).Status);
        Assert.Equal(("remove entry", "catalogue gpt-5*"), ((await app.LastDeedAsync()).Action, (await app.LastDeedAsync()).Subject));
        Assert.Equal([Luna], await app.ReadAsync(db => db.CatalogEntries.Select(e => e.Pattern).ToListAsync()));
        Assert.Equal(2, await app.ReadAsync(db => db.CatalogPrices.CountAsync()));
    }

    [Fact]
    public async Task An_entry_has_at_most_fifty_prices_and_there_are_at_most_two_hundred_entries()
    {
        await olga.WriteEntryAsync(Luna);
        for (var i = 1; i <= ModelRules.MaxPrices; i++)
            await app.SqlAsync($"INSERT INTO CatalogPrices (Pattern, \"From\", Input, CachedInput, CacheWrite, Output) VALUES ('{Luna}', '{app.Today().AddDays(i):yyyy-MM-dd}', 1, 1, 1, 1)");
        Assert.Equal(422, (await olga.PriceAsync(Luna, app.Today().AddDays(100), "1", "1")).Status);
        for (var i = 1; i < ModelRules.MaxEntries; i++)
            await app.SqlAsync($"INSERT INTO CatalogEntries (Pattern, Window, MaxOutput, Images, Temperature) VALUES ('house-{i}', 1000, 100, 0, 0)");
        var refused = await olga.WriteEntryAsync("one-more");
        Assert.Equal((422, "200 entries are the most. Remove one first."), (refused.Status, refused.Notice("error")));
    }

    private static IHtmlFormElement Form(Answer page, string deed) => page.Document.QuerySelector<IHtmlFormElement>($"form[action$='/{deed}']")!;

    private static IElement? Row(Answer page, DateOnly from) => page.Document.QuerySelector($"[data-price='{from:yyyy-MM-dd}']");

    private async Task<(string, string)> WindowAsync(string model)
    {
        var cell = (await olga.GetAsync("/ops/models")).Document.QuerySelector($"[data-model='{model}'] td:nth-child(4)")!;
        var ability = cell.QuerySelector("span")!.TextContent;
        return (cell.TextContent.Replace(ability, "", StringComparison.Ordinal).Trim(), ability);
    }

    private async Task<long> CostOfOneAsync()
    {
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));
        return (await app.AnswerRequestsAsync())[^1].CostMicros!.Value;
    }

    // Of a million tokens each, in dollars: so many micro-dollars a token.
    private static long Micros(decimal micros) => (long)decimal.Ceiling(micros);

    private async Task BalancesAsync()
    {
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Completions.AnyAsync(c => c.FinishedAt == null)), "all requests have ended");
        Assert.Empty(BooksTests.Check(app));
    }

    private static async Task<string> EmptyCatalogAsync()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "[]");
        return file;
    }
}
