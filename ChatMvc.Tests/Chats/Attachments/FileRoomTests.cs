using System.Text;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>What one person may leave lying here, unsent.</summary>
public sealed class FileRoomTests
{
    [Fact]
    public async Task Posts_at_once_have_no_more_room_for_files_than_one_after_the_other()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        var files = Enumerable.Range(0, 10).Select(i => ($"{i}.txt", Encoding.UTF8.GetBytes("Words"))).ToArray();

        var refused = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => maya.SendFilesAsync(form, " ", files)));

        Assert.All(refused, r => Assert.Equal(422, r.Status));
        Assert.Equal(50, await app.ReadAsync(db => db.Attachments.CountAsync()));
        Assert.Equal(5, refused.Count(r => r.Notice("error")!.Contains("50 of your files wait", StringComparison.Ordinal)));
        Assert.Equal(50, Directory.GetFiles(Path.Combine(app.Folder, "uploads")).Length);
    }
}
