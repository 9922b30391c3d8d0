using System.CommandLine;
using ChatMvc.Operators;
using ChatMvc.Operators.Examination;

namespace ChatMvc.Control;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var offline = new Option<bool>("--offline") { Description = "Ask no vendor." };
        return new Command("doctor", "Examines the settings, the files and who may read them, the database and its books, the vendors' keys by a harmless call each, whether webhooks arrive, the clock, the disk and the backups. It changes nothing, also beside a running server. Exit code 0: nothing is wrong.") { offline }
            .Does((typed, settings) => ExamineAsync(settings, typed.GetValue(offline)));
    }

    private static async Task<int> ExamineAsync(string[] settings, bool offline)
    {
        var wrong = 0;
        await foreach (var finding in Doctor.ExamineAsync(settings, offline))
        {
            if (finding.Verdict == Verdict.Wrong) wrong++;
            await CommandLine.SayAsync(finding.ToString());
        }
        return wrong == 0
            ? await CommandLine.SayAsync("Nothing is wrong.")
            : await CommandLine.RefuseAsync($"Wrong: {wrong}.", CommandLine.CannotBeDone);
    }
}
