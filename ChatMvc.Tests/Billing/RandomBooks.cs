using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>What came of it.</summary>
/// <param name="Sent">Messages that were taken.</param>
/// <param name="Refused">Those that were not.</param>
/// <param name="Charged">Answers that credit paid for.</param>
/// <param name="Stopped">By a person.</param>
/// <param name="Failed">Upstream.</param>
/// <param name="Problems">What should not be; empty when all is well.</param>
public sealed record RandomBooksResult(int Sent, int Refused, int Charged, int Stopped, int Failed, IReadOnlyList<string> Problems);

/// <summary>
/// Three people send, stop, ask again, pay and get paid back at random; the upstream fails, breaks off and forgets its
/// usage at random; the prices change in the middle. Then the books are held against each other and against what the
/// upstream would invoice.
/// </summary>
public static class RandomBooks
{
    private static readonly string[] Names = ["Maya", "Noor", "Ines"];
    private static readonly string[] Models = ["gpt-6-luna", "gpt-4o-mini"];
    private const int NoteEvery = 100;
    private const int SayEvery = 500;
    private static readonly TimeSpan LongestAhead = TimeSpan.FromDays(5);

    // Dated tomorrow: the run goes past it.
    private const string Catalogue = """
        [{ "id": "gpt-6-luna", "kind": "chat", "window": 100000, "maxOutput": 4096,
           "prices": [ { "from": "2026-01-01", "input": 0.10, "cachedInput": 0.01, "cacheWrite": 0.125, "output": 0.50 },
                       { "from": "TOMORROW", "input": 0.37, "cachedInput": 0.03, "cacheWrite": 0.40, "output": 1.13 } ] },
         { "id": "gpt-4o-mini", "kind": "chat", "window": 100000, "maxOutput": 4096,
           "prices": [ { "from": "2026-01-01", "input": 0.15, "cachedInput": 0.075, "cacheWrite": 0.15, "output": 0.60 } ] }]
        """;

    public static async Task<RandomBooksResult> RunAsync(int seed, int steps, Action<string> say)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Catalogue.Replace("TOMORROW", DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await using var app = await TestApp.StartAsync(
            $"Models:Catalog={file}", $"OpenAI:Models={string.Join(',', Models)}", "Limits:BasicMessages=2", "Limits:ConcurrentAnswers=2", "Limits:QueuedAnswers=4",
            "Credit:Markup=1.37", "OpenAI:MaxAnswerTokens=1000", "RateLimits:Enabled=false");
        var random = new Random(seed);
        var people = new Dictionary<string, Visitor>();
        foreach (var name in Names)
        {
            people[name] = await app.SignInAsAsync(name);
            await app.CreditAsync(name, 0.01m);
        }
        var (sent, refused) = (0, 0);
        var ahead = TimeSpan.Zero;
        var calls = new Dictionary<string, CallState>();
        for (var step = 0; step < steps; step++)
        {
            if (step % NoteEvery == 0) Note(app, calls);
            if (step % SayEvery == SayEvery - 1) say($"{step + 1} steps, {sent} sent, {refused} refused");
            var name = Names[random.Next(Names.Length)];
            var me = people[name];
            switch (random.Next(12))
            {
                case < 7:
                    Steer(app, random);
                    var answer = await me.SubmitAsync((await me.GetAsync("/chats")).Compose, ("text", $"Step {step} of {seed}"), ("model", Models[random.Next(Models.Length)]));
                    if (answer.Status == 303) sent++;
                    else if (answer.Status == 429) refused++;
                    else return new(sent, refused, 0, 0, 0, [$"A send got {answer.Status}."]);
                    break;
                case 7:
                    await StopOneAsync(app, me, random);
                    break;
                case 8:
                    await AskAgainAsync(app, me, name, random);
                    break;
                case 9:
                    await app.CreditAsync(name, random.Next(1, 100) / 2_000m);
                    break;
                case 10:
                    await TakeBackAsync(app, name, random);
                    break;
                default:
                    // The prices change in the middle; the people stay signed in.
                    if (step < steps / 2 || ahead > LongestAhead) break;
                    var hours = TimeSpan.FromHours(random.Next(1, 9));
                    app.Time.Advance(hours);
                    ahead += hours;
                    break;
            }
        }
        app.OpenAI.WillAnswer("The rest.");
        // Whatever hangs is stopped.
        foreach (var me in people.Values) await StopAllAsync(app, me);
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Messages.Unfinished().AnyAsync()), "all answers are terminal");
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Completions.AnyAsync(c => c.FinishedAt == null)), "all requests have ended");
        foreach (var me in people.Values) me.Dispose();
        Note(app, calls);
        return await JudgeAsync(app, sent, refused, calls.Where(c => c.Value == CallState.Done).Select(c => c.Key).ToHashSet());
    }

    // The upstream keeps only its last thousand calls.
    private static void Note(TestApp app, Dictionary<string, CallState> calls)
    {
        foreach (var call in app.OpenAI.Calls.Snapshot()) calls[call.RequestId] = call.State;
    }

    private static void Steer(TestApp app, Random random)
    {
        var usage = new SteeredUsage(random.Next(1, 3_000), random.Next(1, 900), random.Next(0, 500), random.Next(0, 500));
        var whole = new OpenAIBehaviour { Text = "Some words of an answer, and some more of them.", Usage = usage, FirstTokenDelayMs = random.Next(30), TokenDelayMs = 0, Kind = SteeredKind.All };
        app.OpenAI.Behaviour = random.Next(10) switch
        {
            0 => whole with { CutAfterTokens = 3, Times = 1, Kind = SteeredKind.Answer },
            1 => whole with { Status = 500, Times = 2, Kind = SteeredKind.Answer },
            2 => whole with { ErrorEventAfterTokens = 2, Times = 1, Kind = SteeredKind.Answer },
            3 => whole with { WithoutUsage = true, Times = 1, Kind = SteeredKind.Answer },
            4 => whole with { HangAfterTokens = random.Next(4), Times = 1, Kind = SteeredKind.Answer },
            _ => whole,
        };
    }

    private static async Task StopOneAsync(TestApp app, Visitor me, Random random)
    {
        var running = await RunningAsync(app);
        if (running.Count > 0) await StopAsync(me, running[random.Next(running.Count)]);
    }

    private static async Task StopAllAsync(TestApp app, Visitor me)
    {
        foreach (var answer in await RunningAsync(app)) await StopAsync(me, answer);
    }

    // Somebody else's is not there for them.
    private static async Task StopAsync(Visitor me, (string Chat, long Id) answer)
    {
        var page = await me.GetAsync($"/chats/{answer.Chat}/messages/{answer.Id}");
        if (page.Status == 200 && page.Document.QuerySelector("form[action$='/stop']") is AngleSharp.Html.Dom.IHtmlFormElement stop) await me.SubmitAsync(stop);
    }

    private static Task<List<(string Chat, long Id)>> RunningAsync(TestApp app) => app.ReadAsync(async db =>
        (await db.Messages.Unfinished().Select(m => new { m.Chat.Key, m.Id }).ToListAsync()).Select(m => (m.Key, m.Id)).ToList());

    private static async Task AskAgainAsync(TestApp app, Visitor me, string name, Random random)
    {
        var phone = TestApp.PhoneOf(name);
        var ended = await app.ReadAsync(db => db.Messages.Where(m => m.Role == Role.Assistant && (m.State == MessageState.Failed || m.State == MessageState.Stopped)
            && db.Users.Any(u => u.Id == m.AskedById && u.Phone == phone)).Select(m => new { m.Chat.Key, m.Id }).ToListAsync());
        if (ended.Count == 0) return;
        var again = ended[random.Next(ended.Count)];
        var page = await me.GetAsync($"/chats/{again.Key}/messages/{again.Id}");
        if (page.Document.QuerySelector("form.again") is AngleSharp.Html.Dom.IHtmlFormElement form) await me.SubmitAsync(form);
    }

    // A refund of a part of the last payment, which may have been spent: the balance may go below zero by it.
    private static Task<bool> TakeBackAsync(TestApp app, string name, Random random)
    {
        var phone = TestApp.PhoneOf(name);
        return app.WriteAsync(async (db, books) => await books.BookAsync(db, await db.Users.Where(u => u.Phone == phone).Select(u => u.Id).SingleAsync(),
            random.Next(2) == 0 ? LedgerKind.Refund : LedgerKind.Adjustment, new Usd(-random.Next(1, 2_000)), $"re_{Guid.NewGuid():N}", "At random"));
    }

    private static async Task<RandomBooksResult> JudgeAsync(TestApp app, int sent, int refused, IReadOnlySet<string> invoiced)
    {
        var problems = BooksTests.Check(app).Select(f => $"{f.Words}: {f.Count}").ToList();
        var requests = await app.ReadAsync(db => db.Completions.AsNoTracking().ToListAsync());
        var answers = (await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).ToList();
        var ledger = await app.LedgerAsync();

        // Charges are the sum over done and stopped answers on credit of the smaller of cost times markup and hold.
        var due = 0L;
        foreach (var answer in answers.Where(a => a.Payer == Payer.Credit && a.State is MessageState.Done or MessageState.Stopped))
        {
            var hold = -ledger.Single(e => e.AnswerId == answer.Id && e.Kind == LedgerKind.Hold).AmountMicros;
            var paid = requests.SingleOrDefault(r => r.MessageId == answer.Id && r.ChargedMicros is not null);
            if (paid is not null) due += Math.Min(hold, paid.PriceWith(1.37m).Micros);
        }
        var charged = -ledger.Where(e => e.AnswerId is not null).Sum(e => e.AmountMicros);
        if (due != charged) problems.Add($"Credit was charged {charged}, and {due} is due.");

        // The operator's costs are what the upstream would invoice: each request that it finished is booked, as finished unless it
        // was stopped at its very end, and nothing is booked as finished that it did not finish.
        var finished = requests.Where(r => r.Outcome is "stop" or "length").Select(r => r.UpstreamRequestId!).ToHashSet();
        var atTheEnd = requests.Where(r => r.Outcome is "stopped" or Completion.Interrupted).ToList();
        var unbooked = invoiced.Except(finished).Except(atTheEnd.Select(r => r.UpstreamRequestId!)).Count();
        if (unbooked > atTheEnd.Count(r => r.UpstreamRequestId is null)) problems.Add($"{unbooked} requests that the upstream finished are not booked.");
        if (finished.Except(invoiced).Any()) problems.Add("A request is booked as finished that the upstream did not finish.");
        if (requests.Any(r => r.CostMicros is null)) problems.Add("A cost is unknown.");

        return new(sent, refused, requests.Count(r => r.ChargedMicros > 0), answers.Count(a => a.State == MessageState.Stopped),
            answers.Count(a => a.State == MessageState.Failed), problems);
    }
}
