using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Operators.Models;
using ChatMvc.Operators.State;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators.Models;

/// <summary>Which models people may choose, in which order, under which names, and who pays for them.</summary>
public sealed class OfferedModelTests : IAsyncLifetime
{
    private static readonly string[] Listed = ["gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-5-mini", "gpt-4o-mini"];
    private TestApp app = null!;
    private Visitor olga = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync();
        olga = await app.SignInAsOperatorAsync();
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    [FindsInAuditLog(typeof(ModelsModel), nameof(ModelsModel.OnPostMoveAsync))]
    public async Task People_choose_from_the_models_in_the_order_that_operators_put_them_in()
    {
        Assert.Equal(Listed, (await maya.ChoiceAsync()).Select(m => m.Id));

        Assert.Equal(303, (await olga.MoveAsync("gpt-5-mini", "up")).Status);
        Assert.Equal(("move", "model gpt-5-mini", "place 4", "place 3"), (await app.LastDeedAsync()).Said());
        Assert.Equal(303, (await olga.MoveAsync("gpt-6-luna", "down")).Status);
        Assert.Equal(303, (await olga.MoveAsync("gpt-4o-mini", "up")).Status);

        string[] wanted = ["gpt-6-sol", "gpt-6-luna", "gpt-5-mini", "gpt-4o-mini", "gpt-6-astra"];
        Assert.Equal(wanted, (await maya.ChoiceAsync()).Select(m => m.Id));
        Assert.Equal(wanted, (await olga.GetAsync("/ops/models")).Document.QuerySelectorAll("[data-model]").Select(r => r.GetAttribute("data-model")));
        Assert.Equal(422, (await olga.MoveAsync("gpt-6-sol", "up")).Status);
        Assert.Equal(422, (await olga.MoveAsync("gpt-6-astra", "down")).Status);
        Assert.Equal(wanted, (await maya.ChoiceAsync()).Select(m => m.Id));
    }

    [Fact]
    [FindsInAuditLog(typeof(ModelPageModel), nameof(ModelPageModel.OnPostOfferAsync))]
    public async Task A_hidden_model_is_chosen_no_more_and_stays_where_it_was_chosen()
    {
        var chat = (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"), ("model", "gpt-4o-mini"))).Location!;
        var other = await maya.StartChatAsync("Hello there");
        await maya.LastAnswerAsync(other);
        await maya.LastAnswerAsync(chat);

        Assert.Equal(303, (await olga.OfferAsync("gpt-4o-mini", ("offered", "no"))).Status);

        Assert.Equal(("offer", "model gpt-4o-mini", "offered, called by its id, for whom the settings say", "hidden, called by its id, for whom the settings say"), (await app.LastDeedAsync()).Said());
        Assert.Equal(Listed[..4], (await maya.ChoiceAsync()).Select(m => m.Id));
        Assert.Equal(422, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"), ("model", "gpt-4o-mini"))).Status);
        Assert.Equal(422, (await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(other)), ("model", "gpt-4o-mini"))).Status);
        Assert.Equal(422, (await maya.SubmitAsync(await AgainAsync(other), ("model", "gpt-4o-mini"))).Status);

        Assert.Equal(303, (await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("title", "Still the same"))).Status);
        Assert.Equal(303, (await maya.SayAsync(chat, "And now?")).Status);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        var again = await AgainAsync(chat);
        Assert.Equal("gpt-4o-mini", Visitor.Fields(again)["model"]);
        Assert.Equal(303, (await maya.SubmitAsync(again)).Status);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        Assert.All(app.AnswerCalls().TakeLast(2), call => Assert.Equal("gpt-4o-mini", call.Model));

        Assert.Equal(303, (await olga.OfferAsync("gpt-4o-mini", ("offered", "yes"))).Status);
        Assert.Equal(Listed, (await maya.ChoiceAsync()).Select(m => m.Id));
    }

    [Fact]
    public async Task The_last_model_cannot_be_hidden()
    {
        foreach (var model in Listed[1..]) Assert.Equal(303, (await olga.OfferAsync(model, ("offered", "no"))).Status);
        var before = (await app.LastDeedAsync()).Id;

        var refused = await olga.OfferAsync("gpt-6-luna", ("offered", "no"), ("name", "Luna"));

        Assert.Equal((422, "gpt-6-luna is the only model that is still offered. Offer another one first."), (refused.Status, refused.Notice("error")));
        Assert.Equal("true", refused.Document.QuerySelector("select[name=offered]")!.GetAttribute("aria-invalid"));
        Assert.Equal("Luna", refused.Document.QuerySelector("input[name=name]")!.GetAttribute("value"));
        Assert.Equal([("gpt-6-luna", "gpt-6-luna")], await maya.ChoiceAsync());
        Assert.Equal(before, (await app.LastDeedAsync()).Id);
    }

    [Fact]
    public async Task People_read_the_name_that_operators_gave_and_choose_the_model_by_its_id()
    {
        Assert.Equal(303, (await olga.OfferAsync("gpt-6-sol", ("name", "  Sol <for> sums "))).Status);
        var chat = await maya.StartChatAsync("Hello");
        var answer = await maya.LastAnswerAsync(chat);

        foreach (var page in new[] { "/chats", chat, $"{chat}/messages/{answer.MessageId()}", "/history" })
            Assert.Contains(("gpt-6-sol", "Sol <for> sums"), await maya.ChoiceAsync(page));

        foreach (var taken in new[] { "sol <FOR> sums", "gpt-6-astra" })
        {
            var refused = await olga.OfferAsync("gpt-5-mini", ("name", taken));
            Assert.Equal((422, $"Another model is called “{taken}” already. Give this one another name."), (refused.Status, refused.Notice("error")));
            Assert.Equal(taken, refused.Document.QuerySelector("input[name=name][aria-invalid=true]")!.GetAttribute("value"));
        }
        Assert.Equal(422, (await olga.OfferAsync("gpt-5-mini", ("name", new string('x', OfferedModel.MaxName + 1)))).Status);
        Assert.Equal(303, (await olga.OfferAsync("gpt-6-sol", ("name", " "))).Status);
        Assert.Contains(("gpt-6-sol", "gpt-6-sol"), await maya.ChoiceAsync());
    }

    [Fact]
    public async Task A_model_for_Pro_is_not_part_of_the_free_messages()
    {
        Assert.Equal(303, (await olga.OfferAsync("gpt-6-astra", ("plan", "pro"))).Status);

        var refused = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "One"), ("model", "gpt-6-astra"));

        Assert.Equal((429, "One"), (refused.Status, refused.Typed));
        Assert.Contains("gpt-6-astra is not part of the free allowance", refused.Notice("limit"), StringComparison.Ordinal);
        Assert.Equal(303, (await olga.OfferAsync("gpt-6-astra", ("plan", ""))).Status);
        Assert.Equal(303, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "One"), ("model", "gpt-6-astra"))).Status);
    }

    [Fact]
    public async Task What_the_setting_keeps_for_Pro_can_be_given_to_everybody()
    {
        await using var strict = await Ops.StartAsync("OpenAI:BasicModels=gpt-6-luna");
        using var ops = await strict.SignInAsOperatorAsync();
        using var noor = await strict.SignInAsAsync("Noor");
        var form = (await noor.GetAsync("/chats")).Compose;
        Assert.Equal(429, (await noor.SubmitAsync(form, ("text", "One"), ("model", "gpt-6-sol"))).Status);

        Assert.Equal(303, (await ops.OfferAsync("gpt-6-sol", ("plan", "all"))).Status);

        Assert.Equal(303, (await noor.SubmitAsync(form, ("text", "One"), ("model", "gpt-6-sol"))).Status);
    }

    [Fact]
    [FindsInAuditLog(typeof(ModelsModel), nameof(ModelsModel.OnPostDefaultAsync))]
    public async Task New_chats_begin_with_the_model_that_operators_choose()
    {
        Assert.Equal(303, (await olga.FillInAsync("/ops/models", "form#default-model", ("model", "gpt-5-mini"))).Status);
        Assert.Equal(("set default model", "models", "as the settings say", "gpt-5-mini"), (await app.LastDeedAsync()).Said());
        await maya.StartChatAsync("Hello");
        Assert.Equal("gpt-5-mini", await app.ReadAsync(db => db.Chats.Select(c => c.Model).SingleAsync()));

        // Hidden, it is nobody's choice any more.
        await olga.OfferAsync("gpt-5-mini", ("offered", "no"));
        Assert.Equal("gpt-6-luna", Visitor.Fields((await maya.GetAsync("/chats")).Compose)["model"]);
        Assert.Contains("as gpt-5-mini is not offered", (await olga.GetAsync("/ops/models")).Text, StringComparison.Ordinal);
        Assert.Equal(422, (await olga.FillInAsync("/ops/models", "form#default-model", ("model", "gpt-5-mini"))).Status);
        Assert.Equal(303, (await olga.FillInAsync("/ops/models", "form#default-model", ("model", ""))).Status);
        Assert.Equal(("set default model", "models", "gpt-5-mini", "as the settings say"), (await app.LastDeedAsync()).Said());
    }

    [Fact]
    [FindsInAuditLog(typeof(ModelsModel), nameof(ModelsModel.OnPostTitlesAsync))]
    public async Task Titles_are_written_by_the_model_that_operators_choose_though_people_may_not_choose_it()
    {
        await olga.OfferAsync("gpt-5-mini", ("offered", "no"));
        Assert.Equal(303, (await olga.FillInAsync("/ops/models", "form#title-model", ("model", "gpt-5-mini"))).Status);
        Assert.Equal(("set title model", "models", "as the settings say", "gpt-5-mini"), (await app.LastDeedAsync()).Said());

        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));

        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Snapshot().Any(c => c.Kind == CallKind.Title)), "a title is asked for");
        Assert.Equal("gpt-5-mini", app.OpenAI.Calls.Snapshot().First(c => c.Kind == CallKind.Title).Model);
        Assert.Equal(422, (await olga.FillInAsync("/ops/models", "form#title-model", ("model", "nobody-has-it"))).Status);
    }

    [Fact]
    public async Task What_operators_chose_is_known_again_after_a_start()
    {
        await olga.OfferAsync("gpt-5-mini", ("offered", "no"), ("name", "Mini"), ("plan", "pro"));
        await olga.MoveAsync("gpt-6-luna", "down");
        await olga.WriteEntryAsync("gpt-6-luna", ("window", "1000"), ("maxOutput", "500"));
        await olga.PriceAsync("gpt-6-luna", app.Today().AddDays(1), "1", "2");
        var catalog = ModelCatalog.Load(new ChatMvc.Completions.ModelSettings());
        using var rules = new ModelRules(app.Services.GetRequiredService<IDbContextFactory<ChatDb>>(), catalog, app.Services.GetRequiredService<ServerFacts>(), app.Time);

        await rules.StartAsync(CancellationToken.None);

        Assert.Equal((true, "Mini", true), (rules.IsHidden("gpt-5-mini"), rules.NameOf("gpt-5-mini"), rules.IsProOnly("gpt-5-mini")));
        Assert.Equal(["gpt-6-sol", "gpt-6-luna"], ModelRules.InOrder(["gpt-6-luna", "gpt-6-sol"], rules.Offers));
        Assert.Equal((1_000, 500), (catalog.Find("gpt-6-luna").Window, catalog.Find("gpt-6-luna").MaxOutput));
        Assert.Equal((0.10m, 1m), (catalog.Find("gpt-6-luna").PriceOn(app.Today())!.Input, catalog.Find("gpt-6-luna").PriceOn(app.Today().AddDays(1))!.Input));
    }

    [Fact]
    public async Task Pages_of_what_is_not_listed_are_not_there()
    {
        foreach (var path in new[] { "/ops/models/one", "/ops/models/one?id=nobody-has-it", "/ops/models/move", "/ops/models/one/offer?id=gpt-6-luna", "/ops/models/entry/price?pattern=gpt*" })
            Assert.Equal((path, 404), (path, (await olga.GetAsync(path)).Status));
    }

    private async Task<IHtmlFormElement> AgainAsync(string chat)
    {
        var answer = await maya.LastAnswerAsync(chat);
        return (await maya.GetAsync($"{chat}/messages/{answer.MessageId()}")).Document.QuerySelector<IHtmlFormElement>("form#again")!;
    }
}
