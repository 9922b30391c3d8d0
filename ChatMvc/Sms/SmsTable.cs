using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Sms;

internal sealed class SmsTable : IEntityTypeConfiguration<SmsMessage>
{
    public void Configure(EntityTypeBuilder<SmsMessage> sms)
    {
        sms.HasIndex(s => s.CreatedAt);
        sms.HasIndex(s => s.Sid).HasFilter("Sid IS NOT NULL");
        sms.HasIndex(s => s.State).HasFilter("State IN ('Waiting', 'Sending')");
    }
}

internal sealed class SmsBlockTable : IEntityTypeConfiguration<SmsBlock>
{
    public void Configure(EntityTypeBuilder<SmsBlock> block) => block.HasKey(b => b.Phone);
}
