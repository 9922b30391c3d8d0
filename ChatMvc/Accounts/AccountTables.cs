using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Accounts;

internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.HasIndex(u => u.Phone).IsUnique();
        user.HasIndex(u => u.DeletedAt).HasFilter("DeletedAt IS NOT NULL");
        user.Property(u => u.DisplayName).HasMaxLength(User.MaxDisplayName);
    }
}

internal sealed class SessionTable : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> session)
    {
        session.HasIndex(s => s.KeyHash).IsUnique();
        session.HasIndex(s => s.RevokedAt).HasFilter("RevokedAt IS NOT NULL");
        session.HasOne(s => s.User).WithMany().HasForeignKey(s => s.UserId);
        session.Property(s => s.Device).HasMaxLength(Session.MaxDevice);
    }
}

internal sealed class OneTimeCodeTable : IEntityTypeConfiguration<OneTimeCode>
{
    public void Configure(EntityTypeBuilder<OneTimeCode> code)
    {
        code.HasIndex(c => new { c.BrowserHash, c.Purpose });
        code.HasIndex(c => new { c.Phone, c.CreatedAt });
        code.HasIndex(c => new { c.Address, c.CreatedAt });
        code.HasIndex(c => c.CreatedAt);
        code.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class InvitationTable : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> invitation) => invitation.HasKey(i => i.Phone);
}

internal sealed class PasswordGuessTable : IEntityTypeConfiguration<PasswordGuess>
{
    public void Configure(EntityTypeBuilder<PasswordGuess> guess)
    {
        guess.HasIndex(g => new { g.Phone, g.GuessedAt });
        guess.HasIndex(g => new { g.Address, g.GuessedAt });
    }
}

internal sealed class AccountExportTable : IEntityTypeConfiguration<AccountExport>
{
    public void Configure(EntityTypeBuilder<AccountExport> export)
    {
        export.HasIndex(e => e.Key).IsUnique();
        export.HasIndex(e => new { e.UserId, e.CreatedAt });
        export.HasOne<User>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class FormerUseTable : IEntityTypeConfiguration<FormerUse>
{
    public void Configure(EntityTypeBuilder<FormerUse> use)
    {
        use.HasIndex(u => u.PhoneMac);
        use.HasIndex(u => u.TakenAt);
    }
}
