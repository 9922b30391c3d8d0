using ChatMvc.Accounts;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Operators.People;

/// <summary>Everybody who has an account, in pages and searched; and the way to invite a number.</summary>
public sealed class PeopleModel(PeopleFigures figures, Invitations invitations, SignUp signUp, SmsCountries countries, CurrentUser me, SiteSettings site) : OpsPage
{
    private const string Here = "/ops/users";

    /// <summary>As typed.</summary>
    public string Sought { get; private set; } = "";
    public IReadOnlyList<PersonLine> Lines { get; private set; } = [];
    /// <summary>The next page; null on the last.</summary>
    public string? Next { get; private set; }
    /// <summary>The number to invite, as typed.</summary>
    public string Phone { get; private set; } = "";
    /// <summary>Only where they let somebody in.</summary>
    public bool TakesInvitations => signUp.TakesInvitations;
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);

    public Task OnGetAsync(string? q, long? after, CancellationToken cancellation)
    {
        Sought = (q is { Length: > PeopleSearch.MaxTyped } ? q[..PeopleSearch.MaxTyped] : q ?? "").Trim();
        return FillAsync(after, cancellation);
    }

    /// <summary>Invites a number.</summary>
    public async Task<IActionResult> OnPostAsync(string? phone, CancellationToken cancellation)
    {
        Phone = PhoneNumber.Shown(phone);
        if (!TakesInvitations) return await RefusedAsync("An invitation lets nobody in here: SignUp:Mode is not “invited”.", cancellation);
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var number))
            return await RefusedAsync("That is not a phone number. Type it with its country code, such as +1 212 555 0100.", cancellation);
        if (!countries.Serve(number.Value)) return await RefusedAsync("No text messages are sent to numbers of that country or kind: it could not sign in.", cancellation);
        return await invitations.InviteAsync(number.Value, cancellation) switch
        {
            Inviting.Invited => Done(Here, $"{number} may sign up now."),
            Inviting.InvitedBefore => Done(Here, $"{number} was invited before, and may sign up."),
            _ => Done(Here, $"{number} has an account already, and can sign in."),
        };
    }

    private async Task<IActionResult> RefusedAsync(string why, CancellationToken cancellation)
    {
        Refuse(why);
        await FillAsync(null, cancellation);
        return Page();
    }

    private async Task FillAsync(long? after, CancellationToken cancellation)
    {
        var found = await figures.ListAsync(Sought, after, cancellation);
        Lines = [.. found.Take(PeopleFigures.Shown)];
        if (found.Count > PeopleFigures.Shown) Next = $"{Here}?{(Sought.Length == 0 ? "" : $"q={Uri.EscapeDataString(Sought)}&")}after={Lines[^1].Person.Id}";
    }
}
