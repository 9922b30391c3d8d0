using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Completions;
using ChatMvc.Jobs;
using ChatMvc.Operators.Jobs;
using ChatMvc.Tests.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators.Jobs;

/// <summary>The page of jobs, and what is done on it.</summary>
public sealed class JobsPageTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
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

    private JobQueue Queue => app.Services.GetRequiredService<JobQueue>();

    [Fact]
    [FindsInAuditLog(typeof(JobModel), nameof(JobModel.OnPostRetryAsync))]
    public async Task A_failed_job_stands_there_with_the_exception_s_name_and_is_rung_again()
    {
        await Queue.EnqueueAsync<AnswerJob>("no-number");
        var failed = await RowAsync("/ops/jobs?state=failed", "tr[data-job='answer no-number']");
        Assert.Contains("FormatException", failed.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("correct format", failed.TextContent, StringComparison.Ordinal);

        var done = await olga.SubmitAsync(Form(failed, "Retry"));

        Assert.Equal((303, "/ops/jobs"), (done.Status, done.Location));
        Assert.Contains("rung again", (await olga.GetAsync("/ops/jobs")).Notice("info"), StringComparison.Ordinal);
        Assert.Equal(("retry job", "job answer no-number"), await LastAsync());
        await RowAsync("/ops/jobs/job?kind=answer&id=no-number", "tr[data-standing=failed]:nth-of-type(2)");
        var page = await olga.GetAsync("/ops/jobs/job?kind=answer&id=no-number");
        Assert.Equal(["2", "1"], page.Document.QuerySelectorAll("tr[data-job] td:nth-child(5)").Select(c => c.TextContent.Trim()));
        Assert.Contains("The job answer no-number failed (FormatException)", page.Document.QuerySelector(".job-log")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("correct format", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    [FindsInAuditLog(typeof(JobModel), nameof(JobModel.OnPostCancelAsync))]
    public async Task An_answer_whose_run_is_cancelled_keeps_what_was_written_and_is_not_written_again()
    {
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(1);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How are you?");
        await maya.AnswerInStateAsync(chat, "streaming");
        var running = await RowAsync("/ops/jobs?state=running", "tr[data-standing=running]");

        var done = await olga.SubmitAsync(Form(running, "Cancel"));

        Assert.Equal(303, done.Status);
        Assert.Equal(("cancel job", "job " + running.GetAttribute("data-job")), await LastAsync());
        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());
        await UntilAsync(async () => (await olga.GetAsync("/ops/jobs?state=running")).Document.QuerySelector("tr[data-standing=running]") is null);
        await SweepAsync();
        Assert.Empty(await Queue.PendingIdsAsync<AnswerJob>());
        var late = await olga.SubmitAsync(Form(running, "Cancel"));
        Assert.Equal(422, late.Status);
        Assert.Contains("does not run", late.Notice("error"), StringComparison.Ordinal);
    }

    [Fact]
    [FindsInAuditLog(typeof(JobModel), nameof(JobModel.OnPostDeleteAsync))]
    public async Task A_job_that_waits_for_its_time_is_deleted_after_a_second_look()
    {
        await Queue.EnqueueAsync<AnswerJob>("7", app.Time.GetUtcNow().AddHours(1));
        var waiting = await RowAsync("/ops/jobs?state=scheduled", "tr[data-job='answer 7']");
        Assert.NotNull(waiting.QuerySelector("details:not([open]) form[action$=Delete]"));

        Assert.Equal(303, (await olga.SubmitAsync(Form(waiting, "Delete"))).Status);

        Assert.Empty(await Queue.PendingIdsAsync<AnswerJob>());
        Assert.Equal(("delete job", "job answer 7"), await LastAsync());
        Assert.Equal(422, (await olga.SubmitAsync(Form(waiting, "Delete"))).Status);
    }

    [Fact]
    [FindsInAuditLog(typeof(JobsModel), nameof(JobsModel.OnPostPauseAsync))]
    [FindsInAuditLog(typeof(JobsModel), nameof(JobsModel.OnPostResumeAsync))]
    public async Task Answers_of_a_paused_kind_wait_until_it_is_resumed_and_after_a_while_the_page_says_so()
    {
        app.OpenAI.WillAnswer("Here it is.");
        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", "tr[data-kind=answer]"), "Pause"))).Status);
        Assert.Equal(("pause jobs", "jobs answer"), await LastAsync());

        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How are you?");
        await RowAsync("/ops/jobs?state=waiting&kind=answer", "tr[data-standing=waiting]");
        Assert.Equal("queued", (await maya.AnswerInStateAsync(chat, "queued")).State());
        app.Time.Advance(TimeSpan.FromMinutes(2));
        var page = await olga.GetAsync("/ops/jobs");
        var alarms = page.Document.QuerySelectorAll("[data-notice=alarm]");
        Assert.Contains("has waited for 2 minutes", alarms[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("The kind answer is paused, and 1 job of it waits", alarms[1].TextContent, StringComparison.Ordinal);
        Assert.All(alarms, a => Assert.EndsWith("#stuck-job", a.QuerySelector("a")!.GetAttribute("href"), StringComparison.Ordinal));

        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", "tr[data-kind=answer]"), "Resume"))).Status);

        Assert.Equal(("resume jobs", "jobs answer"), await LastAsync());
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        Assert.Null((await olga.GetAsync("/ops/jobs")).Document.QuerySelector("[data-notice=alarm]"));
    }

    [Fact]
    public async Task An_answer_whose_waiting_job_is_deleted_is_stopped_and_never_asked_for()
    {
        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", "tr[data-kind=answer]"), "Pause"))).Status);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How are you?");

        var waiting = await RowAsync("/ops/jobs?state=waiting&kind=answer", "tr[data-standing=waiting]");
        Assert.Equal(303, (await olga.SubmitAsync(Form(waiting, "Delete"))).Status);

        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());
        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", "tr[data-kind=answer]"), "Resume"))).Status);
        await SweepAsync();
        Assert.Empty(await Queue.PendingIdsAsync<AnswerJob>());
        Assert.Equal(0, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task A_second_job_of_an_answer_that_is_written_is_deleted_without_stopping_it()
    {
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(1);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How are you?");
        await maya.AnswerInStateAsync(chat, "streaming");
        var job = (await RowAsync("/ops/jobs?state=running", "tr[data-standing=running]")).GetAttribute("data-job")!;
        await Queue.EnqueueAsync<AnswerJob>(job.Split(' ')[1], app.Time.GetUtcNow().AddHours(1));

        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs?state=scheduled", $"tr[data-job='{job}']"), "Delete"))).Status);

        Assert.Equal("streaming", (await maya.AnswerInStateAsync(chat, "streaming")).State());
        Assert.NotNull((await olga.GetAsync("/ops/jobs?state=running")).Document.QuerySelector($"tr[data-job='{job}']"));
    }

    [Fact]
    [FindsInAuditLog(typeof(JobsModel), nameof(JobsModel.OnPostRunNowAsync))]
    [FindsInAuditLog(typeof(JobsModel), nameof(JobsModel.OnPostPauseRoundsAsync))]
    [FindsInAuditLog(typeof(JobsModel), nameof(JobsModel.OnPostResumeRoundsAsync))]
    public async Task A_recurring_job_is_run_now_paused_and_resumed()
    {
        const string Upkeep = "tr[data-recurring=account-upkeep]";
        var before = LastOf("account-upkeep");
        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", Upkeep), "RunNow"))).Status);
        Assert.Equal(("run now", "recurring account-upkeep"), await LastAsync());
        await UntilAsync(() => Task.FromResult(LastOf("account-upkeep") > before));

        Assert.Equal(303, (await olga.SubmitAsync(Form(await RowAsync("/ops/jobs", Upkeep), "PauseRounds"))).Status);
        Assert.Equal(("pause rounds", "recurring account-upkeep"), await LastAsync());
        var paused = await RowAsync("/ops/jobs", Upkeep);
        Assert.Equal("Paused", paused.QuerySelector("td:nth-child(5)")!.TextContent.Trim());

        Assert.Equal(303, (await olga.SubmitAsync(Form(paused, "ResumeRounds"))).Status);
        Assert.Equal(("resume rounds", "recurring account-upkeep"), await LastAsync());
        Assert.NotNull((await RowAsync("/ops/jobs", Upkeep)).QuerySelector("td:nth-child(5) time"));
        Assert.Equal(422, (await olga.SubmitAsync(Form(paused, "ResumeRounds"), ("kind", "nothing"))).Status);
    }

    [Fact]
    public async Task Past_jobs_are_paged_and_found_by_kind_and_state()
    {
        await JobBoardTests.FillAsync(Path.Combine(app.Folder, "jobs.db"), 20_000);

        var page = await olga.GetAsync("/ops/jobs?state=ended&kind=throw");
        var older = await olga.GetAsync(page.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!.Split('#')[0]);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"throw {i * 3 + 1}"),
            page.Document.QuerySelectorAll("tr[data-job]").Concat(older.Document.QuerySelectorAll("tr[data-job]")).Select(r => r.GetAttribute("data-job")));
        var failed = (await olga.GetAsync("/ops/jobs?state=failed")).Document;
        Assert.All(failed.QuerySelectorAll("tr[data-job]"), r => Assert.Equal("failed", r.GetAttribute("data-standing")));
        Assert.Equal("2,000", failed.QuerySelector("#failed")!.TextContent);
        Assert.StartsWith("20,0", failed.QuerySelector(".job-chart title")!.TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(failed.QuerySelectorAll(".job-chart rect.failed"));
        Assert.NotNull(failed.QuerySelector("tr[data-server] time"));
        Assert.NotNull((await olga.GetAsync("/ops/jobs?state=dead")).Document.QuerySelector(".empty"));
    }

    [Fact]
    public async Task A_job_that_never_was_is_not_found_and_no_figures_stand_within_a_form()
    {
        Assert.Equal(404, (await olga.GetAsync("/ops/jobs/job?kind=answer&id=none")).Status);
        Assert.Equal(404, (await olga.GetAsync($"/ops/jobs/job?kind=answer&id={new string('x', 200)}")).Status);
        var page = await olga.GetAsync("/ops/jobs?state=nonsense&before=nonsense");
        Assert.Equal(200, page.Status);
        var figures = page.Document.QuerySelector("#job-figures[hx-trigger^=every]")!;
        Assert.Null(figures.QuerySelector("form, input, button"));
    }

    private async Task SweepAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AnswerSweep>().RunAsync(AnswerSweep.Kind, default);
    }

    private DateTimeOffset? LastOf(string kind) => app.Services.GetRequiredService<JobBoard>().Recurring.Single(r => r.Kind == kind).LastAt;

    private async Task<(string, string)> LastAsync()
    {
        var deed = await app.LastDeedAsync();
        Assert.Equal(TestApp.PhoneOf(Ops.Operator), deed.Actor);
        return (deed.Action, deed.Subject);
    }

    private async Task<IElement> RowAsync(string path, string selector)
    {
        IElement? row = null;
        await UntilAsync(async () => (row = (await olga.GetAsync(path)).Document.QuerySelector(selector)) is not null);
        return row!;
    }

    private static IHtmlFormElement Form(IElement row, string handler) => row.QuerySelector<IHtmlFormElement>($"form[action$='handler={handler}']")!;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var until = DateTime.UtcNow + Patience; !await holds(); await Task.Delay(100)) Assert.True(DateTime.UtcNow < until, "It did not happen.");
    }
}
