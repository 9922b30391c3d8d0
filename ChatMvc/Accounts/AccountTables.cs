using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Accounts;

internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.HasIndex(u => u.Phone).IsUnique();
        user.Property(u => u.DisplayName).HasMaxLength(User.MaxDisplayName);
    }
}

internal sealed class SessionTable : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> session)
    {
        session.HasIndex(s => s.KeyHash).IsUnique();
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
    }
}
