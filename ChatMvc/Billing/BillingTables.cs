using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Billing;

internal sealed class AllowanceUseTable : IEntityTypeConfiguration<AllowanceUse>
{
    public void Configure(EntityTypeBuilder<AllowanceUse> use)
    {
        use.HasOne<User>().WithMany().HasForeignKey(u => u.UserId);
        // No foreign key to the message: a deleted chat gives nothing back.
        use.HasIndex(u => u.AnswerId).IsUnique();
        use.HasIndex(u => new { u.UserId, u.TakenAt });
    }
}
