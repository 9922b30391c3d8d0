using System.Text;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Load;

/// <summary>Whole pages of one person over HTTP, one at a time and by turns.</summary>
internal static class PageLoads
{
    public const int Rounds = 50;

    /// <summary>The median of each page's loads, in milliseconds.</summary>
    /// <exception cref="InvalidOperationException">A page was not <c>200</c>.</exception>
    public static async Task<List<double>> MediansAsync(Site site, Person person, params string[] pages)
    {
        using var line = HttpLine.Open(site.Port);
        var took = pages.Select(_ => new List<double>()).ToList();
        for (var n = 0; n < Rounds; n++)
        {
            for (var page = 0; page < pages.Length; page++)
            {
                var began = Clock.Now;
                var reply = await line.SendAsync(Requests.Get(site.Port, pages[page], person.SessionCookie));
                took[page].Add(Clock.Milliseconds(began, Clock.Now));
                if (reply.Status != 200) throw new InvalidOperationException($"{pages[page]} gave {reply.Status}:\n{Encoding.UTF8.GetString(reply.Body)}");
            }
        }
        return took.ConvertAll(t => t.Median());
    }
}
