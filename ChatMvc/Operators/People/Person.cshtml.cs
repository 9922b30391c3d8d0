using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Operators.People;

/// <summary>One person's figures, and what can be done: each deed is asked back before it is done.</summary>
public sealed partial class PersonModel(PeopleFigures figures, PeopleDeeds deeds, Plans plans, SmsCountries countries, CurrentUser me, SiteSettings site, TimeProvider time) : OpsPage
{
    private const string List = "/ops/users";
    private const string NotYourself = "That would be yourself. Ask another operator, or use your account page.";
    private const string NothingToDo = "Nothing was done: it is so already. Look at the figures as they are now.";

    public PersonView View { get; private set; } = null!;
    /// <summary>What is asked before something is done; null on the page itself.</summary>
    public Question? Question { get; private set; }
    /// <summary>The handler that refused what was typed.</summary>
    public string? Deed { get; private set; }
    /// <summary>As typed.</summary>
    public string? Amount { get; private set; }
    /// <inheritdoc cref="Amount"/>
    public string? Until { get; private set; }
    /// <inheritdoc cref="Amount"/>
    public string? Reason { get; private set; }

    public User Person => View.Person;
    public bool IsMe => Person.Id == me.Id;
    /// <summary>Whether there is anything to be Pro of, or to have credit for.</summary>
    public bool Sells => plans.AreSold;
    public string Here => $"{List}/{Person.Id}";
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);
    /// <summary>Days of Pro are theirs.</summary>
    public TimeZoneInfo PersonsZone => Times.Zone(Person.TimeZone ?? site.TimeZone);
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), PersonsZone).Date);

    public async Task<IActionResult> OnGetAsync(long id, string? handler, CancellationToken cancellation) =>
        handler is null && await FindAsync(id, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostCreditAsync(long id, string? amount, bool take, string? reason, string? nonce, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation) || !Sells) return NotFound();
        (Deed, Amount, Reason) = ("credit", amount, reason);
        if (!TypedDeed.TryReadAmount(amount, out var dollars)) return Refused(TypedDeed.NotAnAmount);
        if (!TypedDeed.TryReadReason(reason, out var why)) return Refused(TypedDeed.NotAReason);
        var moved = take ? -dollars : dollars;
        if (take && View.Balance < dollars) return Refused(TooLittle);
        if (!sure || !IsNonce(nonce))
        {
            var (act, direction) = take ? ("Take", "from") : ("Give", "to");
            return Ask(new("credit", $"{act} {dollars} of credit {direction} {Person.Phone}? The balance goes from {View.Balance} to {View.Balance + moved}. They read your reason on their page: “{why}”",
                $"{act} {dollars}", take, ("amount", amount!), ("take", take ? "true" : "false"), ("reason", why), ("nonce", RandomKey.OfLength(24))));
        }
        return await deeds.AdjustAsync(id, moved, why, nonce, cancellation) switch
        {
            Adjusted.Gone => NotFound(),
            Adjusted.TooLittle => Refused(TooLittle),
            _ => Done(Here, take ? $"{dollars} of credit is taken." : $"{dollars} of credit is given."),
        };
    }

    public async Task<IActionResult> OnPostProAsync(long id, string? until, string? reason, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation) || !Sells) return NotFound();
        (Deed, Until, Reason) = ("pro", until, reason);
        if (!TypedDeed.TryReadDay(until, Today, out var day)) return Refused($"Choose a day from today on, at most {TypedDeed.MostYears} years ahead.");
        if (!TypedDeed.TryReadReason(reason, out var why)) return Refused(TypedDeed.NotAReason);
        var words = Times.Day(Times.StartOf(day, PersonsZone), PersonsZone);
        if (!sure) return Ask(new("pro", $"Make {Person.Phone} Pro until {words}, without payment? Their messages are not counted until then.", "Give Pro", IsGrave: false, ("until", until!), ("reason", why)));
        return await deeds.GiveProAsync(id, day, PersonsZone, why, cancellation) ? Done(Here, $"Pro is given until {words}.") : NotFound();
    }

    public async Task<IActionResult> OnPostBasicAsync(long id, string? reason, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation)) return NotFound();
        (Deed, Reason) = ("basic", reason);
        if (Person.ProUntil is null) return Refused(NothingToDo);
        if (!TypedDeed.TryReadReason(reason, out var why)) return Refused(TypedDeed.NotAReason);
        if (!sure) return Ask(new("basic", $"End the Pro that {Person.Phone} was given? It is over at once. A subscription of their own goes on.", "End it", IsGrave: true, ("reason", why)));
        return await deeds.GiveProAsync(id, null, PersonsZone, why, cancellation) ? Done(Here, "The Pro that was given is ended.") : Refused(NothingToDo);
    }

    public async Task<IActionResult> OnPostSuspendAsync(long id, string? reason, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation)) return NotFound();
        (Deed, Reason) = ("suspend", reason);
        if (IsMe) return Refused(NotYourself);
        if (Person.SuspendedAt is not null) return Refused(NothingToDo);
        if (!TypedDeed.TryReadReason(reason, out var why)) return Refused(TypedDeed.NotAReason);
        if (!sure)
        {
            var stripe = View.Plan.Subscription is null ? "" : " Their subscription goes on: cancel it at Stripe if it should not.";
            return Ask(new("suspend", $"Suspend {Person.Phone}? All their devices are signed out at once, answers under way are stopped, and they cannot sign in. Nothing is deleted.{stripe}",
                "Suspend", IsGrave: true, ("reason", why)));
        }
        return await deeds.SuspendAsync(id, why, cancellation) ? Done(Here, "The account is suspended and signed out everywhere.") : Refused(NothingToDo);
    }

    public async Task<IActionResult> OnPostAdmitAsync(long id, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation)) return NotFound();
        Deed = "admit";
        if (Person.SuspendedAt is null) return Refused(NothingToDo);
        if (!sure) return Ask(new("admit", $"Let {Person.Phone} in again? They can sign in at once.", "Let in again", IsGrave: false));
        return await deeds.AdmitAsync(id, cancellation) ? Done(Here, "They can sign in again.") : Refused(NothingToDo);
    }

    public async Task<IActionResult> OnPostSignOutAsync(long id, bool sure, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation)) return NotFound();
        Deed = "signout";
        if (IsMe) return Refused(NotYourself);
        if (!sure) return Ask(new("signout", $"Sign {Person.Phone} out on all devices ({View.Devices})? They can sign in again.", "Sign out everywhere", IsGrave: true));
        return await deeds.SignOutAsync(id, cancellation) ? Done(Here, "All their devices are signed out.") : NotFound();
    }

    /// <summary>The number, typed again, stands for the question.</summary>
    public async Task<IActionResult> OnPostDeleteAsync(long id, string? phone, string? reason, CancellationToken cancellation)
    {
        if (!await FindLivingAsync(id, cancellation)) return NotFound();
        (Deed, Reason) = ("delete", reason);
        if (IsMe) return Refused(NotYourself);
        if (!TypedDeed.TryReadReason(reason, out var why)) return Refused(TypedDeed.NotAReason);
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var typed) || typed.Value.ToString() != Person.Phone)
            return Refused("That is not this person’s number. Type it as it stands above to delete the account.");
        return await deeds.DeleteAsync(id, why, cancellation) ? Done(List, $"The account #{id} is deleted. What was written is being removed now.") : NotFound();
    }

    private string TooLittle => $"There is only {View.Balance} to take. A balance goes below zero by refunds and disputes alone.";

    private async Task<bool> FindLivingAsync(long id, CancellationToken cancellation) => await FindAsync(id, cancellation) && Person.DeletedAt is null;

    private async Task<bool> FindAsync(long id, CancellationToken cancellation)
    {
        if (await figures.FindAsync(id, cancellation) is not { } found) return false;
        View = found;
        return true;
    }

    private PageResult Ask(Question question)
    {
        Question = question;
        return Page();
    }

    private PageResult Refused(string why)
    {
        Refuse(why);
        return Page();
    }

    // An adjustment is booked once however often its button is pressed.
    private static bool IsNonce([NotNullWhen(true)] string? nonce) => nonce is not null && Nonce().IsMatch(nonce);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{16,64}\z")]
    private static partial Regex Nonce();
}
