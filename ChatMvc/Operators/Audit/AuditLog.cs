using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Audit;

/// <summary>Writes down what operators do. No message's text and no secret belongs into a deed.</summary>
public sealed class AuditLog(ChatDb db, CurrentUser me, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>Adds an entry, inside the write that does what it says.</summary>
    public void Note(Deed deed) => db.AuditEntries.Add(new AuditEntry(Doer, deed, time.GetUtcNow()));

    /// <summary>Writes an entry for what changes nothing in this database.</summary>
    public Task NoteAsync(Deed deed, CancellationToken cancellation) => db.WriteAsync(() =>
    {
        Note(deed);
        return Task.CompletedTask;
    }, cancellation);

    private Actor Doer => me.IsSignedIn ? new Actor(me.Id, me.User.Phone, ClientAddress.Of(http.HttpContext!)) : Actor.CommandLine;
}
