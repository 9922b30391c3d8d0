using ChatMvc.Accounts;
using ChatMvc.Sms;
using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Sms;

public sealed class SendSmsTests
{
    private static readonly PhoneNumber Maya = PhoneNumber.Parse("+12125550101");

    [Fact]
    public async Task A_message_is_sent_once_however_often_the_bell_rings()
    {
        await using var app = await AccountApp.StartAsync();
        var id = await PutAsync(app, "Hello");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RunAsync<SendSms>(app, $"{id}")));
        var sms = await FindAsync(app, id);
        Assert.Equal((SmsState.Sent, 1), (sms.State, app.Twilio.Received));
        Assert.Equal(app.Twilio.LastTo(Maya.ToString())!.Sid, sms.Sid);
        Assert.NotNull(sms.SentAt);
        Assert.Null(sms.ProtectedBody);
    }

    [Fact]
    public async Task A_message_left_without_a_job_is_found_by_the_sweep()
    {
        await using var app = await AccountApp.StartAsync();
        var id = await PutAsync(app, "Hello");
        await RunAsync<SmsSweep>(app, "");
        Assert.Equal(SmsState.Waiting, (await FindAsync(app, id)).State);
        app.Time.Advance(TimeSpan.FromSeconds(3));
        await RunAsync<SmsSweep>(app, "");
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
        Assert.Equal(1, app.Twilio.Received);
    }

    [Fact]
    public async Task A_process_that_dies_between_sending_and_sent_sends_nothing_twice()
    {
        var folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;
        try
        {
            long id;
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                // The message reaches Twilio; that it did is never written down.
                await app.WriteAsync("CREATE TRIGGER die BEFORE UPDATE ON SmsMessages WHEN new.State = 'Sent' BEGIN SELECT RAISE(ABORT, 'died'); END");
                id = await PutAsync(app, "Hello");
                await Assert.ThrowsAnyAsync<Exception>(() => RunAsync<SendSms>(app, $"{id}"));
                Assert.Equal((SmsState.Sending, 1), ((await FindAsync(app, id)).State, app.Twilio.Received));
                await app.WriteAsync("DROP TRIGGER die");
            }
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                await RunAsync<SendSms>(app, $"{id}");
                await RunAsync<SmsSweep>(app, "");
                Assert.Equal(SmsState.Sending, (await FindAsync(app, id)).State);
                app.Time.Advance(TimeSpan.FromSeconds(61));
                await RunAsync<SmsSweep>(app, "");
                await RunAsync<SendSms>(app, $"{id}");
                var sms = await FindAsync(app, id);
                Assert.Equal(SmsState.Unknown, sms.State);
                Assert.Null(sms.ProtectedBody);
                Assert.Equal(0, app.Twilio.Received);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_sweep_gave_up_still_counts()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.Behaviour = new() { DelayMs = 1_500, Times = 1 };
        var id = await PutAsync(app, "Hello");
        var sending = RunAsync<SendSms>(app, $"{id}");
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sending);
        app.Time.Advance(TimeSpan.FromSeconds(61));
        await RunAsync<SmsSweep>(app, "");
        Assert.Equal(SmsState.Unknown, (await FindAsync(app, id)).State);
        await sending;
        Assert.Equal(SmsState.Sent, (await FindAsync(app, id)).State);
    }

    [Fact]
    public async Task A_message_that_waited_too_long_is_not_sent_and_its_text_is_gone()
    {
        await using var app = await AccountApp.StartAsync();
        var id = await PutAsync(app, "Hello");
        app.Time.Advance(TimeSpan.FromMinutes(11));
        await RunAsync<SendSms>(app, $"{id}");
        var sms = await FindAsync(app, id);
        Assert.Equal((SmsState.Failed, 0), (sms.State, app.Twilio.Received));
        Assert.Null(sms.ProtectedBody);
    }

    [Fact]
    public async Task A_refused_message_fails_with_its_code_and_an_uncertain_one_is_unknown()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(21408);
        var refused = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{refused}");
        app.Twilio.WillRefuse(20500, 500);
        var uncertain = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{uncertain}");
        Assert.Equal((SmsState.Failed, (int?)21408), ((await FindAsync(app, refused)).State, (await FindAsync(app, refused)).ErrorCode));
        Assert.Equal(SmsState.Unknown, (await FindAsync(app, uncertain)).State);
        Assert.Null((await FindAsync(app, uncertain)).ProtectedBody);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        await RunAsync<SmsSweep>(app, "");
        await RunAsync<SendSms>(app, $"{uncertain}");
        Assert.Equal(2, app.Twilio.Received);
    }

    [Fact]
    public async Task What_was_certainly_not_taken_is_tried_again_after_a_wait()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(20429, 429);
        var id = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{id}");
        var waiting = await FindAsync(app, id);
        Assert.Equal((SmsState.Waiting, 1, (int?)20429), (waiting.State, waiting.Attempts, waiting.ErrorCode));
        Assert.NotNull(waiting.ProtectedBody);
        Assert.InRange(waiting.NextAttemptAt!.Value - app.Time.GetUtcNow(), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7.5));
        // Nobody is quicker by ringing twice.
        await RunAsync<SendSms>(app, $"{id}");
        Assert.Equal(1, app.Twilio.Received);
        app.Time.Advance(TimeSpan.FromSeconds(8));
        await RunAsync<SendSms>(app, $"{id}");
        // Or the server's own job, which the clock has woken as well.
        var sent = await app.EventuallyAsync(db => db.SmsMessages.AsNoTracking().SingleAsync(s => s.Id == id), s => s.State != SmsState.Sending);
        Assert.Equal((SmsState.Sent, 2, (int?)null), (sent.State, sent.Attempts, sent.ErrorCode));
        Assert.Equal((2, 1), (app.Twilio.Received, app.Twilio.Messages.Count));
        Assert.Null(sent.ProtectedBody);
    }

    [Fact]
    public async Task The_next_attempt_comes_by_itself()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(20429, 429);
        using var maya = app.Browser();
        await maya.AskAsync(Maya.ToString());
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
        Assert.Equal((2, 1), (app.Twilio.Received, app.Twilio.Messages.Count));
    }

    [Fact]
    public async Task The_third_attempt_is_the_last()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(20429, 429, times: 9);
        var id = await PutAsync(app, "Hello");
        for (var i = 0; i < 5; i++)
        {
            await RunAsync<SendSms>(app, $"{id}");
            app.Time.Advance(TimeSpan.FromMinutes(1));
        }
        // The bell rings for it as well, and may be in the middle of the last attempt.
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Failed);
        var sms = await FindAsync(app, id);
        Assert.Equal((SmsState.Failed, 3, (int?)20429), (sms.State, sms.Attempts, sms.ErrorCode));
        Assert.Null(sms.ProtectedBody);
        Assert.Equal(3, app.Twilio.Received);
    }

    [Theory]
    [InlineData(120, SmsState.Waiting)]
    [InlineData(601, SmsState.Failed)]
    public async Task Twilios_wish_to_be_left_alone_is_kept_for_as_long_as_the_text_has_a_point(int seconds, SmsState state)
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.Behaviour = new() { Code = 20429, RetryAfterSeconds = seconds, Times = 1 };
        var id = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{id}");
        Assert.Equal(state, (await FindAsync(app, id)).State);
        app.Time.Advance(TimeSpan.FromSeconds(seconds - 5));
        await RunAsync<SendSms>(app, $"{id}");
        Assert.Equal(1, app.Twilio.Received);
    }

    [Fact]
    public async Task A_wait_for_another_attempt_survives_a_restart_and_the_loss_of_the_jobs()
    {
        var folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;
        try
        {
            long id;
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                app.Twilio.Behaviour = new() { Code = 20429, RetryAfterSeconds = 60, Times = 1 };
                id = await PutAsync(app, "Hello");
                await RunAsync<SendSms>(app, $"{id}");
            }
            foreach (var file in Directory.GetFiles(folder, "jobs.db*")) File.Delete(file);
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                await RunAsync<SmsSweep>(app, "");
                Assert.Equal(SmsState.Waiting, (await FindAsync(app, id)).State);
                app.Time.Advance(TimeSpan.FromSeconds(65));
                await RunAsync<SmsSweep>(app, "");
                await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
                Assert.Equal("Hello", Assert.Single(app.Twilio.Messages).Body);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(21610, 10)]
    [InlineData(21614, 30 * 24 * 60)]
    [InlineData(30005, 7 * 24 * 60)]
    public async Task A_number_where_nothing_arrives_is_left_alone_for_a_while(int errorCode, int minutes)
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(errorCode);
        await RunAsync<SendSms>(app, $"{await PutAsync(app, "Hello")}");
        app.Time.Advance(TimeSpan.FromMinutes(minutes - 1));
        var withheld = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{withheld}");
        var sms = await FindAsync(app, withheld);
        Assert.Equal((SmsState.Withheld, (int?)errorCode, 1), (sms.State, sms.ErrorCode, app.Twilio.Received));
        Assert.Null(sms.ProtectedBody);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        await RunAsync<SmsSweep>(app, "");
        Assert.Equal(0, await app.ReadAsync(db => db.SmsBlocks.CountAsync()));
        var later = await PutAsync(app, "Hello");
        await RunAsync<SendSms>(app, $"{later}");
        Assert.Equal(SmsState.Sent, (await FindAsync(app, later)).State);
    }

    [Fact]
    public async Task A_refusal_that_says_nothing_of_the_number_blocks_it_not()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(30007);
        await RunAsync<SendSms>(app, $"{await PutAsync(app, "Hello")}");
        Assert.Equal(0, await app.ReadAsync(db => db.SmsBlocks.CountAsync()));
    }

    [Fact]
    public async Task A_withheld_message_is_never_sent()
    {
        await using var app = await AccountApp.StartAsync();
        var id = await app.ReadAsync(db => db.WriteAsync(async () =>
        {
            var sms = SmsMessage.Withheld(Maya, app.Time.GetUtcNow());
            db.SmsMessages.Add(sms);
            await db.SaveChangesAsync();
            return sms.Id;
        }));
        app.Time.Advance(TimeSpan.FromMinutes(5));
        await RunAsync<SmsSweep>(app, "");
        await RunAsync<SendSms>(app, $"{id}");
        Assert.Equal((SmsState.Withheld, 0), ((await FindAsync(app, id)).State, app.Twilio.Received));
    }

    [Fact]
    public async Task Old_messages_are_forgotten()
    {
        await using var app = await AccountApp.StartAsync();
        await RunAsync<SendSms>(app, $"{await PutAsync(app, "Hello")}");
        app.Time.Advance(TimeSpan.FromDays(31));
        await RunAsync<SmsSweep>(app, "");
        Assert.Equal(0, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
    }

    [Fact]
    public async Task The_console_gets_one_plain_line_and_the_log_none()
    {
        var written = new StringWriter();
        var standard = Console.Out;
        Console.SetOut(TextWriter.Synchronized(written));
        try
        {
            await using var app = await AccountApp.StartAsync("Sms:Provider=console", "PublicUrl=https://chat.example.org", "Sms:Countries=*");
            using var maya = app.Browser();
            await maya.AskAsync(Maya.ToString());
            await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
            var line = written.ToString().Split('\n').Single(l => l.Contains(Maya.ToString(), StringComparison.Ordinal));
            Assert.Matches(@"^ChatMvc message for \+12125550101: [0-9]{6} is your ChatMvc code\. +@chat\.example\.org #[0-9]{6}$", line);
            Assert.Equal(303, (await maya.TypeAsync(line.Split(": ")[1][..6])).Status);
            Assert.DoesNotContain(Maya.ToString(), app.Log.All, StringComparison.Ordinal);
        }
        finally
        {
            Console.SetOut(standard);
        }
    }

    private static Task<long> PutAsync(AccountApp app, string text) => app.ReadAsync(db => db.WriteAsync(async () =>
    {
        var sms = new SmsMessage(Maya, app.Services.GetRequiredService<SmsSeal>().Close(text), app.Time.GetUtcNow());
        db.SmsMessages.Add(sms);
        await db.SaveChangesAsync();
        return sms.Id;
    }));

    private static Task<SmsMessage> FindAsync(AccountApp app, long id) =>
        app.ReadAsync(db => db.SmsMessages.AsNoTracking().SingleAsync(s => s.Id == id));

    private static async Task RunAsync<T>(AccountApp app, string id) where T : ChatMvc.Jobs.IJobHandler
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(id, CancellationToken.None);
    }
}
