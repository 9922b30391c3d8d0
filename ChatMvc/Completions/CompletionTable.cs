using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Completions;

internal sealed class CompletionTable : IEntityTypeConfiguration<Completion>
{
    public void Configure(EntityTypeBuilder<Completion> completion)
    {
        // No foreign keys: what was paid upstream stays on the books when the chat is gone.
        completion.HasIndex(c => new { c.MessageId, c.Kind, c.Attempt }).IsUnique();
        completion.HasIndex(c => new { c.UserId, c.StartedAt });
    }
}
