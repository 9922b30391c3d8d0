using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Operators.State;

namespace ChatMvc.Control;

/// <summary>What commands do to the database, in the server or, where none runs, in the command's own process.</summary>
internal static class ControlCommands
{
    public const string InviteUser = "user invite";
    public const string NoteBackup = "backup";

    public static Task<ControlAnswer> RunAsync(IServiceProvider services, ControlRequest request, CancellationToken cancellation) => request.Command switch
    {
        InviteUser => InviteAsync(services, request.Phone, cancellation),
        NoteBackup => NoteBackupAsync(services, request.Value ?? "", cancellation),
        _ => Task.FromResult(new ControlAnswer(false, "The server that runs knows no such command. Is it of another version?")),
    };

    private static async Task<ControlAnswer> InviteAsync(IServiceProvider services, string phone, CancellationToken cancellation)
    {
        if (!IsNumber(phone, out var number)) return new(false, "That is not a phone number.");
        var invitations = ActivatorUtilities.CreateInstance<Invitations>(services);
        return new(true, await invitations.InviteAsync(number, cancellation) switch
        {
            Inviting.Invited => $"{number} may sign up now.",
            Inviting.InvitedBefore => $"{number} was invited before, and may sign up.",
            _ => $"{number} has an account already, and can sign in.",
        });
    }

    private static async Task<ControlAnswer> NoteBackupAsync(IServiceProvider services, string fact, CancellationToken cancellation)
    {
        if (fact.Split(' ', 3) is not [var madeAt, var bytes, not ""] || fact.Length > ServerFact.MaxValue || !IsCount(madeAt) || !IsCount(bytes)) return new(false, "That is no backup.");
        await services.GetRequiredService<ServerFacts>().SetAsync(services.GetRequiredService<ChatDb>(), ServerFacts.LastBackup, fact, _ => { }, cancellation);
        return new(true, "It is noted.");
    }

    private static bool IsCount(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsNumber(string phone, out PhoneNumber number)
    {
        number = PhoneNumber.TryParse(phone, "", out var read) && read.Value.ToString() == phone ? read.Value : default;
        return number != default;
    }
}
