using ChatMvc.Accounts;

namespace ChatMvc.Control;

/// <summary>What commands do to the database, in the server or, where none runs, in the command's own process.</summary>
internal static class ControlCommands
{
    public const string InviteUser = "user invite";

    public static Task<ControlAnswer> RunAsync(IServiceProvider services, ControlRequest request, CancellationToken cancellation) => request.Command switch
    {
        InviteUser => InviteAsync(services, request.Phone, cancellation),
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

    private static bool IsNumber(string phone, out PhoneNumber number)
    {
        number = PhoneNumber.TryParse(phone, "", out var read) && read.Value.ToString() == phone ? read.Value : default;
        return number != default;
    }
}
