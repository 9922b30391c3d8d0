using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Operators.People;
using ChatMvc.Tests.Accounts;
using ChatMvc.Tests.Billing;
using ChatMvc.Tests.Billing.Stripe;
using ChatMvc.Tests.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>One person's page: what operators see there, and what they do.</summary>
public sealed class PersonTests : IAsyncLifetime
{
    private const string Reason = "Sorry for the outage";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private TestApp app = null!;
    private Visitor olga = null!, maya = null!;
    private string page = "", subject = "";

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync("Limits:BasicMessages=0", "Limits:ConcurrentAnswers=1");
        (olga, maya) = (await app.SignInAsOperatorAsync(), await app.SignInAsAsync("Maya"));
        (page, subject) = (await app.PageOfAsync("Maya"), await app.SubjectAsync("Maya"));
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostCreditAsync))]
    public async Task Credit_is_given_once_after_a_question_and_the_person_reads_why()
    {
        var asked = await olga.AskToAsync(page, "credit", ("amount", "5"), ("reason", Reason), ("take", "false"));
        Assert.Contains("from $0.00 to $5.00", asked.Question!.TextContent, StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());

        for (var press = 0; press < 2; press++) Assert.Equal((303, page), await WhereAsync(olga.SureAsync(asked)));

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal((LedgerKind.Adjustment, new Usd(5_000_000), Reason), (entry.Kind, entry.Amount, entry.Reason));
        var deed = await app.LastDeedAsync();
        Assert.Equal(("give credit", subject, "credit $0.00", "credit $5.00", Reason), (deed.Action, deed.Subject, deed.Before, deed.After, deed.Reason));
        Assert.Equal(1, await app.ReadAsync(db => db.AuditEntries.CountAsync()));
        var billing = await maya.GetAsync("/billing");
        Assert.Equal("$5.00", billing.Document.QuerySelector("#credit-balance")!.TextContent);
        Assert.Contains(Reason, billing.Document.QuerySelector("#statement")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("$5.00 of credit is given", (await olga.GetAsync(page)).Notice("info"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_credit_is_taken_than_there_is_and_what_answers_hold_is_not_there()
    {
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "First words and then a silence.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Hold something");
        await maya.AnswerInStateAsync(chat, "streaming");
        var left = await app.BalanceAsync("Maya");
        Assert.True(left < new Usd(5_000_000));
        Assert.Contains("Held for answers under way", (await olga.GetAsync(page)).Text, StringComparison.Ordinal);

        var refused = await olga.AskToAsync(page, "credit", ("amount", "5"), ("reason", Reason), ("take", "true"));

        Assert.Equal(422, refused.Status);
        Assert.Contains($"only {left}", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(("5", Reason), (refused.Document.QuerySelector<IHtmlInputElement>("#amount")!.Value, refused.Document.QuerySelector<IHtmlInputElement>("#reason-credit")!.Value));
        Assert.Equal(left, await app.BalanceAsync("Maya"));

        // Spent while the question stood there.
        var asked = await olga.AskToAsync(page, "credit", ("amount", "4"), ("reason", Reason), ("take", "true"));
        await olga.DoAsync(page, "credit", ("amount", "3"), ("reason", Reason), ("take", "true"));
        Assert.Equal(422, (await olga.SureAsync(asked)).Status);
        Assert.Equal(left - new Usd(3_000_000), await app.BalanceAsync("Maya"));
        Assert.Equal("take credit", (await app.LastDeedAsync()).Action);
        // Also where the page has not seen it yet.
        await using var scope = app.Services.CreateAsyncScope();
        var id = (await app.UserAsync("Maya")).Id;
        Assert.Equal(Adjusted.TooLittle, await scope.ServiceProvider.GetRequiredService<PeopleDeeds>().AdjustAsync(id, new Usd(-5_000_000), Reason, "nonce", default));
    }

    [Theory]
    [InlineData("0", Reason)]
    [InlineData("-5", Reason)]
    [InlineData("1000.01", Reason)]
    [InlineData("1.005", Reason)]
    [InlineData("1e2", Reason)]
    [InlineData("five", Reason)]
    [InlineData("", Reason)]
    [InlineData("5", " ")]
    [InlineData("5", "two\nlines")]
    public async Task An_adjustment_needs_an_amount_and_a_reason(string amount, string reason)
    {
        Assert.Equal(422, (await olga.AskToAsync(page, "credit", ("amount", amount), ("reason", reason), ("take", "false"))).Status);
        Assert.Equal(422, (await olga.PostAsync($"{page}/credit", ("amount", amount), ("reason", reason), ("sure", "true"), ("nonce", new string('n', 24)))).Status);
        Assert.Equal(422, (await olga.PostAsync($"{page}/credit", ("amount", "5"), ("reason", new string('r', 201)), ("sure", "true"), ("nonce", new string('n', 24)))).Status);
        Assert.Empty(await app.LedgerAsync());
        Assert.Equal(0, await app.ReadAsync(db => db.AuditEntries.CountAsync()));
    }

    [Fact]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostProAsync))]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostBasicAsync))]
    public async Task Pro_is_given_until_a_day_is_over_and_ended_before()
    {
        Assert.Equal(429, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Hello"))).Status);
        var (day, reason) = (DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime).AddDays(2), ("reason", Reason));

        Assert.Equal((303, page), await WhereAsync(olga.DoAsync(page, "pro", ("until", day.ToString("O")), reason)));

        Assert.Equal(("give Pro", subject, "no Pro given", Reason), await LastAsync(d => (d.Action, d.Subject, d.Before!, d.Reason!)));
        var plan = (await maya.GetAsync("/billing")).Document.QuerySelector("#plan")!;
        Assert.Equal("pro", plan.GetAttribute("data-plan"));
        Assert.Contains($"Pro until{day:d MMM yyyy}, given by the operator", Regex.Replace(plan.TextContent, @"\s+", " "), StringComparison.Ordinal);
        Assert.Null(plan.QuerySelector("form[action='/billing/checkout']"));
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        Assert.Equal(ChatMvc.Completions.Payer.Pro, (await app.AnswerRequestsAsync())[^1].Payer);

        Assert.Equal((303, page), await WhereAsync(olga.DoAsync(page, "basic", reason)));
        Assert.Equal(("end Pro", "no Pro given"), await LastAsync(d => (d.Action, d.After!)));
        Assert.Equal("basic", await maya.PlanAsync());

        // The last day is theirs to its end.
        await olga.DoAsync(page, "pro", ("until", day.ToString("O")), reason);
        app.Time.Advance(day.AddDays(1).ToDateTime(TimeOnly.MinValue) - app.Time.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(1));
        Assert.Equal("pro", await maya.PlanAsync());
        app.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("basic", await maya.PlanAsync());
    }

    [Theory]
    [InlineData("2001-01-01")]
    [InlineData("2099-01-01")]
    [InlineData("tomorrow")]
    [InlineData("")]
    public async Task Pro_is_given_from_today_on_for_five_years_at_most(string day)
    {
        Assert.Equal(422, (await olga.AskToAsync(page, "pro", ("until", day), ("reason", Reason))).Status);
        Assert.Equal("basic", await maya.PlanAsync());
    }

    [Fact]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostSignOutAsync))]
    public async Task Signed_out_everywhere_is_with_the_next_request_and_with_open_streams()
    {
        using var phone = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        using var following = await RoomFollower.OpenAsync(maya, chat);

        Assert.Equal((303, page), await WhereAsync(olga.DoAsync(page, "signout")));

        await EndsAsync(following);
        Assert.Equal((303, 303), ((await maya.GetAsync("/chats")).Status, (await phone.GetAsync("/chats")).Status));
        Assert.Equal(("sign out everywhere", subject, "2 devices", "0 devices"), await LastAsync(d => (d.Action, d.Subject, d.Before!, d.After!)));
        Assert.Equal(200, (await olga.GetAsync(page)).Status);
        using var again = await app.SignInAsAsync("Maya");
    }

    [Fact]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostDeleteAsync))]
    public async Task An_account_is_deleted_by_who_types_its_number_and_the_log_forgets_it_too()
    {
        await app.CreditAsync("Maya", 5);
        await maya.LastAnswerAsync(await maya.StartChatAsync("My secret is a pelican"));
        var phone = TestApp.PhoneOf("Maya");
        foreach (var typed in new[] { "", "yes", TestApp.PhoneOf(Ops.Operator), phone[..^1] })
            Assert.Equal(422, (await olga.AskToAsync(page, "delete", ("phone", typed), ("reason", Reason))).Status);
        Assert.Equal(422, (await olga.AskToAsync(page, "delete", ("phone", phone), ("reason", ""))).Status);
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);

        Assert.Equal((303, "/ops/users"), await WhereAsync(olga.AskToAsync(page, "delete", ("phone", phone), ("reason", Reason))));

        Assert.Equal(303, (await maya.GetAsync("/chats")).Status);
        await Rooms.EventuallyAsync(async () => (await app.MessagesAsync()).Count == 0, "what was written is removed");
        var deed = await app.LastDeedAsync();
        Assert.Equal(("delete account", subject, "deleted", Reason), (deed.Action, deed.Subject, deed.After, deed.Reason));
        Assert.DoesNotContain(phone, (await olga.GetAsync("/ops/audit.csv")).Text, StringComparison.Ordinal);
        var left = await olga.GetAsync(page);
        Assert.Contains("was deleted on", left.Text, StringComparison.Ordinal);
        Assert.Null(left.Document.QuerySelector("form[method=post]"));
        Assert.Equal(404, (await olga.PostAsync($"{page}/suspend", ("reason", Reason), ("sure", "true"))).Status);
        using var again = await app.SignInAsAsync("Maya");
    }

    [Fact]
    public async Task Operators_cannot_shut_themselves_out_by_accident()
    {
        var mine = await app.PageOfAsync(Ops.Operator);
        var shown = await olga.GetAsync(mine);
        foreach (var deed in new[] { "suspend", "signout", "delete" })
        {
            Assert.Null(shown.Document.QuerySelector($"form[action='{mine}/{deed}']"));
            Assert.Equal(422, (await olga.PostAsync($"{mine}/{deed}", ("reason", Reason), ("phone", TestApp.PhoneOf(Ops.Operator)), ("sure", "true"))).Status);
        }
        Assert.Equal(200, (await olga.GetAsync(mine)).Status);
        Assert.Equal(0, await app.ReadAsync(db => db.AuditEntries.CountAsync()));
    }

    [Fact]
    public async Task Use_stands_by_month_with_all_that_it_cost_upstream()
    {
        var now = app.Time.GetUtcNow();
        await app.UseAsync("Maya", now, cost: 20_000);
        await app.UseAsync("Maya", now, cost: 30_000, payer: "Operator", kind: "Title");
        await app.UseAsync("Maya", now.AddMonths(-1), cost: 10_000);
        await app.UseAsync("Maya", now.AddMonths(-12), cost: 10_000);
        await app.SqlAsync($"INSERT INTO DailyCosts (UserId, Day, Micros) VALUES ({(await app.UserAsync("Maya")).Id}, {DailyCost.DayOf(now)}, 50000)");

        var rows = (await olga.GetAsync(page)).Document.QuerySelectorAll("[aria-labelledby=use-title] tbody tr").Select(r => string.Join('|', r.Children.Select(c => c.TextContent.Trim()))).ToList();

        Assert.Equal(2, rows.Count);
        Assert.StartsWith(now.ToString("MMMM yyyy") + "|1|100|20|$0.00|$0.05", rows[0], StringComparison.Ordinal);
        Assert.StartsWith(now.AddMonths(-1).ToString("MMMM yyyy") + "|1|100|20|", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_has_no_page()
    {
        foreach (var path in new[] { "/ops/users/987654", "/ops/users/0", "/ops/users/x", $"{page}/credit", $"{page}/nothing" }) Assert.Equal((path, 404), (path, (await olga.GetAsync(path)).Status));
        Assert.Equal(404, (await olga.PostAsync("/ops/users/987654/suspend", ("reason", Reason), ("sure", "true"))).Status);
    }

    [Fact]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostSuspendAsync))]
    [FindsInAuditLog(typeof(PersonModel), nameof(PersonModel.OnPostAdmitAsync))]
    public async Task Who_is_suspended_is_out_at_once_with_streams_and_answers_until_let_in_again()
    {
        using var phone = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "First words and then a silence.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Tell me a long story");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.StartChatAsync("And another one");
        using var following = await RoomFollower.OpenAsync(phone, chat);

        Assert.Equal((303, page), await WhereAsync(olga.DoAsync(page, "suspend", ("reason", Reason))));

        Assert.Equal(("suspend", subject, "may sign in", "suspended", Reason), await LastAsync(d => (d.Action, d.Subject, d.Before!, d.After!, d.Reason!)));
        await EndsAsync(following);
        Assert.Equal((303, 303), ((await maya.GetAsync("/chats")).Status, (await phone.GetAsync("/chats")).Status));
        await Rooms.EventuallyAsync(async () => (await app.MessagesAsync()).All(m => m.Role == ChatMvc.Chats.Role.User || m.State == ChatMvc.Chats.MessageState.Stopped), "all answers are stopped");
        Assert.Single(await app.AnswerRequestsAsync());
        Assert.NotNull((await olga.GetAsync(page)).Notice("suspended"));

        // The door opens to the right code no further than to the words.
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var (wrong, right) = await SignInAsync(maya);
        Assert.Equal(422, wrong.Status);
        Assert.DoesNotContain("suspended", wrong.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((303, "/signin/suspended"), (right.Status, right.Location));
        Assert.Contains("Ask whoever runs", (await maya.GetAsync(right.Location!)).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await maya.GetAsync("/chats")).Status);

        Assert.Equal((303, page), await WhereAsync(olga.DoAsync(page, "admit")));
        Assert.Equal(("let in again", subject), await LastAsync(d => (d.Action, d.Subject)));
        app.Time.Advance(TimeSpan.FromMinutes(1));
        using var again = await app.SignInAsAsync("Maya");
        Assert.Equal(200, (await again.GetAsync(chat)).Status);
    }

    [Fact]
    public async Task A_session_begun_while_its_person_was_suspended_opens_nothing()
    {
        await app.SqlAsync($"UPDATE Users SET SuspendedAt = 1 WHERE Phone = '{TestApp.PhoneOf("Maya")}'");
        Assert.Equal(303, (await maya.GetAsync("/chats")).Status);
    }

    private static async Task<(Answer Wrong, Answer Right)> SignInAsync(Visitor visitor)
    {
        var start = await visitor.GetAsync("/signin");
        var asked = await visitor.SubmitAsync(start.Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!, ("phone", TestApp.PhoneOf("Maya")));
        var code = await visitor.GetAsync(asked.Location!);
        // Each look waits three seconds for the text message, which a busy machine may send later.
        for (var look = 1; code.Document.QuerySelector("#sandbox-code") is null && look < 10; look++) code = await visitor.GetAsync(asked.Location!);
        var form = code.Document.QuerySelector<IHtmlFormElement>("form:has([name=code])")!;
        var digits = code.Document.QuerySelector("#sandbox-code")!.TextContent;
        return (await visitor.SubmitAsync(form, ("code", digits == "123456" ? "654321" : "123456")), await visitor.SubmitAsync(form, ("code", digits)));
    }

    private static async Task EndsAsync(RoomFollower following)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await following.NextAsync(limit.Token) is not null) { }
    }

    private async Task<T> LastAsync<T>(Func<ChatMvc.Operators.Audit.AuditEntry, T> read) => read(await app.LastDeedAsync());

    private static async Task<(int, string?)> WhereAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Location);
}
