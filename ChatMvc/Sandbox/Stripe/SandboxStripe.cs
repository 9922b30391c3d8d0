using System.Text.Json.Nodes;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Hosting.Server;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>
/// Stripe as the sandbox plays it: customers, checkouts, subscriptions and what comes of them, events and their delivery
/// to the app. Served at <see cref="BasePath"/>; kept in the data directory, because the app's own rows name what is here.
/// </summary>
public sealed class SandboxStripe : IDisposable
{
    /// <summary>What stands behind the server's own address in <c>Stripe:BaseUrl</c>; calls add <c>/v1/…</c>.</summary>
    public const string BasePath = "/sandbox/stripe";
    public const string SecretKey = "sk_test_sandbox";
    public const string ApiVersion = "2026-10-28.endive";
    public const string ProPriceId = "price_sandbox_pro";
    public const string ProProductId = "prod_sandbox_pro";

    /// <summary>Cents a month.</summary>
    public const long ProPrice = 2_000;

    public const int MaxCalls = 500;
    private const string FileName = "sandbox-stripe.jsonl";
    private const string OwnId = "sandbox";
    private const int MaxSendings = 10;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly StripeBooks books;
    private readonly TimeProvider clock;
    private readonly IServer server;
    private readonly StripeDeliveries deliveries;
    private readonly Dictionary<string, List<StripeSending>> sendings = [];
    private readonly Queue<StripeCall> calls = [];
    private readonly HashSet<string> keysInUse = [];
    private readonly Steering<StripeBehaviour> steering = new();
    private readonly ITimer timer;
    private long caughtUp;

    public SandboxStripe(TimeProvider clock, IServer server, IHostApplicationLifetime lifetime, IServiceProvider services)
    {
        (this.clock, this.server) = (clock, server);
        books = new StripeBooks(FileOf(services));
        deliveries = new StripeDeliveries(this, lifetime.ApplicationStopping);
        timer = TimeProvider.System.CreateTimer(_ => CatchUp(), null, Beat, Beat);
    }

    /// <summary>Of the webhook endpoint; random, and the same for a data directory as long as it lives.</summary>
    public string WebhookSecret => Do(work => Own(work).Text("webhook_secret")!);

    /// <summary>Where events go; null for the app itself.</summary>
    public Uri? WebhookTarget { get; set; }

    /// <summary>How the next call of the API is answered; one with <c>Times</c> falls away after so many.</summary>
    public StripeBehaviour Behaviour
    {
        get => steering.Current;
        set => steering.Current = value;
    }

    /// <summary>How the next events come to the app; one with <c>Times</c> falls away after so many.</summary>
    public StripeDelivery Webhooks
    {
        get => deliveries.Steering.Current;
        set => deliveries.Steering.Current = value;
    }

    /// <summary>The last calls of the API, oldest first.</summary>
    public IReadOnlyList<StripeCall> Calls
    {
        get { lock (gate) return [.. calls]; }
    }

    /// <summary>Copies of the events, newest first.</summary>
    public IReadOnlyList<JsonObject> Events => All("event");

    /// <summary>Back to answering and delivering as usual.</summary>
    public void Reset()
    {
        steering.Reset();
        deliveries.Steering.Reset();
        deliveries.Release(null);
    }

    /// <summary>Copies of all objects of a kind, such as <c>subscription</c>, newest first.</summary>
    public IReadOnlyList<JsonObject> All(string kind) => Do(work => work.Books.NewestFirst(kind).Select(StripeAnswer.Public).ToList());

    /// <summary>A copy of an object, or null.</summary>
    public JsonObject? Find(string id) => Do(work => work.Books.Find(id) is { } found ? StripeAnswer.Public(found) : null);

    /// <summary>How often an event was sent, and what was answered; the last ten.</summary>
    public IReadOnlyList<StripeSending> SendingsOf(string id)
    {
        lock (gate) return sendings.TryGetValue(id, out var all) ? [.. all] : [];
    }

    // Steering: each returns the ids of the events that it made.
    public IReadOnlyList<string> Pay(string session) => Change("checkout.session", session, StripeCheckout.Pay);
    public IReadOnlyList<string> PayLater(string session) => Change("checkout.session", session, StripeCheckout.PayLater);
    public IReadOnlyList<string> Decline(string session) => Change("checkout.session", session, StripeCheckout.Decline);
    public IReadOnlyList<string> DelayedSucceeds(string session) => Change("checkout.session", session, (work, s) => StripeCheckout.EndDelayed(work, s, succeeds: true));
    public IReadOnlyList<string> DelayedFails(string session) => Change("checkout.session", session, (work, s) => StripeCheckout.EndDelayed(work, s, succeeds: false));
    public IReadOnlyList<string> Expire(string session) => Change("checkout.session", session, (work, s) => StripeCheckout.Expire(work, s));

    public IReadOnlyList<string> Renew(string subscription) => Change("subscription", subscription, (work, s) => StripeSubscriptions.Renew(work, s, pays: true));

    /// <summary>The first failed payment of a period, or the next attempt at it.</summary>
    public IReadOnlyList<string> FailRenewal(string subscription) => Change("subscription", subscription, (work, s) => StripeSubscriptions.Renew(work, s, pays: false));
    public IReadOnlyList<string> PayInvoice(string invoice) => Change("invoice", invoice, StripeSubscriptions.Settle);

    /// <param name="subscription">One that is past due.</param>
    /// <param name="outcome">unpaid or canceled.</param>
    public IReadOnlyList<string> GiveUp(string subscription, string outcome) => Change("subscription", subscription, (work, s) => StripeSubscriptions.GiveUp(work, s, outcome));
    public IReadOnlyList<string> Pause(string subscription) => Change("subscription", subscription, StripeSubscriptions.Pause);
    public IReadOnlyList<string> Resume(string subscription) => Change("subscription", subscription, StripeSubscriptions.Resume);
    public IReadOnlyList<string> CancelAtPeriodEnd(string subscription, bool yes = true) => Change("subscription", subscription, (work, s) => StripeSubscriptions.EndWithPeriod(work, s, yes));
    public IReadOnlyList<string> Cancel(string subscription) => Change("subscription", subscription, (work, s) => StripeSubscriptions.Cancel(work, StripeForm.Parse("", ""), s.Id));

    /// <summary>Refunds a charge, or the charge of a payment intent, by so many cents; by all that is left without.</summary>
    public IReadOnlyList<string> Refund(string charge, long? amount = null) => Steer(work => StripePayments.Refund(work, StripePayments.ChargeOf(work, charge), amount));
    public IReadOnlyList<string> RefundFails(string refund) => Change("refund", refund, StripePayments.FailRefund);
    public IReadOnlyList<string> Dispute(string charge, long? amount = null) => Steer(work => StripePayments.OpenDispute(work, StripePayments.ChargeOf(work, charge), amount));

    /// <param name="dispute">An open one.</param>
    /// <param name="outcome">won, lost, warning_closed or prevented.</param>
    public IReadOnlyList<string> CloseDispute(string dispute, string outcome) => Change("dispute", dispute, (work, d) => StripePayments.CloseDispute(work, d, outcome));

    /// <summary>From now on this customer's card is declined when a period begins, or taken again.</summary>
    public void BreakCard(string customer, bool broken = true) => Change("customer", customer, (work, c) =>
    {
        c["_card_broken"] = broken;
        work.Put(c);
    });

    /// <summary>Sends an event once more.</summary>
    public void Resend(string id)
    {
        Do(work => work.Get("event", id).Id);
        deliveries.Send([id]);
    }

    /// <summary>Keeps back all events from now on.</summary>
    public void Hold() => deliveries.Hold();

    /// <summary>Sends what was kept back.</summary>
    /// <param name="order">Event ids in the order in which they go; those not named stay away for good. Null for all as they arose.</param>
    public void Release(IReadOnlyList<string>? order = null) => deliveries.Release(order);

    /// <summary>Sends an event once, now, whatever is steered otherwise.</summary>
    /// <returns>The status of the answer; null when none came.</returns>
    public Task<int?> DeliverAsync(string id, StripeDelivery? how = null, CancellationToken cancel = default) => deliveries.PostAsync(id, how ?? new(), cancel);

    /// <summary>Waits (in real time) until no event is on its way, its repetitions included.</summary>
    public Task<bool> SettleAsync(TimeSpan timeout, CancellationToken cancel = default) => deliveries.SettleAsync(timeout, cancel);

    public void Dispose()
    {
        timer.Dispose();
        deliveries.Dispose();
        lock (gate) books.Dispose();
    }

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal Uri Target => WebhookTarget ?? new Uri(Upstreams.OwnAddress(server), "/webhooks/stripe");

    /// <summary>The sandbox's Stripe as a browser on this machine sees it.</summary>
    internal string Address => Upstreams.AddressForBrowsers(server) + BasePath;

    /// <summary>Once the server listens, sends what was on its way to the app when it stopped; nothing where nothing was ever sold.</summary>
    internal static void GoOnAtStart(IServiceProvider services) => services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
    {
        if (File.Exists(FileOf(services))) services.GetRequiredService<SandboxStripe>().GoOn();
    });

    internal StripeBehaviour Receive(string method, string path) => steering.Take(behaviour => behaviour.AppliesTo(method, path));

    /// <summary>One call at a time for each key; null where there is none.</summary>
    /// <exception cref="StripeException">409: another is on its way.</exception>
    internal IDisposable? Enter(string? key)
    {
        if (key is null) return null;
        lock (gate)
        {
            if (!keysInUse.Add(key)) throw new StripeException(409, "idempotency_error", "There is currently another in-progress request using this Idempotency-Key.", "idempotency_key_in_use");
        }
        return new KeyInUse(this, key);
    }

    internal void Note(StripeCall call)
    {
        lock (gate)
        {
            calls.Enqueue(call);
            if (calls.Count > MaxCalls) calls.Dequeue();
        }
    }

    internal void Delivered(string id, StripeSending? sending, bool pending, bool taken = false)
    {
        lock (gate)
        {
            if (books.Find(id) is not { } sent) return;
            if (sending is not null) Remember(id, sending);
            if (pending) return;
            if (taken) sent["pending_webhooks"] = 0;
            else sent["_given_up"] = true;
            books.Put(sent);
            books.Commit();
        }
    }

    internal byte[]? Payload(string id, StripeDelivery how) => Do(work =>
    {
        if (work.Books.Find(id) is not { } found) return null;
        var payload = StripeAnswer.Public(found);
        if (how.Livemode is { } live) payload["livemode"] = live;
        if (how.ApiVersion is { } version) payload["api_version"] = version;
        return StripeAnswer.Bytes(payload, Address);
    });

    /// <summary>Does one piece of work on the books; its events go out when it is kept.</summary>
    internal T Do<T>(Func<StripeWork, T> act, string? request = null, string? idempotencyKey = null)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (now.ToUnixTimeSeconds() != caughtUp) Keep(new StripeWork(books, now, () => Address), CaughtUp);
            caughtUp = now.ToUnixTimeSeconds();
            return Keep(new StripeWork(books, now, () => Address, request, idempotencyKey), act);
        }
    }

    private void GoOn() => deliveries.Send(Do(work => work.Books.OldestFirst("event")
        .Where(e => e.Number("pending_webhooks") > 0 && !e.Flag("_given_up")).Select(e => e.Id).ToList()));

    private static bool CaughtUp(StripeWork work)
    {
        StripeClockwork.CatchUp(work);
        return true;
    }

    private T Keep<T>(StripeWork work, Func<StripeWork, T> act)
    {
        try
        {
            return act(work);
        }
        finally
        {
            books.Commit();
            // Under the lock, so that they go in the order in which they arose.
            if (work.Events.Count > 0) deliveries.Send(work.Events);
        }
    }

    private IReadOnlyList<string> Steer(Action<StripeWork> act) => Do(work =>
    {
        act(work);
        return work.Events;
    });

    private IReadOnlyList<string> Change(string kind, string id, Action<StripeWork, JsonObject> act) => Steer(work => act(work, work.Get(kind, id)));

    private static string? FileOf(IServiceProvider services) =>
        services.GetService<DataDirectory>() is { } directory ? Path.Combine(directory.Path, FileName) : null;

    private static JsonObject Own(StripeWork work) => work.Books.Find(OwnId)
        ?? work.Put(new JsonObject { ["id"] = OwnId, ["object"] = "sandbox", ["webhook_secret"] = StripeJson.NewId("whsec_", 32) });

    private void Remember(string id, StripeSending sending)
    {
        if (!sendings.TryGetValue(id, out var all))
        {
            if (sendings.Count >= StripeBooks.MaxOfAKind) sendings.Clear();
            sendings[id] = all = [];
        }
        if (all.Count == MaxSendings) all.RemoveAt(0);
        all.Add(sending);
    }

    private void CatchUp()
    {
        try
        {
            Do(work => work.Now);
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException or UnauthorizedAccessException)
        {
            // The last beat while the server stops, or a full disk: the next call says so.
        }
    }

    private sealed class KeyInUse(SandboxStripe stripe, string key) : IDisposable
    {
        public void Dispose()
        {
            lock (stripe.gate) stripe.keysInUse.Remove(key);
        }
    }
}
