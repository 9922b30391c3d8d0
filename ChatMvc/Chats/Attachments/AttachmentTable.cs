using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Chats.Attachments;

internal sealed class AttachmentTable : IEntityTypeConfiguration<Attachment>
{
    public void Configure(EntityTypeBuilder<Attachment> attachment)
    {
        attachment.HasIndex(a => a.Key).IsUnique();
        attachment.Property(a => a.Key).HasMaxLength(Attachment.KeyLength);
        attachment.Property(a => a.Name).HasMaxLength(Attachment.MaxName);
        attachment.HasOne<User>().WithMany().HasForeignKey(a => a.UserId);
        attachment.HasOne<Message>().WithMany().HasForeignKey(a => a.MessageId).OnDelete(DeleteBehavior.Cascade);
    }
}
