using ChatMvc.Accounts;
using ChatMvc.Chats.Contexts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Chats;

internal sealed class ChatTable : IEntityTypeConfiguration<Chat>
{
    public void Configure(EntityTypeBuilder<Chat> chat)
    {
        chat.HasIndex(c => c.Key).IsUnique();
        chat.Property(c => c.Key).HasMaxLength(Chat.KeyLength);
        chat.Property(c => c.Title).HasMaxLength(Chat.MaxTitle);
        chat.HasIndex(c => c.DeletedAt).HasFilter("DeletedAt IS NOT NULL");
        chat.HasMany(c => c.Members).WithOne(m => m.Chat).HasForeignKey(m => m.ChatId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ChatMemberTable : IEntityTypeConfiguration<ChatMember>
{
    public void Configure(EntityTypeBuilder<ChatMember> member)
    {
        member.HasKey(m => new { m.ChatId, m.UserId });
        member.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
        // The words of the filters are those of the queries: without them an index with a filter is not used.
        member.HasIndex(m => new { m.UserId, m.ActiveAt, m.ChatId }, "IX_ChatMembers_Active").HasFilter("ArchivedAt IS NULL");
        member.HasIndex(m => new { m.UserId, m.ArchivedAt, m.ChatId }, "IX_ChatMembers_Archived").HasFilter("ArchivedAt IS NOT NULL");
        member.HasIndex(m => new { m.UserId, m.PinnedAt }, "IX_ChatMembers_Pinned").HasFilter("PinnedAt IS NOT NULL");
        member.HasIndex(m => new { m.UserId, m.Folder, m.ActiveAt }, "IX_ChatMembers_Folder").HasFilter("Folder IS NOT NULL");
    }
}

internal sealed class MessageTable : IEntityTypeConfiguration<Message>
{
    public void Configure(EntityTypeBuilder<Message> message)
    {
        // AUTOINCREMENT: an id is never used again, so a child's id is always above its parent's.
        message.Property(m => m.Id).ValueGeneratedOnAdd();
        message.HasOne(m => m.Chat).WithMany().HasForeignKey(m => m.ChatId).OnDelete(DeleteBehavior.Cascade);
        // Not cascading: SQLite stops a chain of cascades at a depth of 1,000. A room's rows go in one statement.
        message.HasOne(m => m.Parent).WithMany().HasForeignKey(m => m.ParentId).OnDelete(DeleteBehavior.NoAction);
        message.HasOne<User>().WithMany().HasForeignKey(m => m.AuthorId);
        message.HasOne<ContextVersion>().WithMany().HasForeignKey(m => m.ContextVersionId);
        message.HasIndex(m => new { m.AuthorId, m.Nonce }).IsUnique().HasFilter("Nonce IS NOT NULL");
        message.HasIndex(m => new { m.ChatId, m.Revision });
        // The first messages of a room's branches: their parent is nobody, like that of each other room's.
        message.HasIndex(m => m.ChatId, "IX_Messages_First").HasFilter("ParentId IS NULL");
        // The sweep and the turn-taking look at unfinished answers alone: few rows among a million.
        message.HasIndex(m => new { m.AskedById, m.State }, "IX_Messages_Unfinished")
            .HasFilter("State IN ('Queued', 'Streaming')");
        // The fence: an update by a worker that lost its claim finds no row.
        message.Property(m => m.State).IsConcurrencyToken();
        message.Property(m => m.Attempt).IsConcurrencyToken();
    }
}

internal sealed class MessagePartTable : IEntityTypeConfiguration<MessagePart>
{
    public void Configure(EntityTypeBuilder<MessagePart> part)
    {
        part.HasKey(p => new { p.MessageId, p.Attempt, p.Sequence });
        part.HasOne<Message>().WithMany().HasForeignKey(p => p.MessageId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class SummaryTable : IEntityTypeConfiguration<Summary>
{
    public void Configure(EntityTypeBuilder<Summary> summary)
    {
        summary.HasOne<Chat>().WithMany().HasForeignKey(s => s.ChatId).OnDelete(DeleteBehavior.Cascade);
        summary.HasIndex(s => s.UpToId);
    }
}
