using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>What the app answered to an event; null when no answer came.</summary>
public sealed record StripeSending(DateTimeOffset At, int? Answer);

/// <summary>
/// Brings events to the app, one after the other, and again when it did not take them. Addresses beyond this machine are
/// left alone: nothing leaves the sandbox.
/// </summary>
internal sealed class StripeDeliveries : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan[] Backoff = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    private readonly SandboxStripe stripe;
    private readonly CancellationToken stopping;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = AnswerLimit };
    private readonly Channel<Parcel> ready = Channel.CreateBounded<Parcel>(StripeBooks.MaxOfAKind);
    private readonly Lock gate = new();
    private readonly List<Parcel> held = [];
    private readonly Pulse changed = new();
    private bool holding;
    private int underway;

    public StripeDeliveries(SandboxStripe stripe, CancellationToken stopping)
    {
        this.stripe = stripe;
        this.stopping = stopping;
        _ = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>How the next events come.</summary>
    public Steering<StripeDelivery> Steering { get; } = new();

    /// <summary>Takes the events of one piece of work.</summary>
    public void Send(IReadOnlyList<string> events)
    {
        var parcels = events.Select(id => new Parcel(id, Steering.Take(_ => true), 0)).ToArray();
        if (parcels.FirstOrDefault(parcel => parcel.How.Shuffled is not null) is { How.Shuffled: { } seed }) new Random(seed).Shuffle(parcels);
        if (Array.Exists(parcels, parcel => parcel.How.Backwards)) Array.Reverse(parcels);
        Array.ForEach(parcels, Take);
    }

    /// <summary>Keeps back all that is to be sent from now on.</summary>
    public void Hold()
    {
        lock (gate) holding = true;
    }

    /// <summary>Sends what was kept back.</summary>
    /// <param name="order">Event ids in the order in which they go; those not named stay away for good. Null for all as they arose.</param>
    public void Release(IReadOnlyList<string>? order)
    {
        List<Parcel> waiting;
        lock (gate)
        {
            holding = false;
            waiting = [.. held];
            held.Clear();
        }
        foreach (var parcel in order is null ? waiting : [.. order.Select(id => waiting.Find(parcel => parcel.Event == id) ?? new Parcel(id, new(), 0))]) Begin(parcel);
        if (order is null) return;
        foreach (var parcel in waiting.Where(parcel => !order.Contains(parcel.Event))) stripe.Delivered(parcel.Event, null, pending: false);
    }

    /// <summary>Waits until nothing is on its way; what is held back is not.</summary>
    public async Task<bool> SettleAsync(TimeSpan timeout, CancellationToken cancel) =>
        await changed.FirstAsync(() => Volatile.Read(ref underway) == 0 ? this : null, timeout, cancel) is not null;

    /// <summary>Sends an event once, now.</summary>
    /// <returns>The status of the answer; null when none came.</returns>
    public async Task<int?> PostAsync(string id, StripeDelivery how, CancellationToken cancel)
    {
        if (stripe.Target is not { IsLoopback: true } address || stripe.Payload(id, how) is not { } body) return null;
        var at = (stripe.Now - TimeSpan.FromSeconds(how.SecondsOld)).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        request.Headers.TryAddWithoutValidation("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        request.Headers.TryAddWithoutValidation("Stripe-Signature", Sign(body, at, how.Forged ? StripeJson.NewId("whsec_", 32) : stripe.WebhookSecret));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    public static string Sign(byte[] body, long at, string secret)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(at.ToString(CultureInfo.InvariantCulture) + "."), .. body];
        return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }

    private void Take(Parcel parcel)
    {
        lock (gate)
        {
            if (holding)
            {
                if (held.Count < StripeBooks.MaxOfAKind) held.Add(parcel);
                return;
            }
        }
        Begin(parcel);
    }

    private void Begin(Parcel parcel)
    {
        if (parcel.How.Drop)
        {
            stripe.Delivered(parcel.Event, null, pending: false);
            return;
        }
        Interlocked.Increment(ref underway);
        Later(parcel, TimeSpan.FromMilliseconds(parcel.How.DelayMs));
    }

    private void Later(Parcel parcel, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero) _ = WaitAsync();
        else if (!ready.Writer.TryWrite(parcel)) End();

        async Task WaitAsync()
        {
            // Real time: the vendor's patience is not the app's clock.
            await Task.Delay(delay, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested || !ready.Writer.TryWrite(parcel)) End();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var parcel in ready.Reader.ReadAllAsync(stopping)) await BringAsync(parcel);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is still on its way is sent when the server runs again.
        }
    }

    private async Task BringAsync(Parcel parcel)
    {
        int? answer = null;
        for (var copy = 0; copy < (parcel.How.Copies ?? 1); copy++) answer = await PostAsync(parcel.Event, parcel.How, stopping);
        var taken = answer is >= 200 and < 300;
        var again = !taken && parcel.Attempt < Backoff.Length;
        stripe.Delivered(parcel.Event, new StripeSending(stripe.Now, answer), pending: again, taken);
        if (again) Later(parcel with { Attempt = parcel.Attempt + 1 }, Backoff[parcel.Attempt]);
        else End();
    }

    private void End()
    {
        Interlocked.Decrement(ref underway);
        changed.Beat();
    }

    private sealed record Parcel(string Event, StripeDelivery How, int Attempt);
}
