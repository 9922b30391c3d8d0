using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Chats.Contexts;

internal sealed class ContextTable : IEntityTypeConfiguration<Context>
{
    public void Configure(EntityTypeBuilder<Context> context)
    {
        context.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
        context.HasMany(c => c.Versions).WithOne().HasForeignKey(v => v.ContextId);
    }
}
