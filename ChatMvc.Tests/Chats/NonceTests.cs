namespace ChatMvc.Tests.Chats;

/// <summary>A form is taken once; a form written anew is another message.</summary>
public sealed class NonceTests
{
    [Fact]
    public async Task The_same_form_posted_again_leads_to_the_message_it_made()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        var first = await maya.SubmitAsync(form, ("text", "Once"));

        var again = await maya.SubmitAsync(form, ("text", "Once"));

        Assert.Equal(first.Location, again.Location);
        Assert.StartsWith("4 of 5", (await maya.GetAsync("/chats")).Allowance, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_words_in_a_form_that_was_sent_stay_in_the_box_of_a_new_one()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        var first = (await maya.SubmitAsync(form, ("text", "First"))).Location!;
        await maya.LastAnswerAsync(first);

        var refused = await maya.SubmitAsync(form, ("text", "Second"));

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        Assert.StartsWith("4 of 5", refused.Allowance, StringComparison.Ordinal);
        var second = (await maya.SubmitAsync(refused.Compose)).Location!;
        Assert.NotEqual(first, second);
        await maya.LastAnswerAsync(second);
        Assert.Equal(["Second"], (await maya.GetAsync(second)).Document.QuerySelectorAll("article[data-role=user]").Select(a => a.Body()));
    }
}
