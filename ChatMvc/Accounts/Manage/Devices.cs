using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>The devices that are signed in to one account.</summary>
/// <param name="Newest">At most <see cref="Devices.Shown"/> of them, last seen first.</param>
/// <param name="Count">Of all.</param>
public sealed record SignedInDevices(IReadOnlyList<Session> Newest, int Count);

/// <summary>Lists the devices of the person who asks and signs them out; what they follow ends with them.</summary>
public sealed class Devices(ChatDb db, CurrentUser me, SessionSettings settings, SessionStreams streams, TimeProvider time)
{
    public const int Shown = 50;

    public async Task<SignedInDevices> ListAsync(CancellationToken cancellation)
    {
        var newest = await Mine.AsNoTracking().OrderByDescending(s => s.Id == me.SessionId).ThenByDescending(s => s.LastSeenAt).ThenByDescending(s => s.Id)
            .Take(Shown).ToListAsync(cancellation);
        return new SignedInDevices(newest, newest.Count < Shown ? newest.Count : await Mine.CountAsync(cancellation));
    }

    /// <summary>Signs one device out; false when it is not one of this person's.</summary>
    public async Task<bool> EndAsync(long session, CancellationToken cancellation) =>
        await EndAsync(Mine.Where(s => s.Id == session), cancellation) > 0;

    public Task EndOthersAsync(CancellationToken cancellation) => EndAsync(Mine.Where(s => s.Id != me.SessionId), cancellation);

    public Task EndAllAsync(CancellationToken cancellation) => EndAsync(Mine, cancellation);

    private IQueryable<Session> Mine
    {
        get
        {
            var (id, now, seen) = (me.Id, time.GetUtcNow(), time.GetUtcNow() - settings.Idle);
            return db.Sessions.Where(s => s.UserId == id && s.RevokedAt == null && s.ExpiresAt > now && s.LastSeenAt > seen);
        }
    }

    private async Task<int> EndAsync(IQueryable<Session> sessions, CancellationToken cancellation)
    {
        var ended = await db.WriteAsync(async () =>
        {
            var found = await sessions.ToListAsync(cancellation);
            found.ForEach(s => s.Revoke(time.GetUtcNow()));
            return found;
        }, cancellation);
        streams.End(ended.Select(s => s.Id));
        return ended.Count;
    }
}
