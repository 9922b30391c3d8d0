using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Billing.Ledger;

internal sealed class LedgerTable : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> entry)
    {
        // The person's row stays when the person goes; no foreign key to the message, which does not.
        entry.HasOne<User>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.Restrict);
        entry.HasIndex(e => new { e.UserId, e.LiveMode, e.Id });
        entry.HasIndex(e => new { e.AnswerId, e.Kind }).IsUnique().HasFilter("AnswerId IS NOT NULL");
        entry.HasIndex(e => new { e.Kind, e.Reference }).IsUnique().HasFilter("Reference IS NOT NULL");
        entry.Property(e => e.Reason).HasMaxLength(LedgerEntry.MaxReason);
    }
}

internal sealed class DailyCostTable : IEntityTypeConfiguration<DailyCost>
{
    public void Configure(EntityTypeBuilder<DailyCost> cost) => cost.HasKey(c => new { c.UserId, c.Day });
}
