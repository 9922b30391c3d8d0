using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.Contexts;

/// <summary>One to choose from.</summary>
public sealed record ContextChoice(long Id, string Name, bool IsDefault);

/// <summary>One with the text that it has now.</summary>
public sealed record ContextLine(long Id, string Name, bool IsDefault, string Text);

/// <summary>A person's contexts, in their order. What is not theirs does not exist.</summary>
public sealed class ContextList(ChatDb db, CurrentUser me, TimeProvider time)
{
    /// <summary>Deleted ones can be had back for so long; then those go that nothing was asked under.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private static readonly Func<ChatDb, long, IAsyncEnumerable<ContextChoice>> Choices =
        EF.CompileAsyncQuery((ChatDb db, long userId) => db.Contexts.Where(c => c.UserId == userId && c.DeletedAt == null)
            .OrderBy(c => c.Position).ThenBy(c => c.Id).Select(c => new ContextChoice(c.Id, c.Name, c.IsDefault)).Take(Context.MaxEach));

    private static readonly Func<ChatDb, long, CancellationToken, Task<long?>> NewestVersion =
        EF.CompileAsyncQuery((ChatDb db, long contextId, CancellationToken _) => db.ContextVersions
            .Where(v => v.ContextId == contextId && db.Contexts.Any(c => c.Id == contextId && c.DeletedAt == null))
            .Max(v => (long?)v.Id));

    public ValueTask<List<ContextChoice>> ChoicesAsync() => Choices(db, me.Id).ToListAsync();

    public Task<List<ContextLine>> LinesAsync(CancellationToken cancellation) => Mine.OrderBy(c => c.Position).ThenBy(c => c.Id)
        .Select(c => new ContextLine(c.Id, c.Name, c.IsDefault, c.Versions.OrderByDescending(v => v.Id).First().Text)).ToListAsync(cancellation);

    public Task<ContextLine?> FindAsync(long id, CancellationToken cancellation) => Mine.Where(c => c.Id == id)
        .Select(c => new ContextLine(c.Id, c.Name, c.IsDefault, c.Versions.OrderByDescending(v => v.Id).First().Text)).SingleOrDefaultAsync(cancellation);

    public Task<bool> IsMineAsync(long id, CancellationToken cancellation) => Mine.AnyAsync(c => c.Id == id, cancellation);

    /// <summary>The version that a question asked now is asked under; null without a context, or when that was deleted.</summary>
    public static async Task<long?> InForceAsync(ChatDb db, long? contextId, CancellationToken cancellation) =>
        contextId is { } id ? await NewestVersion(db, id, cancellation) : null;

    /// <summary>Reads a form's choice: nothing chosen is the default, an empty one is none.</summary>
    /// <returns>Whether it is one of theirs, or none; and which.</returns>
    public async Task<(bool IsKnown, long? Id)> ReadAsync(string? chosen, CancellationToken cancellation) => chosen switch
    {
        null => (true, (await ChoicesAsync()).Find(c => c.IsDefault)?.Id),
        "" => (true, null),
        _ => long.TryParse(chosen, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && await IsMineAsync(id, cancellation) ? (true, id) : (false, null),
    };

    /// <summary>Adds one at the end; null when there are as many as may be.</summary>
    public Task<Context?> AddAsync(TypedContext typed, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await Mine.CountAsync(cancellation) >= Context.MaxEach) return null;
        var last = await Mine.MaxAsync(c => (int?)c.Position, cancellation) ?? -1;
        var context = new Context(me.User, typed, last + 1, time.GetUtcNow());
        db.Contexts.Add(context);
        return context;
    }, cancellation);

    public Task<bool> EditAsync(long id, TypedContext typed, CancellationToken cancellation) => ChangeAsync(id, async context =>
    {
        var isRenamed = context.Name != typed.Name;
        context.Edit(typed, time.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        if (isRenamed) await TellRoomsAsync(id, cancellation);
        await ForgetUnusedVersionsAsync(id, context.Versions[^1].Id, cancellation);
    }, cancellation);

    /// <summary>Puts it before or behind its neighbour.</summary>
    /// <param name="id">One of theirs.</param>
    /// <param name="by">−1 or 1.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task<bool> MoveAsync(long id, int by, CancellationToken cancellation) => ChangeAsync(id, async context =>
    {
        var all = await Mine.OrderBy(c => c.Position).ThenBy(c => c.Id).ToListAsync(cancellation);
        var (from, to) = (all.IndexOf(context), Math.Clamp(all.IndexOf(context) + by, 0, all.Count - 1));
        (all[from], all[to]) = (all[to], all[from]);
        for (var i = 0; i < all.Count; i++) all[i].MoveTo(i);
    }, cancellation);

    public Task<bool> SetDefaultAsync(long id, bool whether, CancellationToken cancellation) => ChangeAsync(id, async context =>
    {
        foreach (var other in await Mine.Where(c => c.IsDefault).ToListAsync(cancellation)) other.StartNewChats(false);
        context.StartNewChats(whether);
    }, cancellation);

    public Task<bool> DeleteAsync(long id, CancellationToken cancellation) => ChangeAsync(id, async context =>
    {
        context.Delete(time.GetUtcNow());
        await ForgetOldAsync(cancellation);
    }, cancellation);

    /// <summary>Undoes a deletion; false when there is none, or no room for it any more.</summary>
    public Task<bool> RestoreAsync(long id, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        var context = await db.Contexts.SingleOrDefaultAsync(c => c.Id == id && c.UserId == me.Id, cancellation);
        if (context is null || context.DeletedAt is not null && await Mine.CountAsync(cancellation) >= Context.MaxEach) return false;
        if (context.IsDefault && await Mine.AnyAsync(c => c.IsDefault && c.Id != id, cancellation)) context.StartNewChats(false);
        context.Restore();
        return true;
    }, cancellation);

    private IQueryable<Context> Mine => db.Contexts.Where(c => c.UserId == me.Id && c.DeletedAt == null);

    private Task<bool> ChangeAsync(long id, Func<Context, Task> change, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await Mine.Include(c => c.Versions.OrderByDescending(v => v.Id).Take(1)).SingleOrDefaultAsync(c => c.Id == id, cancellation) is not { } context) return false;
        await change(context);
        return true;
    }, cancellation);

    // Rooms show its name where it came into force, in articles that are kept by their revision.
    private async Task TellRoomsAsync(long id, CancellationToken cancellation)
    {
        const string marked = """
            m."Role" = 'User' AND m."ContextVersionId" IN (SELECT "Id" FROM "ContextVersions" WHERE "ContextId" = {0})
            AND m."ContextVersionId" IS NOT (SELECT p."ContextVersionId" FROM "Messages" p WHERE p."Id" = m."ParentId")
            """;
        await db.Database.ExecuteSqlRawAsync($"""UPDATE "Chats" SET "Revision" = "Revision" + 1 WHERE "Id" IN (SELECT m."ChatId" FROM "Messages" m WHERE {marked})""", [id], cancellation);
        await db.Database.ExecuteSqlRawAsync($"""UPDATE "Messages" AS m SET "Revision" = (SELECT c."Revision" FROM "Chats" c WHERE c."Id" = m."ChatId") WHERE {marked}""", [id], cancellation);
    }

    private Task<int> ForgetUnusedVersionsAsync(long id, long newest, CancellationToken cancellation) => db.ContextVersions
        .Where(v => v.ContextId == id && v.Id != newest && !db.Messages.Any(m => m.ContextVersionId == v.Id)).ExecuteDeleteAsync(cancellation);

    private Task<int> ForgetOldAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - Kept;
        return db.Contexts.Where(c => c.UserId == me.Id && c.DeletedAt < before && !c.Versions.Any(v => db.Messages.Any(m => m.ContextVersionId == v.Id))).ExecuteDeleteAsync(cancellation);
    }
}
