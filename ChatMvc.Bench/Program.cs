using ChatMvc.Bench;
using ChatMvc.Bench.Figures;
using ChatMvc.Bench.Servers;

return args switch
{
    ["kills"] => await Kills.RunAsync(Kills.Default),
    ["kills", var n] when int.TryParse(n, out var kills) && kills is > 0 and <= Kills.Max => await Kills.RunAsync(kills),
    ["attack"] => await Attack.RunAsync(Attack.DefaultDays),
    ["attack", var n] when int.TryParse(n, out var days) && days is > 0 and <= Attack.MaxDays => await Attack.RunAsync(days),
    ["books"] => await Books.RunAsync(Books.Default),
    ["books", var n] when int.TryParse(n, out var steps) && steps is > 0 and <= Books.Max => await Books.RunAsync(steps),
    ["screenshot", .. var file] => await Screenshot.RunAsync(file is [var given, ..] ? given : Screenshot.Default),
    [StandIn.Command] => await StandIn.RunAsync(),
    _ => Measuring.Parse(args) is { } measuring ? await measuring.RunAsync() : Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"""
        dotnet run -c Release --project ChatMvc.Bench -- [COMMAND ...]

          figures NAME...    measure only these: {string.Join(' ', Figure.All.Select(f => f.Name))}
          runs N             how often each is measured after its warm-up ({Measuring.DefaultRuns})
          --app FOLDER       a published program to measure, in place of publishing the present one
          kills [N]          kill -9 the server N times at random ({Kills.Default}) under several people's sends; nothing may be lost or doubled
          attack [DAYS]      what guessing at codes comes to in a month ({Attack.DefaultDays} days), and whether the time of an answer tells of an account
          books [STEPS]      send, stop, fail, pay and take back at random, {Books.Default} times; the books have to balance
          screenshot [FILE]  make the README's picture ({Screenshot.Default}) from the real server in Chromium

        Without any of these all figures are measured, which takes about ten minutes.
        """);
    return 2;
}
