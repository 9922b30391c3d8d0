using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Data;
using ChatMvc.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Bench;

/// <summary>How long forms take that must not tell whether a number has an account.</summary>
internal static class ResponseTimes
{
    private const int Requests = 200;
    private const int WarmUp = 20;
    private const string Password = "three quiet otters";

    public static readonly string[] Doors = ["/signin", "/password/forgot", "/signin/password"];

    /// <summary>Sends as many of each kind, by turns, each for another number from another address.</summary>
    public static async Task<IReadOnlyList<(string Case, List<double> Milliseconds)>> MeasureAsync(string door)
    {
        await using var app = await TestApp.StartAsync("SignUp:Mode=invited", "Sms:DailyLimit=100000", "RateLimits:Enabled=false", "Operators=+12125550199");
        string[] cases = door == "/signin/password" ? ["wrong password", "no password", "unknown number"] : ["known number", "unknown number"];
        var times = cases.Select(c => (c, new List<double>())).ToList();
        await HaveAccountsAsync(app, cases.Length == 3);
        using var visitor = new Visitor(app.Address);
        var form = (await visitor.GetAsync(door)).Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!;
        for (var n = 0; n < WarmUp + Requests; n++)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                // Whoever is first in a round finds the machine as the last one left it.
                var kind = (i + n) % cases.Length;
                var fields = Visitor.Fields(form, ("phone", PhoneOf(kind, n)), ("password", "three loud otters"));
                var from = $"{20 + n % 200}.{kind}.{n / 200}.1";
                var clock = Stopwatch.StartNew();
                var answer = await visitor.SendAsync(HttpMethod.Post, door, fields, [("X-Forwarded-For", from)]);
                if (n >= WarmUp) times[kind].Item2.Add(clock.Elapsed.TotalMilliseconds);
                if (answer.Status != (cases.Length == 3 ? 422 : 303)) throw new InvalidOperationException($"Status {answer.Status} for {cases[kind]}.");
            }
        }
        return times;
    }

    private static async Task HaveAccountsAsync(TestApp app, bool passwords)
    {
        using var turn = await app.Services.GetRequiredService<PasswordHashing>().EnterAsync(CancellationToken.None);
        var (hash, now) = (turn!.Hash(Password), app.Time.GetUtcNow());
        await app.ReadAsync(db => db.WriteAsync(() =>
        {
            for (var n = 0; n < WarmUp + Requests; n++)
            {
                var first = new User(PhoneNumber.Parse(PhoneOf(0, n)), now);
                if (passwords) first.SetPassword(hash, now);
                db.Users.Add(first);
                if (passwords) db.Users.Add(new User(PhoneNumber.Parse(PhoneOf(1, n)), now));
            }
            return Task.FromResult(0);
        }));
    }

    // Each in a range of its own.
    private static string PhoneOf(int kind, int n) => $"+1{212_000 + 1_000 * kind + n}0101";
}
