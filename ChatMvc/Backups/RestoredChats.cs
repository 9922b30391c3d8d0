using ChatMvc.Accounts;
using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Operators.State;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Backups;

/// <summary>
/// What was on its way when a backup was made has long arrived, or not: nobody knows here. So nothing is sent, asked or
/// handed out a second time; and Stripe, which knows, is asked at the next start.
/// </summary>
internal static class RestoredChats
{
    /// <summary>As long as a reconciliation holds.</summary>
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <param name="db">A database that nobody serves yet.</param>
    /// <param name="backup">Which it comes from; it is the newest now.</param>
    /// <param name="now">The moment.</param>
    public static void Settle(ChatDb db, BackupMade backup, DateTimeOffset now)
    {
        using var transaction = db.Database.BeginTransaction();
        EndAnswers(db);
        db.OneTimeCodes.Where(c => c.RedeemedAt == null && c.RetiredAt == null).ExecuteUpdate(set => set.SetProperty(c => c.RetiredAt, now));
        EndTextMessages(db);
        // Their files are in no backup.
        db.AccountExports.ExecuteDelete();
        ForgetReconciliations(db, now);
        db.ServerFacts.Where(f => f.Name == ServerFacts.LastBackup).ExecuteDelete();
        db.ServerFacts.Add(new ServerFact(ServerFacts.LastBackup, backup.Fact, now));
        db.SaveChanges();
        transaction.Commit();
    }

    // Without a request left to spend, the next start ends them as it ends those that it lost twice: failed, with what they
    // have, nothing paid, and a way to ask again.
    private static void EndAnswers(ChatDb db) => db.Messages.Where(m => m.State == MessageState.Queued || m.State == MessageState.Streaming)
        .ExecuteUpdate(set => set.SetProperty(m => m.Interruptions, m => m.Attempt - Message.MaxRequests)
            .SetProperty(m => m.LeaseUntil, (DateTimeOffset?)null).SetProperty(m => m.NotBefore, (DateTimeOffset?)null));

    private static void EndTextMessages(ChatDb db)
    {
        db.SmsMessages.Where(s => s.State == SmsState.Waiting)
            .ExecuteUpdate(set => set.SetProperty(s => s.State, SmsState.Failed).SetProperty(s => s.ProtectedBody, (byte[]?)null));
        db.SmsMessages.Where(s => s.State == SmsState.Sending)
            .ExecuteUpdate(set => set.SetProperty(s => s.State, SmsState.Unknown).SetProperty(s => s.ProtectedBody, (byte[]?)null));
    }

    // As if they had been cut off: the next start makes up for them, from the last one before.
    private static void ForgetReconciliations(ChatDb db, DateTimeOffset now)
    {
        var yesterday = now - Day;
        db.Reconciliations.Where(r => r.StartedAt > yesterday).ExecuteUpdate(set => set.SetProperty(r => r.FinishedAt, (DateTimeOffset?)null));
    }
}
