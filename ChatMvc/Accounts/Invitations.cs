using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>What came of inviting a number.</summary>
public enum Inviting { Invited, InvitedBefore, HasAccount }

/// <summary>Lets numbers in where <c>SignUp:Mode</c> is <c>invited</c>.</summary>
public sealed class Invitations(ChatDb db, AuditLog audit, TimeProvider time)
{
    public Task<Inviting> InviteAsync(PhoneNumber phone, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await db.Users.AnyAsync(u => u.Phone == phone.ToString(), cancellation)) return Inviting.HasAccount;
        if (await db.Invitations.AnyAsync(i => i.Phone == phone.ToString(), cancellation)) return Inviting.InvitedBefore;
        db.Invitations.Add(new Invitation(phone, time.GetUtcNow()));
        // The log is for ever, and the person may want to be forgotten.
        audit.Note(new Deed("invite", $"number {phone.Masked}", Before: "may not sign up", After: "may sign up"));
        return Inviting.Invited;
    }, cancellation);
}
