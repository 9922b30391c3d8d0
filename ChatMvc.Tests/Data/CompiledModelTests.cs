using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace ChatMvc.Tests.Data;

/// <summary>The start does not build the model from the entities but takes the one generated into <c>Data/Compiled</c>.</summary>
public sealed class CompiledModelTests
{
    [Fact]
    public void It_says_what_the_entities_say()
    {
        var options = new DbContextOptionsBuilder<ChatDb>();
        DataSetup.UseSqlite(options, "never-opened.db");
        using var db = new ChatDb(options.Options);

        Assert.IsAssignableFrom<RuntimeModel>(db.Model);
        Assert.Equal("ChatDbModel", db.Model.GetType().Name);
        Assert.Equal(Described(db.GetService<IDesignTimeModel>().Model), Described(db.Model));
    }

    private static string Described(IModel model) => string.Join("\n", model.GetEntityTypes().OrderBy(e => e.Name).SelectMany(Lines));

    private static IEnumerable<string> Lines(IEntityType entity) =>
    [
        $"{entity.ShortName()} in {entity.GetTableName()}",
        .. entity.GetProperties().Select(p => $"  {p} is {p.GetColumnName()} {p.GetColumnType()}, converted by {Converter(p)}, generated {p.ValueGenerated}").Order(),
        .. entity.GetKeys().Select(k => $"  {k}").Order(),
        .. entity.GetForeignKeys().Select(f => $"  {f} {f.DeleteBehavior}").Order(),
        .. entity.GetNavigations().Select(n => $"  {n}").Order(),
        .. entity.GetIndexes().Select(i => $"  {i} {i.GetDatabaseName()}").Order(),
    ];

    private static string Converter(IProperty property) => $"{property.GetValueConverter()?.GetType() ?? property.FindTypeMapping()?.Converter?.GetType()}";
}
