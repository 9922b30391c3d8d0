using System.Diagnostics;
using AngleSharp.Dom;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Crash;

/// <summary>What came of it.</summary>
/// <param name="Kills">How often the running server was killed.</param>
/// <param name="KillsInStart">How often it was killed besides, before it had started.</param>
/// <param name="Sends">Messages that got their <c>303</c>.</param>
/// <param name="Repeated">Posts that had to be sent again, because no answer came.</param>
/// <param name="AskedTwice">Answers that a crash hit, so that the upstream was asked again.</param>
/// <param name="Failed">Answers that two crashes hit.</param>
/// <param name="Starts">How long the starts took.</param>
/// <param name="Settling">From the last start until every answer had ended.</param>
/// <param name="Problems">What should not be; empty when all is well.</param>
public sealed record RandomKillsResult(
    int Kills, int KillsInStart, int Sends, int Repeated, int AskedTwice, int Failed, IReadOnlyList<TimeSpan> Starts, TimeSpan Settling, IReadOnlyList<string> Problems);

/// <summary>
/// Kills the real server at random moments while several people send. Whoever gets no answer posts the same form again.
/// Afterwards every message that got its <c>303</c> has to be there once, answered once.
/// </summary>
public sealed class RandomKills : IAsyncDisposable
{
    /// <summary>After its last start the server has this long to bring every answer to its end.</summary>
    public static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(60);
    private static readonly string[] Names = ["Maya", "Noor", "Ines", "Otto", "Lena"];
    private static readonly string AnswerText = string.Join(' ', Enumerable.Range(1, 15).Select(n => $"Bread needs time, {n}."));
    /// <summary>Milliseconds a token: about 0.6 s an answer.</summary>
    private const int TokenDelay = 8;
    /// <summary>Milliseconds after the start within which it is killed.</summary>
    private const int LatestKill = 1_500;
    /// <summary>Milliseconds from the birth of the process: within its start-up on most machines.</summary>
    private const int LatestKillInStart = 1_000;
    /// <summary>Every so many starts, one is killed on the way.</summary>
    private const int KillInStartEvery = 5;
    /// <summary>Milliseconds that a person reads before writing the next message.</summary>
    private const int LongestPause = 600;
    /// <summary>Chats are kept short enough to be seen on one page of 50 messages.</summary>
    private const int LongestChat = 20;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    /// <summary>How long one person tries to get one message accepted.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromMinutes(2);

    private readonly MortalApp app;
    private readonly List<Sender> senders;
    private readonly int seed;
    private readonly Action<string> say;
    private volatile bool isOver;

    private RandomKills(MortalApp app, List<Sender> senders, int seed, Action<string> say) =>
        (this.app, this.senders, this.seed, this.say) = (app, senders, seed, say);

    /// <param name="kills">How often the running server is killed.</param>
    /// <param name="seed">Of all that is random here; what happens in the server has its own timing all the same.</param>
    /// <param name="say">Hears of the progress, a line at a time.</param>
    public static async Task<RandomKillsResult> RunAsync(int kills, int seed, Action<string>? say = null)
    {
        await using var app = await MortalApp.StartAsync(null, "Limits:BasicMessages=3", "RateLimits:Enabled=false");
        app.OpenAI.WillHurry(tokenDelayMs: TokenDelay);
        app.OpenAI.WillAnswer(AnswerText);
        var senders = new List<Sender>();
        foreach (var name in Names) senders.Add(new Sender(name, await app.SignInAsAsync(name)));
        // The first messages are free, all others paid for: the books have to balance as well.
        await app.ReadAsync(db => db.Database.ExecuteSqlRawAsync("""
            INSERT INTO LedgerEntries (UserId, LiveMode, Kind, AmountMicros, BalanceMicros, Reference, CreatedAt)
            SELECT Id, 0, 'TopUp', 100000000, 100000000, 'pi_' || Id, 0 FROM Users
            """));
        await using var run = new RandomKills(app, senders, seed, say ?? (_ => { }));
        return await run.RunAsync(kills);
    }

    public ValueTask DisposeAsync()
    {
        isOver = true;
        senders.ForEach(s => s.Visitor.Dispose());
        return ValueTask.CompletedTask;
    }

    private async Task<RandomKillsResult> RunAsync(int kills)
    {
        var sending = Task.WhenAll(senders.Select((s, n) => Task.Run(() => SendAsync(s, new Random(seed + n + 1)))));
        var calls = new Dictionary<string, string>();
        var starts = new List<TimeSpan>();
        var killsInStart = await KillAsync(kills, starts, calls, sending);
        var sinceLastStart = Stopwatch.GetTimestamp();
        isOver = true;
        await sending;
        var settled = await SettleAsync(sinceLastStart);
        Note(calls);
        var problems = new List<string>();
        if (settled > LongestSettling) problems.Add($"After {settled.TotalSeconds:N0} s some answers had not ended.");
        problems.AddRange(await JobsLeftAsync());
        await CheckPagesAsync(problems);
        var (exitCode, _) = await app.Server.TerminateAsync();
        if (exitCode != 0) problems.Add($"The last run ended with {exitCode}.");
        await CheckRowsAsync(problems);
        problems.AddRange(await app.DamageAsync());
        problems.AddRange(app.Runs.SelectMany(r => r.Errors));
        var asked = calls.Values.CountBy(question => question).ToDictionary();
        problems.AddRange(asked.Where(a => a.Value > Message.MaxRequests).Select(a => $"The upstream was asked {a.Value} times: {a.Key}"));
        return new(kills, killsInStart, Accepted, senders.Sum(s => s.Repeated), asked.Values.Count(n => n > 1),
            await app.ReadAsync(db => db.Messages.CountAsync(m => m.State == MessageState.Failed)), starts, settled, problems);
    }

    private async Task<int> KillAsync(int kills, List<TimeSpan> starts, Dictionary<string, string> calls, Task sending)
    {
        var random = new Random(seed);
        var killsInStart = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            // Half of them while the first pages are made, half while messages are taken and answered.
            if (kill % 2 == 0) await HasAcceptedOneAsync(sending);
            await Task.Delay(random.Next(LatestKill));
            await app.KillAsync();
            Note(calls);
            if (kill % KillInStartEvery == 0 && await WasKilledInStartAsync(random)) killsInStart++;
            await app.RestartAsync();
            starts.Add(app.Server.TimeToReady);
            say($"{kill} kills, {Accepted} sends, started in {app.Server.TimeToReady.TotalSeconds:N1} s");
        }
        return killsInStart;
    }

    private int Accepted => senders.Sum(s => s.Accepted.Count);

    private async Task HasAcceptedOneAsync(Task sending)
    {
        for (var before = Accepted; Accepted == before; await Task.Delay(5))
        {
            // One of them has failed, or they wait in vain.
            if (sending.IsCompleted) await sending;
        }
    }

    private async Task<bool> WasKilledInStartAsync(Random random)
    {
        var server = app.Begin();
        await Task.Delay(random.Next(LatestKillInStart));
        var wasReady = server.TimeToReady > TimeSpan.Zero;
        await app.KillAsync();
        return !wasReady;
    }

    // The upstream keeps only its last thousand calls.
    private void Note(Dictionary<string, string> calls)
    {
        foreach (var call in app.OpenAI.Calls.Snapshot().Where(c => c.Kind == CallKind.Answer)) calls[call.Id] = MortalApp.QuestionOf(call);
        app.OpenAI.Calls.Clear();
    }

    private async Task SendAsync(Sender sender, Random random)
    {
        string? chat = null;
        var length = 0;
        while (!isOver)
        {
            if (random.Next(4) == 0 || ++length > LongestChat) (chat, length) = (null, 0);
            var text = $"{sender.Name} asks for the {sender.Accepted.Count + 1}. time";
            chat = await SendAsync(sender, chat ?? "/chats", text);
            sender.Accepted.Add((chat, text));
            await Task.Delay(random.Next(LongestPause));
        }
    }

    // Loads the page and posts its form until a 303 comes. The form stays the same, and so does its nonce.
    private static async Task<string> SendAsync(Sender sender, string page, string text)
    {
        var until = DateTime.UtcNow + SendPatience;
        (string Action, Dictionary<string, string> Fields)? form = null;
        for (var posts = 0; DateTime.UtcNow < until; await Task.Delay(RetryAfter))
        {
            try
            {
                form ??= await sender.Visitor.FillInAsync(page, text);
                if (posts++ > 0) sender.Repeated++;
                var answer = await sender.Visitor.SendAsync(HttpMethod.Post, form.Value.Action, form.Value.Fields, []);
                if (answer is { Status: 303, Location: { } to } && to.StartsWith("/chats/", StringComparison.Ordinal)) return to.Split('#', '?')[0];
                // The queue of one person is full: it empties by itself.
                if (answer.Status != 429) throw new InvalidOperationException($"{sender.Name} got {answer.Status} {answer.Location}:\n{answer.Text}");
            }
            catch (HttpRequestException)
            {
                // Nobody listens at the moment, or the answer broke off.
            }
        }
        throw new InvalidOperationException($"{sender.Name} could not send within {SendPatience.TotalMinutes} min.");
    }

    private async Task<TimeSpan> SettleAsync(long since)
    {
        while (Stopwatch.GetElapsedTime(since) <= LongestSettling)
        {
            if (!await app.ReadAsync(db => db.Messages.Unfinished().AnyAsync())) break;
            await Task.Delay(50);
        }
        return Stopwatch.GetElapsedTime(since);
    }

    // Titles may be on their way for a while; then no job is left.
    private async Task<IReadOnlyList<string>> JobsLeftAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = await app.ComplaintsAsync("jobs.db", "SELECT 'left over: ' || JOB_GROUP || ' ' || JOB_NAME FROM QRTZ_JOB_DETAILS");
            if (left.Count == 0 || Stopwatch.GetElapsedTime(since) > LongestSettling) return left;
            await Task.Delay(50);
        }
    }

    // Each chat shows exactly what was sent there, in that order, each with one answer that has ended.
    private async Task CheckPagesAsync(List<string> problems)
    {
        foreach (var sender in senders)
        {
            foreach (var chat in sender.Accepted.GroupBy(a => a.Chat))
            {
                var articles = (await sender.Visitor.GetAsync(chat.Key)).Document.QuerySelectorAll("article.message").ToList();
                var shown = articles.Select(a => a.GetAttribute("data-role") == "user" ? a.Body() : StateOf(a));
                var expected = chat.SelectMany(a => new[] { a.Text, "ended" });
                if (!shown.SequenceEqual(expected)) problems.Add($"{chat.Key} shows {string.Join(" | ", shown)}");
            }
        }
    }

    private static string StateOf(IElement answer) => answer.State() switch
    {
        "done" when answer.Body() == AnswerText => "ended",
        "failed" when AnswerText.StartsWith(answer.Body(), StringComparison.Ordinal) => "ended",
        var state => $"{state}: {answer.Body()}",
    };

    private async Task CheckRowsAsync(List<string> problems)
    {
        var (messages, uses, completions, chats) = await app.ReadAsync(async db => (
            await db.Messages.AsNoTracking().ToListAsync(), await db.AllowanceUses.AsNoTracking().ToListAsync(),
            await db.Completions.AsNoTracking().ToListAsync(), await db.Chats.AsNoTracking().ToListAsync()));
        var sent = senders.SelectMany(s => s.Accepted).Select(a => a.Text).Order(StringComparer.Ordinal);
        if (!messages.Where(m => m.Role == Role.User).Select(m => m.Text!).Order(StringComparer.Ordinal).SequenceEqual(sent))
            problems.Add("The stored questions are not the ones that were accepted.");
        var answers = messages.Where(m => m.Role == Role.Assistant).ToList();
        problems.AddRange(answers.GroupBy(a => a.ParentId).Where(g => g.Count() > 1).Select(g => $"Question {g.Key} has {g.Count()} answers."));
        problems.AddRange(answers.Where(a => a.State is not (MessageState.Done or MessageState.Failed)).Select(a => $"Answer {a.Id} is {a.State}."));
        problems.AddRange(answers.Where(a => a.State == MessageState.Failed && (a.Failure != AnswerFailure.Interrupted || a.Attempt < Message.MaxRequests))
            .Select(a => $"Answer {a.Id} failed after {a.Attempt} requests: {a.Failure}."));
        var answerUses = uses.ToDictionary(u => u.AnswerId);
        problems.AddRange(answers.Where(a => a.Payer == Payer.Allowance).Where(a => !answerUses.TryGetValue(a.Id, out var use) || use.GivenBackAt is not null != (a.State == MessageState.Failed))
            .Select(a => $"Answer {a.Id} is {a.State} and was counted wrongly."));
        if (uses.Count != answers.Count(a => a.Payer == Payer.Allowance)) problems.Add($"{uses.Count} messages were counted for {answers.Count} answers.");
        var requests = completions.Where(c => c.Kind == CompletionKind.Answer).ToLookup(c => c.MessageId);
        problems.AddRange(answers.Where(a => requests[a.Id].Count() != a.Attempt || requests[a.Id].Count(c => c.Outcome == "stop") != (a.State == MessageState.Done ? 1 : 0))
            .Select(a => $"Answer {a.Id} is {a.State} after {a.Attempt} attempts, on the books {string.Join(", ", requests[a.Id].Select(c => c.Outcome ?? "open"))}."));
        // Two crashes may cost a title; one may not.
        var titles = completions.Where(c => c.Kind == CompletionKind.Title).ToLookup(c => c.ChatId);
        problems.AddRange(chats.Where(c => c.TitleSource == TitleSource.Question && answers.Any(a => a.ChatId == c.Id && a.State == MessageState.Done)
                && titles[c.Id].Count() < Message.MaxRequests).Select(c => $"Chat {c.Key} was not named, with {titles[c.Id].Count()} requests."));
    }

    private sealed record Sender(string Name, Visitor Visitor)
    {
        public List<(string Chat, string Text)> Accepted { get; } = [];
        public int Repeated { get; set; }
    }
}
