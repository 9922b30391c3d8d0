using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed class AccountNumberTests : IAsyncLifetime
{
    private const string Page = "/account/number";
    private const string CodePage = "/account/number/code";
    private const string New = "+12125550199";
    private static readonly string Old = TestApp.PhoneOf("Maya");
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Both_phones_move_the_account_and_every_other_device_is_signed_out()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var elsewhere = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        var cookie = maya.Cookies.GetCookies(app.Address)["chat"]!.Value;
        await ProveAsync(maya);
        var digits = await AskAsync(maya, New);

        var moved = await TypeAsync(maya, digits);

        Assert.Equal((303, "/account?notice=number"), (moved.Status, moved.Location));
        Assert.Equal(New, (await maya.GetAsync(moved.Location!)).Document.QuerySelector(".phone")!.TextContent);
        Assert.Equal(200, (await maya.GetAsync(chat)).Status);
        Assert.Equal(303, (await elsewhere.GetAsync("/chats")).Status);
        Assert.NotEqual(cookie, maya.Cookies.GetCookies(app.Address)["chat"]!.Value);
        using var thief = new Visitor(app.Address);
        thief.Cookies.Add(app.Address, new System.Net.Cookie("chat", cookie));
        Assert.Equal(303, (await thief.GetAsync("/chats")).Status);
        await Rooms.EventuallyAsync(() => Task.FromResult(Twilio.LastTo(Old)?.Body.Contains("was moved to another phone number", StringComparison.Ordinal) == true), "the old number is told");
        var text = Twilio.LastTo(Old)!.Body;
        Assert.InRange(text.Length, 1, 160);
        Assert.DoesNotContain(New[^4..], text, StringComparison.Ordinal);
        // The new number opens the account from now on, the old one another.
        using var byNew = new Visitor(app.Address);
        await byNew.SignInAsync(New);
        Assert.Equal(200, (await byNew.GetAsync(chat)).Status);
    }

    [Fact]
    public async Task The_old_number_gets_no_fresh_allowance()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        await ProveAsync(maya);
        await TypeAsync(maya, await AskAsync(maya, New));
        Assert.Equal(4, (await maya.GetAsync("/chats")).Left);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        using var again = await app.SignInAsAsync("Maya");
        Assert.Equal(4, (await again.GetAsync("/chats")).Left);
    }

    [Fact]
    public async Task Without_a_code_to_the_old_number_there_is_no_way_to_the_new_one()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var refused = await PostAsync(maya, Page, ("phone", New));
        Assert.Equal(422, refused.Status);
        Assert.Contains("Show first that the present number is yours", refused.Error, StringComparison.Ordinal);
        Assert.Equal(422, (await PostAsync(maya, CodePage, ("code", "123456"))).Status);
        Assert.Null(Twilio.LastTo(New));
        Assert.Equal(Old, await PhoneAsync());
    }

    [Fact]
    public async Task A_password_takes_the_place_of_the_code_to_the_old_number_and_a_wrong_one_does_not()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(303, (await PostAsync(maya, "/account/password", ("password", "correct horse of mine"))).Status);
        foreach (var wrong in (string[])["", "correct horse of yours"])
        {
            var refused = await PostAsync(maya, Page, ("phone", New), ("current", wrong));
            Assert.Equal(422, refused.Status);
            Assert.Contains("That is not your password.", refused.Error, StringComparison.Ordinal);
            Assert.Equal(New, refused.Document.QuerySelector<IHtmlInputElement>("[name=phone]")!.Value);
        }
        Assert.Null(Twilio.LastTo(New));
        Assert.Equal((303, CodePage), await PostAsync(maya, Page, ("phone", New), ("current", "correct horse of mine")) is var asked ? (asked.Status, asked.Location) : default);
        var digits = (await maya.GetAsync(CodePage)).Document.QuerySelector("#sandbox-code")!.TextContent;
        Assert.Equal("/account?notice=number", (await TypeAsync(maya, digits)).Location);
        Assert.Equal(New, await PhoneAsync());
    }

    [Fact]
    public async Task The_proof_is_good_for_a_quarter_of_an_hour_in_one_browser()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var elsewhere = await app.SignInAsAsync("Maya");
        await ProveAsync(maya);
        Assert.Equal(422, (await PostAsync(elsewhere, Page, ("phone", New))).Status);
        app.Time.Advance(TimeSpan.FromMinutes(12));
        await AskAsync(maya, New);
        app.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(422, (await PostAsync(maya, Page, ("phone", New))).Status);
        Assert.Equal(Old, await PhoneAsync());
    }

    [Fact]
    public async Task A_number_that_has_an_account_gets_the_same_page_and_no_message()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var taken = TestApp.PhoneOf("Noor");
        var before = Twilio.Messages.Count(m => m.To == taken);
        await ProveAsync(maya);
        var asked = await PostAsync(maya, Page, ("phone", taken));
        Assert.Equal((303, CodePage), (asked.Status, asked.Location));
        var page = await maya.GetAsync(CodePage);
        Assert.Contains("can be your new number", page.Text, StringComparison.Ordinal);
        Assert.Equal(422, (await TypeAsync(maya, "123456")).Status);
        Assert.Equal(before, Twilio.Messages.Count(m => m.To == taken));
        Assert.Equal(200, (await noor.GetAsync("/chats")).Status);
    }

    [Fact]
    public async Task A_number_that_somebody_signed_up_with_meanwhile_is_not_taken_from_them()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await ProveAsync(maya);
        var digits = await AskAsync(maya, New);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        using var other = new Visitor(app.Address);
        await other.SignInAsync(New);
        var refused = await TypeAsync(maya, digits);
        Assert.Equal(422, refused.Status);
        Assert.Contains("no longer good", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Old, await PhoneAsync());
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
    }

    [Theory]
    [InlineData("12", "not a phone number")]
    [InlineData(null, "the number you have")]
    public async Task A_number_that_cannot_be_is_refused_and_stays_in_its_field(string? phone, string why)
    {
        using var maya = await app.SignInAsAsync("Maya");
        await ProveAsync(maya);
        var refused = await PostAsync(maya, Page, ("phone", phone ?? Old));
        Assert.Equal(422, refused.Status);
        Assert.Contains(why, refused.Error, StringComparison.Ordinal);
        Assert.Equal(phone ?? Old, refused.Document.QuerySelector<IHtmlInputElement>("[name=phone]")!.Value);
    }

    [Fact]
    public async Task A_code_for_the_old_number_is_none_for_the_new_one_and_wrong_ones_are_counted()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var old = await ProveAsync(maya);
        var digits = await AskAsync(maya, New);
        var wrong = old == digits ? "000000" : old;
        for (var i = 0; i < 4; i++) Assert.Equal(422, (await TypeAsync(maya, wrong)).Status);
        Assert.Equal(429, (await TypeAsync(maya, wrong)).Status);
        Assert.NotEqual(303, (await TypeAsync(maya, digits)).Status);
        Assert.Equal(Old, await PhoneAsync());
    }

    private SandboxTwilio Twilio => app.Services.GetRequiredService<SandboxTwilio>();

    private Task<string> PhoneAsync() => app.ReadAsync(db => db.Users.OrderBy(u => u.Id).Select(u => u.Phone).FirstAsync());

    private static async Task<string> ProveAsync(Visitor visitor)
    {
        Assert.Equal(303, (await PostAsync(visitor, Page + "/ask")).Status);
        var digits = (await visitor.GetAsync(Page)).Document.QuerySelector("#sandbox-code")!.TextContent;
        Assert.Equal((303, Page), await PostAsync(visitor, Page + "/proof", ("code", digits)) is var answer ? (answer.Status, answer.Location) : default);
        Assert.NotNull((await visitor.GetAsync(Page)).Document.QuerySelector("[name=phone]"));
        return digits;
    }

    private static async Task<string> AskAsync(Visitor visitor, string phone)
    {
        var asked = await PostAsync(visitor, Page, ("phone", phone));
        Assert.Equal((303, CodePage), (asked.Status, asked.Location));
        return (await visitor.GetAsync(CodePage)).Document.QuerySelector("#sandbox-code")!.TextContent;
    }

    private static Task<Answer> TypeAsync(Visitor visitor, string code) => PostAsync(visitor, CodePage, ("code", code));

    private static async Task<Answer> PostAsync(Visitor visitor, string path, params (string Name, string Value)[] fields)
    {
        var token = (await visitor.GetAsync("/account")).Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value;
        return await visitor.SendAsync(HttpMethod.Post, path, fields.Append(("__RequestVerificationToken", token)).ToDictionary(f => f.Item1, f => f.Item2), []);
    }
}
