using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Billing.Stripe;
using ChatMvc.Operators.Inbox;
using ChatMvc.Tests.Billing;
using ChatMvc.Tests.Billing.Stripe;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Operators;

/// <summary>What got stuck, and what an operator does about it.</summary>
public sealed class InboxTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor olga = null!;

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync();
        olga = await app.SignInAsOperatorAsync();
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData("Parked")]
    [InlineData("Failed")]
    [FindsInAuditLog(typeof(InboxModel), nameof(InboxModel.OnPostAgainAsync))]
    public async Task A_stuck_webhook_is_tried_again_by_asking_Stripe_anew(string state)
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.Stripe.Hold();
        var session = await maya.ToTopUpAsync();
        app.Stripe.Pay(session);
        await app.StuckAsync("evt_stuck", state, session);

        var done = await olga.SubmitAsync(Form(await olga.GetAsync("/ops/inbox"), "evt_stuck", "again"));
        await app.HeardAllAsync();

        Assert.Equal((303, "/ops/inbox"), (done.Status, done.Location));
        var row = await app.EventAsync("evt_stuck");
        Assert.Equal((WebhookState.Done, null, 0), (row.State, row.Reason, row.Attempts));
        Assert.Single(await app.LedgerAsync());
        var deed = await app.LastDeedAsync();
        Assert.Equal(("try again", "webhook evt_stuck", $"{state}: Because.", TestApp.PhoneOf(Ops.Operator)), (deed.Action, deed.Subject, deed.Before, deed.Actor));
        Assert.Empty((await olga.GetAsync("/ops/inbox")).Document.QuerySelectorAll("[data-event]"));
    }

    [Fact]
    [FindsInAuditLog(typeof(InboxModel), nameof(InboxModel.OnPostAsideAsync))]
    public async Task One_that_leads_nowhere_is_set_aside_with_a_reason_and_stays_to_be_read()
    {
        await app.StuckAsync("evt_1", "Parked");
        await app.StuckAsync("evt_2", "Failed");
        var page = await olga.GetAsync("/ops/inbox");
        var refused = await olga.SubmitAsync(Form(page, "evt_1", "aside"), ("reason", new string('x', 201)));
        Assert.Equal((422, 201), (refused.Status, Reason(refused, "evt_1").Value.Length));
        Assert.Equal(422, (await olga.SubmitAsync(Form(page, "evt_1", "aside"), ("reason", "  "))).Status);

        var done = await olga.SubmitAsync(Form(page, "evt_1", "aside"), ("reason", "Of the test <shop>"));

        Assert.Equal(303, done.Status);
        page = await olga.GetAsync("/ops/inbox");
        Assert.Equal(["evt_2"], page.Document.QuerySelectorAll("[data-event]").Select(e => e.GetAttribute("data-event")));
        Assert.Contains("Of the test <shop>", page.Document.QuerySelector("[data-past=evt_1]")!.TextContent, StringComparison.Ordinal);
        var deed = await app.LastDeedAsync();
        Assert.Equal(("set aside", "webhook evt_1", "Parked: Because.", "Of the test <shop>"), (deed.Action, deed.Subject, deed.Before, deed.Reason));
        app.Time.Advance(TimeSpan.FromDays(100));
        await app.RunAsync<StripeSweep>();
        Assert.Equal(WebhookState.SetAside, (await app.EventAsync("evt_1")).State);
    }

    [Fact]
    public async Task What_does_not_wait_any_more_is_left_alone_and_not_written_down()
    {
        await app.StuckAsync("evt_1", "Parked");
        var form = Form(await olga.GetAsync("/ops/inbox"), "evt_1", "aside");
        await olga.SubmitAsync(form, ("reason", "Once"));
        var (deed, again) = (await app.LastDeedAsync(), await olga.SubmitAsync(form, ("reason", "Twice")));
        Assert.Equal((422, deed.Id), (again.Status, (await app.LastDeedAsync()).Id));
        Assert.Equal("Once", (await app.EventAsync("evt_1")).Reason);
        await app.StuckAsync("evt_n", "Parked", about: null);
        var page = await olga.GetAsync("/ops/inbox");
        Assert.Null(page.Document.QuerySelector("[data-event=evt_n] form[action$=again]"));
        Assert.Equal(422, (await olga.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("[data-event=evt_n] form[action$=aside]")!, ("reason", ""))).Status);
    }

    [Fact]
    public async Task Failed_text_messages_stand_there_without_text_or_whole_number()
    {
        var at = app.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await app.SqlAsync($"INSERT INTO SmsMessages (\"To\", State, CreatedAt, Attempts, ErrorCode) VALUES ('+447700900123', 'Undelivered', {at}, 1, 30005), ('+447700900124', 'Unknown', {at}, 1, NULL), ('+447700900125', 'Delivered', {at}, 1, NULL)");

        var page = await olga.GetAsync("/ops/inbox");

        var rows = page.Document.QuerySelectorAll("[data-sms]").Select(r => r.TextContent).ToList();
        Assert.Equal(2, rows.Count);
        Assert.Contains(rows, r => r.Contains("0123", StringComparison.Ordinal) && r.Contains("The carrier does not know the number.", StringComparison.Ordinal) && r.Contains("30005", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.Contains("not known", StringComparison.Ordinal));
        Assert.DoesNotContain("7700900", page.Text, StringComparison.Ordinal);
    }

    private static IHtmlFormElement Form(Answer page, string id, string deed) =>
        page.Document.QuerySelector<IHtmlFormElement>($"[data-event={id}] form[action='/ops/inbox/{deed}']") ?? throw new InvalidOperationException($"No form (status {page.Status}):\n{page.Text}");

    private static IHtmlInputElement Reason(Answer page, string id) => page.Document.QuerySelector<IHtmlInputElement>($"#reason-{id}")!;
}
