using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ChatMvc.Data;

/// <summary>Lets <c>dotnet ef</c> build the model without starting the server.</summary>
internal sealed class ChatDbDesign : IDesignTimeDbContextFactory<ChatDb>
{
    public ChatDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ChatDb>();
        DataSetup.UseSqlite(options, Path.Combine(Path.GetTempPath(), "chatmvc-design.db"));
        return new ChatDb(options.Options);
    }
}
