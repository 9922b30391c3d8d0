using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What there may be too many codes for.</summary>
public enum CodeLimit { Number, Address, Range, Server }

/// <summary>
/// How often codes are sent, and how often they are guessed at. Who is known has a budget of their own: a browser that
/// signed this number in before, and an address that it signed in from lately. All others are strangers and share what a
/// number, an address, a range of numbers and the server give. So a stranger who uses it up does not lock the owner out.
/// </summary>
public sealed class CodeLimits(ChatDb db, OtpSettings settings, SmsSettings sms, TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan AddressIsKnown = TimeSpan.FromDays(30);
    /// <summary>An address that asked for the number since is no new one.</summary>
    public static readonly TimeSpan AddressIsNew = TimeSpan.FromDays(7);

    // Codes that were used are no pumping: these count those that were not.
    private const int PerAddressAnHour = 20;
    private const int PerAddressADay = 60;
    private const int PerNumberADay = 15;
    private const int PerRangeAnHour = 10;
    private const int PerRangeADay = 30;
    /// <summary>Numbers that differ in these last digits alone are one range: whoever earns from messages owns it whole.</summary>
    private const int DigitsOfARange = 4;
    /// <summary>Of codes that only its owner can have asked for or used, which bounds what one phone can cost.</summary>
    private const int PerOwnerADay = 40;
    private const int LeastForServerAnHour = 20;
    private const int ServerHoursADay = 5;

    private int PerServerAnHour => Math.Max(LeastForServerAnHour, sms.DailyLimit / ServerHoursADay);

    /// <summary>Why no code can be asked for now, by the limit that takes longest; null when one can.</summary>
    public Task<AskedForCode.TooSoon?> RefusalOfAsync(CodeRequest request, CancellationToken cancellation) => RefusalOfAsync(Asker.Of(request), cancellation);

    /// <summary>How long until whoever asked for this code may ask for the next one; zero for now.</summary>
    public async Task<TimeSpan> WaitForNextAsync(OneTimeCode code, CancellationToken cancellation) =>
        (await RefusalOfAsync(Asker.Of(code), cancellation))?.Wait ?? TimeSpan.Zero;

    /// <summary>Guesses left at this code in any hour: never more than attempts times codes for the number.</summary>
    public async Task<int> GuessesLeftAsync(OneTimeCode code, CancellationToken cancellation) =>
        (await BudgetOfAsync(Asker.Of(code), cancellation)).GuessesLeft(code, time.GetUtcNow());

    /// <summary>Whether this browser or this address is the number's own, as far as anybody can tell.</summary>
    public async Task<bool> KnowsAsync(CodeRequest request, CancellationToken cancellation) => await KnownAsync(Asker.Of(request), cancellation) is not (false, false);

    /// <summary>
    /// Whether what is left of this hour's messages, or of those for numbers like this one, is kept for numbers that have an account.
    /// </summary>
    public async Task<bool> IsForAccountsOnlyAsync(string phone, CancellationToken cancellation)
    {
        var hourAgo = time.GetUtcNow() - Hour;
        return await Sent.CountAsync(c => c.CreatedAt > hourAgo, cancellation) >= PerServerAnHour * SmsOutbox.NewcomersShare
            | await WaitOfRangeAsync(phone, cancellation) > TimeSpan.Zero;
    }

    /// <summary>Whether that was so at a moment of the last days. In doubt it was: codes that were used since are counted too.</summary>
    public async Task<bool> WasForAccountsOnlyAsync(DateTimeOffset moment, string phone, CancellationToken cancellation)
    {
        var (hourBefore, dayBefore) = (moment - Hour, moment - Day);
        var ofRange = OfRange(db.OneTimeCodes, phone).Where(c => c.CreatedAt < moment);
        return await db.SmsMessages.CountAsync(s => s.CreatedAt > hourBefore && s.CreatedAt < moment && (s.State != SmsState.Withheld || s.ErrorCode != null), cancellation)
                >= PerServerAnHour * SmsOutbox.NewcomersShare
            | await ofRange.CountAsync(c => c.CreatedAt > hourBefore, cancellation) >= PerRangeAnHour
            | await ofRange.CountAsync(c => c.CreatedAt > dayBefore, cancellation) >= PerRangeADay;
    }

    private async Task<AskedForCode.TooSoon?> RefusalOfAsync(Asker asker, CancellationToken cancellation)
    {
        var budget = await BudgetOfAsync(asker, cancellation);
        var waits = new List<AskedForCode.TooSoon> { await WaitAsync(CodeLimit.Number, await OwnersAsync(asker, cancellation), PerOwnerADay, Day, cancellation) };
        if (budget.IsShared) waits.AddRange(await WaitsOfStrangersAsync(budget, asker, cancellation));
        else waits.Add(new(budget.WaitForNext(time.GetUtcNow())));
        return waits.Where(w => w.Wait > TimeSpan.Zero).MaxBy(w => w.Wait);
    }

    private async Task<AskedForCode.TooSoon[]> WaitsOfStrangersAsync(CodeBudget budget, Asker asker, CancellationToken cancellation)
    {
        var ofAddress = Unused.Where(c => c.Address == asker.Address);
        return
        [
            await WaitForNumberAsync(budget, asker, cancellation),
            await WaitAsync(CodeLimit.Address, ofAddress, PerAddressAnHour, Hour, cancellation),
            await WaitAsync(CodeLimit.Address, ofAddress, PerAddressADay, Day, cancellation),
            await WaitAsync(CodeLimit.Server, Sent, PerServerAnHour, Hour, cancellation),
        ];
    }

    // A stranger who uses up what strangers share would lock the owner out of a new device: where nobody asked from before,
    // there is one code more now and then. Where a range is used up it goes to numbers that have an account.
    private async Task<AskedForCode.TooSoon> WaitForNumberAsync(CodeBudget budget, Asker asker, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var ofDay = await WaitAsync(CodeLimit.Number, Unused.Where(c => c.Phone == asker.Phone), PerNumberADay, Day, cancellation);
        var ofRange = new AskedForCode.TooSoon(await WaitOfRangeAsync(asker.Phone, cancellation)) { Limit = CodeLimit.Range };
        var longest = new[] { new(budget.WaitForNext(now)), ofDay, ofRange }.MaxBy(w => w.Wait)!;
        var (week, network) = (now - AddressIsNew, ClientAddress.NetworkOf(asker.Address));
        var lately = db.OneTimeCodes.Where(c => c.CreatedAt > week && c.Address.StartsWith(network));
        // Whoever pumps a range asks for another number each time.
        var isNewNetwork = !await (ofRange.Wait > TimeSpan.Zero ? OfRange(lately, asker.Phone) : lately.Where(c => c.Phone == asker.Phone)).AnyAsync(cancellation);
        var isNewAddress = ofRange.Wait <= TimeSpan.Zero && !await lately.AnyAsync(c => c.Phone == asker.Phone && c.Address == asker.Address, cancellation);
        if (!isNewNetwork && !isNewAddress) return longest;
        var extra = budget.WaitForExtra(now, isNewNetwork, isCapped: ofDay.Wait > TimeSpan.Zero || ofRange.Wait > TimeSpan.Zero);
        return extra < longest.Wait ? new(extra) : longest;
    }

    /// <summary>How long there is no code for numbers like this one; zero when there is.</summary>
    private async Task<TimeSpan> WaitOfRangeAsync(string phone, CancellationToken cancellation)
    {
        var ofRange = OfRange(Unused, phone);
        var (hour, day) = (await WaitAsync(CodeLimit.Range, ofRange, PerRangeAnHour, Hour, cancellation), await WaitAsync(CodeLimit.Range, ofRange, PerRangeADay, Day, cancellation));
        return hour.Wait > day.Wait ? hour.Wait : day.Wait;
    }

    private async Task<AskedForCode.TooSoon> WaitAsync(
        CodeLimit limit, IQueryable<OneTimeCode> codes, int atMost, TimeSpan window, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var since = now - window;
        // Once this one leaves the window there is room for another.
        var leaves = await codes.Where(c => c.CreatedAt > since).OrderByDescending(c => c.CreatedAt)
            .Skip(atMost - 1).Select(c => (DateTimeOffset?)c.CreatedAt).FirstOrDefaultAsync(cancellation);
        return new(leaves is { } created ? created + window - now : TimeSpan.Zero) { Limit = limit };
    }

    private static IQueryable<OneTimeCode> OfRange(IQueryable<OneTimeCode> codes, string phone)
    {
        var (first, last) = (phone[..^DigitsOfARange] + new string('0', DigitsOfARange), phone[..^DigitsOfARange] + new string('9', DigitsOfARange));
        return codes.Where(c => string.Compare(c.Phone, first) >= 0 && string.Compare(c.Phone, last) <= 0);
    }

    /// <summary>Codes that strangers asked for and nobody has used.</summary>
    private IQueryable<OneTimeCode> Unused
    {
        get
        {
            var recently = time.GetUtcNow() - AddressIsKnown;
            return db.OneTimeCodes.Where(c => c.RedeemedAt == null
                && !db.OneTimeCodes.Any(r => r.Phone == c.Phone && r.RedeemedAt < c.CreatedAt
                    && (r.BrowserHash == c.BrowserHash || r.Address == c.Address && r.RedeemedAt > recently)));
        }
    }

    /// <summary>Those of them that cost a message.</summary>
    private IQueryable<OneTimeCode> Sent => Unused.Where(
        c => db.SmsMessages.Any(s => s.CreatedAt == c.CreatedAt && s.To == c.Phone && s.State != SmsState.Withheld));

    /// <summary>
    /// Codes that were used, or that the owner asked for. Where the browser is known, what others may have asked for from the same
    /// address is left out: they do not lock the owner out.
    /// </summary>
    private async Task<IQueryable<OneTimeCode>> OwnersAsync(Asker asker, CancellationToken cancellation)
    {
        var (byBrowser, recently) = (await KnownAsync(asker, cancellation) is (true, _), time.GetUtcNow() - AddressIsKnown);
        return db.OneTimeCodes.Where(c => c.Phone == asker.Phone && c.Purpose != CodePurpose.Password && (c.RedeemedAt != null
            || db.OneTimeCodes.Any(r => r.Phone == c.Phone && r.RedeemedAt < c.CreatedAt
                && (r.BrowserHash == c.BrowserHash || !byBrowser && r.Address == c.Address && r.RedeemedAt > recently))));
    }

    private async Task<(bool Browser, bool Address)> KnownAsync(Asker asker, CancellationToken cancellation)
    {
        var recently = time.GetUtcNow() - AddressIsKnown;
        var used = db.OneTimeCodes.Where(r => r.Phone == asker.Phone && r.RedeemedAt != null);
        return (await used.AnyAsync(r => r.BrowserHash == asker.BrowserHash, cancellation),
            await used.AnyAsync(r => r.Address == asker.Address && r.RedeemedAt > recently, cancellation));
    }

    private async Task<CodeBudget> BudgetOfAsync(Asker asker, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (since, recently) = (now - CodeBudget.Memory(settings), now - AddressIsKnown);
        var used = db.OneTimeCodes.Where(r => r.Phone == asker.Phone && r.RedeemedAt != null);
        var (isKnownBrowser, isKnownAddress) = await KnownAsync(asker, cancellation);
        // Their number is bounded by these very limits.
        var codes = await db.OneTimeCodes.AsNoTracking()
            .Where(c => c.Phone == asker.Phone && c.CreatedAt > since && c.Purpose != CodePurpose.Password)
            .OrderBy(c => c.CreatedAt).ThenBy(c => c.Id)
            .Select(c => new
            {
                Code = c,
                ByKnownBrowser = used.Any(r => r.BrowserHash == c.BrowserHash && r.RedeemedAt < c.CreatedAt),
                FromKnownAddress = used.Any(r => r.Address == c.Address && r.RedeemedAt < c.CreatedAt && r.RedeemedAt > recently),
            }).ToListAsync(cancellation);
        var shared = codes.Where(c => isKnownBrowser ? c.Code.BrowserHash.AsSpan().SequenceEqual(asker.BrowserHash)
            : isKnownAddress ? c.Code.Address == asker.Address && !c.ByKnownBrowser
            : !c.ByKnownBrowser && !c.FromKnownAddress);
        return new CodeBudget([.. shared.Select(c => c.Code)], IsShared: !isKnownBrowser && !isKnownAddress, settings);
    }

    private sealed record Asker(string Phone, byte[] BrowserHash, string Address)
    {
        public static Asker Of(CodeRequest request) => new(request.Phone.ToString(), RandomKey.Hash(request.Browser), request.Address);

        public static Asker Of(OneTimeCode code) => new(code.Phone, code.BrowserHash, code.Address);
    }
}
