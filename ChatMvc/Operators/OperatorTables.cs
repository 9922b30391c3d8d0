using ChatMvc.Operators.Access;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.Models;
using ChatMvc.Operators.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Operators;

internal sealed class OperatorGrantTable : IEntityTypeConfiguration<OperatorGrant>
{
    public void Configure(EntityTypeBuilder<OperatorGrant> grant) => grant.HasKey(g => g.Phone);
}

internal sealed class AuditTable : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.HasIndex(e => e.Subject);
        entry.Property(e => e.Before).HasMaxLength(AuditEntry.MaxWords);
        entry.Property(e => e.After).HasMaxLength(AuditEntry.MaxWords);
        entry.Property(e => e.Reason).HasMaxLength(AuditEntry.MaxWords);
    }
}

internal sealed class ServerFactTable : IEntityTypeConfiguration<ServerFact>
{
    public void Configure(EntityTypeBuilder<ServerFact> fact)
    {
        fact.HasKey(f => f.Name);
        fact.Property(f => f.Value).HasMaxLength(ServerFact.MaxValue);
    }
}

internal sealed class OfferedModelTable : IEntityTypeConfiguration<OfferedModel>
{
    public void Configure(EntityTypeBuilder<OfferedModel> model) => model.Property(m => m.Name).HasMaxLength(OfferedModel.MaxName);
}

internal sealed class CatalogEntryTable : IEntityTypeConfiguration<CatalogEntry>
{
    public void Configure(EntityTypeBuilder<CatalogEntry> entry)
    {
        entry.HasKey(e => e.Pattern);
        entry.HasMany(e => e.Prices).WithOne().HasForeignKey(p => p.Pattern);
    }
}

internal sealed class CatalogPriceTable : IEntityTypeConfiguration<CatalogPrice>
{
    public void Configure(EntityTypeBuilder<CatalogPrice> price) => price.HasIndex(p => new { p.Pattern, p.From }).IsUnique();
}
