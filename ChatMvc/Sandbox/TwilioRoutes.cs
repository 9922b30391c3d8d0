using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ChatMvc.Sandbox;

/// <summary>The vendor's own addresses, under <see cref="SandboxTwilio.BasePath"/>.</summary>
internal static partial class TwilioRoutes
{
    private const int MaxBodyCharacters = 1600;
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 1000;

    // A hung vendor is given up by every client long before.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(15);

    public static void MapTwilio(this RouteGroupBuilder sandbox)
    {
        var messages = sandbox.MapGroup("/twilio/2010-04-01/Accounts/{account}");
        messages.MapPost("/Messages.json", http => SignedIn(http, CreateAsync));
        messages.MapGet("/Messages.json", http => SignedIn(http, ListAsync));
        messages.MapGet("/Messages/{sid}.json", http => SignedIn(http, FetchAsync));
        sandbox.Map("/twilio/2010-04-01/{**rest}", http => SignedIn(http, NotFoundAsync));
    }

    public static void MapTwilioSteering(this RouteGroupBuilder sandbox)
    {
        var steering = sandbox.MapGroup("/twilio");
        steering.MapGet("/behaviour", (SandboxTwilio twilio) => Results.Json(twilio.Behaviour, SandboxJson.Options));
        steering.MapPut("/behaviour", http => SteeringRequest.SetAsync<TwilioBehaviour>(http, given => Twilio(http).Behaviour = given));
        steering.MapDelete("/behaviour", http => SteeringRequest.EmptyAsync(http, Twilio(http).Reset));
        steering.MapGet("/messages", (SandboxTwilio twilio) => Results.Json(twilio.Messages, SandboxJson.Options));
        steering.MapDelete("/messages", http => SteeringRequest.EmptyAsync(http, Twilio(http).Clear));
        steering.MapGet("/counts", (SandboxTwilio twilio) => Results.Json(new { twilio.Received }, SandboxJson.Options));
    }

    private static SandboxTwilio Twilio(HttpContext http) => http.RequestServices.GetRequiredService<SandboxTwilio>();

    private static Task SignedIn(HttpContext http, Func<HttpContext, string, Task> answer)
    {
        if (TokenIn(http.Request.Headers.Authorization.ToString()) is null)
            return TwilioError.NotSignedIn.WriteAsync(http.Response);
        var account = $"{http.Request.RouteValues["account"]}";
        return AccountShape().IsMatch(account) ? answer(http, account) : NotFoundAsync(http, account);
    }

    private static string? TokenIn(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        var given = new byte[header.Length];
        return Convert.TryFromBase64String(header["Basic ".Length..].Trim(), given, out var length)
            && Encoding.UTF8.GetString(given, 0, length).Split(':', 2) is [{ Length: > 0 }, { Length: > 0 } token] ? token : null;
    }

    private static async Task CreateAsync(HttpContext http, string account)
    {
        if (await SandboxBody.ReadAsync(http.Request) is not { } bytes)
        {
            await TwilioError.TooLarge.WriteAsync(http.Response);
            return;
        }
        var behaviour = Twilio(http).Receive();
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await Task.Delay(behaviour.DelayMs, stop.Token);
            await AnswerAsync(http, account, QueryHelpers.ParseQuery(Encoding.UTF8.GetString(bytes)), behaviour, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            http.Abort();
        }
    }

    private static async Task AnswerAsync(HttpContext http, string account, Dictionary<string, StringValues> form, TwilioBehaviour behaviour, CancellationToken stop)
    {
        var refused = behaviour.Status is not null || behaviour.Code is not null;
        if ((refused ? TwilioError.Steered(behaviour) : Refusal(form)) is { } error)
        {
            await error.WriteAsync(http.Response);
            return;
        }
        var message = Twilio(http).Keep(account, Field(form, "To")!, Field(form, "From"), Field(form, "MessagingServiceSid"), Field(form, "Body")!);
        // The answer shows the message as it was taken, whatever happens to it meanwhile.
        var created = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(created, SandboxJson.Writing))
            message.Write(json);
        var callback = Field(form, "StatusCallback") is { } address ? new Uri(address) : null;
        Twilio(http).ReportOn(message, callback, TokenIn(http.Request.Headers.Authorization.ToString())!, behaviour);
        if (behaviour.Hang)
        {
            await Task.Delay(MaxSilence, stop);
            http.Abort();
            return;
        }
        await SandboxBody.WriteBytesAsync(http.Response, StatusCodes.Status201Created, created.WrittenMemory);
    }

    private static TwilioError? Refusal(Dictionary<string, StringValues> form)
    {
        var (to, from, service, body) = (Field(form, "To"), Field(form, "From"), Field(form, "MessagingServiceSid"), Field(form, "Body"));
        return to is null ? TwilioError.NoTo
            : !PhoneShape().IsMatch(to) ? TwilioError.InvalidTo(to)
            : from is null && service is null ? TwilioError.NoFrom
            : from is not null && !SenderShape().IsMatch(from) || service is not null && !ServiceShape().IsMatch(service) ? TwilioError.InvalidFrom(from ?? service!)
            : body is null ? TwilioError.NoBody
            : body.Length > MaxBodyCharacters ? TwilioError.TooLong
            : Field(form, "StatusCallback") is { } callback && !IsAddress(callback) ? TwilioError.InvalidCallback(callback)
            : TwilioError.OfMagicNumber(to, from);
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && !address.Host.Contains('_');

    private static Task ListAsync(HttpContext http, string account)
    {
        var query = http.Request.Query;
        var size = Math.Clamp(int.TryParse(query["PageSize"], CultureInfo.InvariantCulture, out var asked) ? asked : DefaultPageSize, 1, MaxPageSize);
        var uri = $"/2010-04-01/Accounts/{account}/Messages.json{http.Request.QueryString}";
        // Newest first, and in one page: no more are kept than the largest page holds.
        var found = Twilio(http).Messages.Reverse().Where(message => message.AccountSid == account && Matches(message, query)).Take(size).ToList();
        return SandboxBody.WriteJsonAsync(http.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("first_page_uri", uri);
            json.WriteNumber("start", 0);
            json.WriteNumber("end", Math.Max(0, found.Count - 1));
            json.WriteNumber("page", 0);
            json.WriteNumber("page_size", size);
            json.WriteNull("next_page_uri");
            json.WriteNull("previous_page_uri");
            json.WriteString("uri", uri);
            json.WriteStartArray("messages");
            found.ForEach(message => message.Write(json));
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    // The vendor compares whole days in GMT: DateSent=, DateSent<= and DateSent>=, whose names hold the sign.
    private static bool Matches(SandboxMessage message, IQueryCollection query)
    {
        var day = DateOnly.FromDateTime(message.CreatedAt.UtcDateTime);
        return (query["To"] is not [{ Length: > 0 } to] || message.To == to)
            && (query["From"] is not [{ Length: > 0 } from] || message.From == from)
            && (Day(query["DateSent"]) is not { } on || day == on)
            && (Day(query["DateSent<"]) is not { } until || day <= until)
            && (Day(query["DateSent>"]) is not { } since || day >= since);
    }

    private static DateOnly? Day(StringValues given) =>
        DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? DateOnly.FromDateTime(at.UtcDateTime) : null;

    private static Task FetchAsync(HttpContext http, string account)
    {
        var found = Twilio(http).Messages.FirstOrDefault(message => message.AccountSid == account && message.Sid == $"{http.Request.RouteValues["sid"]}");
        return found is null
            ? NotFoundAsync(http, account)
            : SandboxBody.WriteJsonAsync(http.Response, StatusCodes.Status200OK, json => found.Write(json));
    }

    private static Task NotFoundAsync(HttpContext http, string account) =>
        TwilioError.NotFound(http.Request.Path.Value![SandboxTwilio.BasePath.Length..]).WriteAsync(http.Response);

    private static string? Field(Dictionary<string, StringValues> form, string name) =>
        form.TryGetValue(name, out var value) && value[0] is { Length: > 0 } text ? text : null;

    [GeneratedRegex("^AC[0-9a-fA-F]{32}$")]
    private static partial Regex AccountShape();

    [GeneratedRegex("^MG[0-9a-fA-F]{32}$")]
    private static partial Regex ServiceShape();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}$")]
    private static partial Regex PhoneShape();

    // A number, a short code, or a name of up to eleven letters and digits.
    [GeneratedRegex(@"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11})$")]
    private static partial Regex SenderShape();
}
