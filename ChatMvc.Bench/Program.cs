using ChatMvc.Bench;

return args switch
{
    ["kills"] => await Kills.RunAsync(Kills.Default),
    ["kills", var n] when int.TryParse(n, out var kills) && kills is > 0 and <= Kills.Max => await Kills.RunAsync(kills),
    ["screenshot", .. var file] => await Screenshot.RunAsync(file is [var given, ..] ? given : Screenshot.Default),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"""
        dotnet run --project ChatMvc.Bench -- COMMAND

          kills [N]    kill -9 the server N times at random ({Kills.Default}) under several people's sends; nothing may be lost or doubled
          screenshot [FILE]    make the README's picture ({Screenshot.Default}) from the real server in Chromium
        """);
    return 2;
}
