using ChatMvc.Tests.Chats;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>The list of models is kept for minutes, and yet right as soon as anybody notices a change.</summary>
public sealed class ModelListTests : IAsyncLifetime
{
    private volatile string[] models = ["gpt-6-luna", "gpt-4o-mini"];
    private int listings;
    private OwnUpstream upstream = null!;
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        upstream = await OwnUpstream.StartAsync(AnswerAsync);
        app = await TestApp.StartAsync($"OpenAI:BaseUrl={upstream.BaseUrl}", "OpenAI:ApiKey=sk-test");
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_model_that_is_newer_than_the_list_can_be_chosen_at_once()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(["gpt-6-luna", "gpt-4o-mini"], await OfferedAsync(maya));
        models = ["gpt-6-luna", "gpt-4o-mini", "gpt-6-sol"];
        app.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.DoesNotContain("gpt-6-sol", await OfferedAsync(maya));

        var sent = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"), ("model", "gpt-6-sol"));

        Assert.Equal(303, sent.Status);
        Assert.Contains("gpt-6-sol", await OfferedAsync(maya));
    }

    [Fact]
    public async Task A_model_that_is_newer_than_the_list_can_be_set_for_a_chat_at_once()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        models = ["gpt-6-luna", "gpt-4o-mini", "gpt-6-sol"];
        app.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(303, (await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("model", "gpt-6-sol"))).Status);

        Assert.Equal("gpt-6-sol", await app.ReadAsync(db => db.Chats.Select(c => c.Model).SingleAsync()));
    }

    [Fact]
    public async Task A_model_that_is_gone_is_offered_no_more_once_an_answer_failed_for_it()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await OfferedAsync(maya);
        models = ["gpt-4o-mini"];
        app.Time.Advance(TimeSpan.FromSeconds(11));

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));

        Assert.Equal("failed", answer.State());
        await Rooms.EventuallyAsync(async () => (await OfferedAsync(maya)).SequenceEqual(["gpt-4o-mini"]), "the model is offered no more");
    }

    [Fact]
    public async Task Names_that_nobody_has_do_not_ask_the_upstream_each_time()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await OfferedAsync(maya);
        var before = listings;
        app.Time.Advance(TimeSpan.FromSeconds(11));
        for (var i = 0; i < 5; i++)
            Assert.Equal(422, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"), ("model", $"gpt-{i}"))).Status);
        Assert.Equal(before + 1, listings);
    }

    private static async Task<IEnumerable<string>> OfferedAsync(Visitor visitor) =>
        (await visitor.GetAsync("/chats")).Document.QuerySelectorAll("select[name=model] option").Select(o => o.GetAttribute("value")!);

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path.Value!.EndsWith("/models", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref listings);
            await http.Response.WriteAsJsonAsync(new { @object = "list", data = models.Select(id => new { id, @object = "model", created = 1, owned_by = "system" }) });
            return;
        }
        var asked = await new StreamReader(http.Request.Body).ReadToEndAsync();
        if (models.Any(model => asked.Contains($"\"{model}\"", StringComparison.Ordinal)))
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(OwnUpstream.Delta("Hello.") + OwnUpstream.End);
            return;
        }
        http.Response.StatusCode = 404;
        await http.Response.WriteAsJsonAsync(new { error = new { message = "The model does not exist.", type = "invalid_request_error", code = "model_not_found" } });
    }
}
